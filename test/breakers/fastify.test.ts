import { expect } from 'chai'
import { createMetrics } from '../../src/init'
import { DefinitionError } from '../../src/model/errors'
import { BREAK_MS, TIMEOUT_MS } from '../instrument/breaker/breaker-harness'
import { samplesOf } from '../support/page'
import { RecordingLogger } from '../support/recording-logger'
import { FastifyHarness, PLUGIN } from './fastify-harness'

const OPEN = 'FST_ERR_CIRCUIT_BREAKER_OPEN'

describe('instrumentBreaker: @fastify/circuit-breaker', () => {
  let harness: FastifyHarness
  beforeEach(() => {
    harness = new FastifyHarness()
  })
  afterEach(() => harness.close())

  const instrument = (plugin: object = PLUGIN) => harness.metrics.instrumentBreaker(harness.app, { name: 'b', plugin })

  it('gives the same handle for the same application', async () => {
    await harness.register()
    const handle = instrument()
    expect(instrument()).to.equal(handle)
    expect(() => harness.instrument(harness.app, 'other')).to.throw(DefinitionError, 'got one instrumented as "b"')
  })

  it('measures guards that were made before it, but for the settings of their own', async () => {
    await harness.register()
    harness.route('/x')
    instrument()
    await harness.app.ready()
    await harness.succeed('/x', 20)
    for (let i = 0; i < 3; i++) await harness.fail('/x', 10)
    expect((await (await harness.send('/x')).answer).body).to.include(OPEN)
    expect(await harness.counts()).to.deep.equal({
      'state{}': 1,
      'calls_total{outcome="success"}': 1,
      'call_duration_seconds_sum{outcome="success"}': 0.02,
      'calls_total{outcome="failure"}': 3,
      'call_duration_seconds_sum{outcome="failure"}': 0.03,
      'rejections_total{reason="open"}': 1,
      'transitions_total{from="closed",to="open"}': 1,
    })
  })

  it('refuses an application that is ready, and leaves it as it was', async () => {
    await harness.register()
    await harness.app.ready()
    const { circuitBreaker } = harness.app
    expect(() => instrument()).to.throw(
      DefinitionError,
      /^Cannot instrument breaker "b": the application must take hooks, got ".*"\. Instrument it after its plugins are registered and before it is ready\.$/,
    )
    expect(harness.app.circuitBreaker).to.equal(circuitBreaker)
    expect(await harness.samples()).to.deep.equal({})
  })

  it('refuses an application without the plugin', async () => {
    expect(() => instrument()).to.throw(
      DefinitionError,
      'breaker must be one of opossum, cockatiel, mollitia, brakes or',
    )
    harness.app.decorate('circuitBreaker', (() => async () => {}) as never)
    expect(() => instrument(), 'a decorator of that name').to.throw(DefinitionError, 'breaker must be one of opossum')
  })

  it('refuses what are no options of the plugin', async () => {
    await harness.register()
    expect(() => instrument(3 as never)).to.throw(DefinitionError, 'plugin must be an object, got 3')
  })

  it('names the guards of each context apart', async () => {
    await harness.register()
    for (const name of ['b', 'other']) {
      await harness.app.register(async (context) => {
        harness.metrics.instrumentBreaker(context, { name, plugin: PLUGIN })
        harness.route(`/${name}`, {}, context)
      })
    }
    harness.route('/unmeasured')
    await harness.app.ready()
    for (let i = 0; i < 3; i++) await harness.fail('/other', 10)
    await harness.succeed('/b', 20)
    await harness.succeed('/unmeasured', 20)
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="success"}': 1,
      'call_duration_seconds_sum{outcome="success"}': 0.02,
      'state{breaker="other"}': 1,
      'calls_total{breaker="other",outcome="failure"}': 3,
      'call_duration_seconds_sum{breaker="other",outcome="failure"}': 0.03,
      'transitions_total{breaker="other",from="closed",to="open"}': 1,
    })
  })

  it('counts what onCircuitOpen and onTimeout of the plugin answer', async () => {
    const options = { ...PLUGIN, onCircuitOpen: async () => 'closed for today', onTimeout: async () => 'too slow' }
    await harness.register(options)
    instrument(options)
    harness.route('/x')
    await harness.app.ready()
    expect((await harness.succeed('/x', TIMEOUT_MS + 1)).body).to.equal('too slow')
    expect((await harness.fail('/x', 10)).status).to.equal(500)
    expect((await harness.fail('/x', 10)).body).to.equal('closed for today')
    expect((await (await harness.send('/x')).answer).body).to.equal('closed for today')
    expect(await harness.counts()).to.include({
      'state{}': 1,
      'calls_total{outcome="timeout"}': 1,
      'calls_total{outcome="failure"}': 2,
      'rejections_total{reason="open"}': 1,
      'fallbacks_total{}': 3,
      'transitions_total{from="closed",to="open"}': 1,
    })
  })

  it('counts a request once whose answer another hook turns into an error', async () => {
    await harness.register()
    instrument()
    harness.app.addHook('onSend', async () => {
      throw new Error('later')
    })
    harness.route('/x')
    await harness.app.ready()
    expect(await harness.succeed('/x', 20)).to.include({ status: 500 })
    const counts = await harness.counts()
    expect(counts).to.include({ 'calls_total{outcome="success"}': 1 })
    expect(counts).not.to.have.any.keys('calls_total{outcome="failure"}')
  })

  it('follows a late success, which closes the guard, and the timer that opens it half after all', async () => {
    await harness.register()
    instrument()
    harness.route('/x')
    await harness.app.ready()
    const late = await harness.send('/x')
    for (let i = 0; i < 3; i++) {
      const { answer } = await harness.send('/x')
      // The late one stands first in the queue of those that wait.
      harness.action.rotate()
      harness.action.reject(new Error('down'))
      harness.action.rotate()
      await answer
    }
    expect(await harness.state()).to.equal(1)
    harness.action.resolve('late')
    expect(await late.answer).to.include({ body: 'late' })
    expect(await harness.state()).to.equal(0)
    harness.tick(BREAK_MS)
    expect(await harness.state()).to.equal(2)
    expect(await harness.counts()).to.include({
      'transitions_total{from="closed",to="open"}': 1,
      'transitions_total{from="open",to="closed"}': 1,
      'transitions_total{from="closed",to="half_open"}': 1,
    })
  })

  it('is half-open by the first timer where a guard has opened again since', async () => {
    await harness.register()
    instrument()
    harness.route('/x', { timeout: 10 * BREAK_MS })
    await harness.app.ready()
    const requests = [
      await harness.send('/x'),
      await harness.send('/x'),
      await harness.send('/x'),
      await harness.send('/x'),
    ]
    for (let i = 0; i < 3; i++) harness.action.reject(new Error('down'))
    await Promise.all(requests.slice(0, 3).map(({ answer }) => answer))
    harness.tick(BREAK_MS * 0.6)
    harness.action.resolve('late')
    await requests[3]?.answer
    for (let i = 0; i < 3; i++) await harness.fail('/x', 1)
    expect(await harness.state()).to.equal(1)
    harness.tick(BREAK_MS * 0.4 - 3)
    expect(await harness.state()).to.equal(2)
    const trial = await harness.send('/x')
    expect(harness.action.calls, 'the guard is half-open, too').to.equal(8)
    harness.action.resolve('fine')
    await trial.answer
  })

  it('puts the state right by what requests tell where it was not told the settings, and says so', async () => {
    const logger = new RecordingLogger()
    const metrics = createMetrics({ exporters: [], http: false, runtime: false, logger })
    await harness.register({ ...PLUGIN, threshold: 2 })
    metrics.instrumentBreaker(harness.app, { name: 'b' })
    harness.route('/x')
    await harness.app.ready()
    const state = async () => samplesOf((await metrics.render()).body).get('circuit_breaker_state{breaker="b"}')
    for (let i = 0; i < 2; i++) await harness.fail('/x', 10)
    expect(await state()).to.equal(1)
    harness.tick(BREAK_MS)
    expect(await state(), 'it is half-open in truth').to.equal(1)
    await harness.succeed('/x', 10)
    expect(await state()).to.equal(0)
    // A timeout counts twice, and opens it: the next request is the first to tell.
    await harness.succeed('/x', TIMEOUT_MS + 1)
    expect((await (await harness.send('/x')).answer).body).to.include(OPEN)
    expect(await state()).to.equal(1)
    expect(logger.lines).to.deep.equal([
      'warn: Cannot follow breaker "b": threshold must be what the plugin was registered with, got 5. Pass the plugin\'s options as "plugin".',
    ])
    await metrics.shutdown()
  })

  it('leaves the application as it works when it is stopped', async () => {
    await harness.register()
    const descriptor = Object.getOwnPropertyDescriptor(harness.app, 'circuitBreaker')
    const handle = instrument()
    harness.route('/x', { onTimeout: async () => 'too slow' })
    await harness.app.ready()
    await harness.succeed('/x', 20)
    handle.stop()
    expect(Object.getOwnPropertyDescriptor(harness.app, 'circuitBreaker')).to.deep.equal(descriptor)
    expect((await harness.succeed('/x', TIMEOUT_MS + 1)).body).to.equal('too slow')
    for (let i = 0; i < 2; i++) await harness.fail('/x', 10)
    expect((await (await harness.send('/x')).answer).body).to.include(OPEN)
    expect(await harness.samples()).to.deep.equal({})
  })

  it('serves several services at once', async () => {
    const other = createMetrics({ exporters: [], http: false, runtime: false })
    await harness.register()
    instrument()
    other.instrumentBreaker(harness.app, { name: 'b', plugin: PLUGIN })
    harness.route('/x')
    await harness.app.ready()
    await harness.succeed('/x', 20)
    const wanted = 'circuit_breaker_calls_total{breaker="b",outcome="success"} 1'
    for (const service of [harness.metrics, other]) expect((await service.render()).body).to.include(wanted)
    await other.shutdown()
  })
})
