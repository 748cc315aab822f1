import { expect } from 'chai'
import { ConsecutiveBreaker, circuitBreaker, handleAll, retry, wrap } from 'cockatiel'
import CircuitBreaker from 'opossum'
import { createMetrics } from '../../../src/init'
import {
  type InstrumentBreakerOptions,
  instrumentBreaker,
  stopBreakers,
} from '../../../src/instrument/breaker/instrument-breaker'
import { DefinitionError } from '../../../src/model/errors'
import { settled } from '../../support/deferred'
import { collectGarbage } from '../../support/garbage'
import { samplesOf } from '../../support/page'

const cockatiel = () => circuitBreaker(handleAll, { halfOpenAfter: 1000, breaker: new ConsecutiveBreaker(1) })

describe('instrumentBreaker', () => {
  let metrics: ReturnType<typeof createMetrics>
  let breakers: CircuitBreaker[]

  beforeEach(() => {
    metrics = createMetrics({ serviceName: 'test', exporters: [], http: false, runtime: false })
    breakers = []
  })
  afterEach(async () => {
    for (const breaker of breakers) breaker.shutdown()
    await metrics.shutdown()
  })

  const opossum = () => {
    const breaker = new CircuitBreaker(async () => 'fine', { timeout: false, resetTimeout: 60_000 })
    breakers.push(breaker)
    return breaker
  }
  const instrument = (breaker: object, name = 'b') => instrumentBreaker(metrics, breaker, { name })
  const samples = async () =>
    new Map([...samplesOf((await metrics.render()).body)].filter(([series]) => series.startsWith('circuit_breaker_')))
  const state = async (name = 'b') => (await samples()).get(`circuit_breaker_state{breaker="${name}"}`)

  it('keeps breakers of several libraries and names apart', async () => {
    const a = opossum()
    instrument(a, 'a')
    instrument(cockatiel(), 'b')
    instrument(opossum(), 'c')
    a.open()
    expect([await state('a'), await state('b'), await state('c')]).to.deep.equal([1, 0, 0])
  })

  it('gives the same handle for the same breaker and name, and refuses another name', () => {
    for (const breaker of [opossum(), cockatiel()]) {
      const handle = instrument(breaker, 'b')
      expect(instrument(breaker, 'b')).to.equal(handle)
      expect(() => instrument(breaker, 'other')).to.throw(
        DefinitionError,
        'Cannot instrument breaker "other": breaker must not be instrumented yet, got one instrumented as "b". ' +
          'Call stop() on its handle first.',
      )
      handle.stop()
      instrument(breaker, 'other').stop()
    }
  })

  it('counts each event once, however often it was asked to', async () => {
    const breaker = opossum()
    for (let i = 0; i < 3; i++) instrument(breaker)
    await breaker.fire()
    expect((await samples()).get('circuit_breaker_calls_total{breaker="b",outcome="success"}')).to.equal(1)
  })

  it('adds up breakers of one name and shows the worst state, until the last of them is stopped', async () => {
    const [first, second] = [opossum(), opossum()]
    const handles = [instrument(first), instrument(second)]
    await first.fire()
    await second.fire()
    second.open()
    expect((await samples()).get('circuit_breaker_calls_total{breaker="b",outcome="success"}')).to.equal(2)
    expect(await state()).to.equal(1)
    handles[1]?.stop()
    expect(await state()).to.equal(0)
    expect((await samples()).get('circuit_breaker_calls_total{breaker="b",outcome="success"}')).to.equal(2)
    handles[0]?.stop()
    expect([...(await samples())]).to.deep.equal([])
  })

  it('orders states by how many calls they let through', async () => {
    // Its break is over at once, so that it is half-open while it waits for its next call.
    const halfOpen = circuitBreaker(handleAll, { halfOpenAfter: 0, breaker: new ConsecutiveBreaker(1) })
    const [closed, open, isolated] = [opossum(), opossum(), cockatiel()]
    for (const breaker of [open, halfOpen, closed, isolated]) instrument(breaker)
    expect(await state(), 'all closed').to.equal(0)
    await halfOpen.execute(() => Promise.reject(new Error('failed'))).catch(() => {})
    expect(await state(), 'one half-open').to.equal(2)
    open.open()
    expect(await state(), 'one open').to.equal(1)
    isolated.isolate()
    expect(await state(), 'one isolated').to.equal(3)
  })

  it('serves several services at once', async () => {
    const other = createMetrics({ serviceName: 'other', exporters: [], http: false, runtime: false })
    for (const breaker of [opossum(), cockatiel()]) {
      const handle = instrument(breaker)
      const otherHandle = instrumentBreaker(other, breaker, { name: 'b' })
      expect(otherHandle).not.to.equal(handle)
      handle.stop()
      const body = async () => (await other.render()).body
      expect(await body()).to.include('circuit_breaker_state{breaker="b"} 0')
      otherHandle.stop()
      expect(await body()).not.to.include('circuit_breaker_state{')
    }
    await other.shutdown()
  })

  it('stops all breakers of a service, and those of no other', async () => {
    const other = createMetrics({ serviceName: 'other', exporters: [], http: false, runtime: false })
    const [a, b] = [opossum(), cockatiel()]
    for (const [name, breaker] of Object.entries({ a, b, c: cockatiel() })) instrument(breaker, name)
    instrumentBreaker(other, a, { name: 'a' })
    stopBreakers(metrics)
    expect([...(await samples())]).to.deep.equal([])
    expect(b).not.to.have.own.property('execute')
    expect((await other.render()).body).to.include('circuit_breaker_state{breaker="a"} 0')
    stopBreakers(other)
    expect(a).not.to.have.own.property('call')
    await other.shutdown()
  })

  it('lets go of a breaker that the application has dropped, and its series leave', async () => {
    const use = async () => {
      const [dropped, alsoDropped] = [cockatiel(), new CircuitBreaker(async () => 'fine', { timeout: false })]
      instrument(dropped, 'dropped')
      instrument(alsoDropped, 'also dropped')
      await dropped.execute(() => 'fine')
      await alsoDropped.fire()
    }
    await use()
    expect([await state('dropped'), await state('also dropped')]).to.deep.equal([0, 0])
    await settled()
    collectGarbage()
    expect([...(await samples())]).to.deep.equal([])
  })

  it('refuses what is no breaker that it knows', () => {
    const wrong: unknown[] = [undefined, null, 'breaker', {}, () => {}, handleAll, wrap(retry(handleAll, {}))]
    for (const breaker of wrong) {
      expect(() => instrument(breaker as object)).to.throw(
        DefinitionError,
        /^Cannot instrument breaker "b": breaker must be one of opossum, cockatiel, mollitia, brakes or @fastify\/circuit-breaker, got /,
      )
    }
  })

  it('refuses a breaker without a name', () => {
    for (const [options, got] of [
      [undefined, 'undefined'],
      [{}, 'undefined'],
      [{ name: '' }, '""'],
      [{ name: 7 }, '7'],
    ] as const) {
      expect(() => instrumentBreaker(metrics, opossum(), options as unknown as InstrumentBreakerOptions)).to.throw(
        DefinitionError,
        `Cannot instrument breaker "${got.replaceAll('"', '')}": name must be a text, got ${got}. Write `,
      )
    }
  })

  it('refuses an option that there is not, and tells the nearest', () => {
    for (const [option, mend] of [
      ['plugins', 'Write "plugin".'],
      ['foo', 'Remove it or correct its name.'],
    ] as const) {
      const options: InstrumentBreakerOptions = { name: 'b', ...{ [option]: 1 } }
      expect(() => instrumentBreaker(metrics, opossum(), options))
        .to.throw(DefinitionError)
        .with.property(
          'message',
          `Cannot instrument breaker "b": an option must be one of name, adapter, plugin, got "${option}". ${mend}`,
        )
    }
  })

  it('refuses a breaker that cannot be changed, and leaves nothing behind', async () => {
    const listeners = (breaker: CircuitBreaker) => breaker.eventNames().map((event) => breaker.listenerCount(event))
    const sealed = Object.preventExtensions(opossum())
    const before = listeners(sealed)
    expect(() => instrument(sealed)).to.throw(DefinitionError, 'object must take new properties, got one that does not')
    expect(listeners(sealed)).to.deep.equal(before)
    expect(() => instrument(Object.freeze(cockatiel()))).to.throw(
      DefinitionError,
      'property execute must be changeable',
    )
    expect([...(await samples())]).to.deep.equal([])
  })
})
