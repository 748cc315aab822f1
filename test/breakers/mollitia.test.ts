import { once } from 'node:events'
import { expect } from 'chai'
import { BreakerState, Bulkhead, Circuit, Fallback, SlidingCountBreaker, SlidingTimeBreaker, Timeout } from 'mollitia'
import { DefinitionError } from '../../src/model/errors'
import { BREAK_MS, BreakerHarness, ended, fail, Refused } from '../instrument/breaker/breaker-harness'
import { DeferredFunction, settled } from '../support/deferred'

const OPTIONS = {
  slidingWindowSize: 2,
  minimumNumberOfCalls: 2,
  failureRateThreshold: 60,
  openStateDelay: BREAK_MS,
  permittedNumberOfCallsInHalfOpenState: 1,
}

/** Fails as a mollitia circuit's function does. */
const refuse = async () => fail()

describe('instrumentBreaker: mollitia', () => {
  let harness: BreakerHarness
  let circuits: Circuit[]
  beforeEach(() => {
    harness = new BreakerHarness()
    circuits = []
  })
  afterEach(async () => {
    for (const circuit of circuits) circuit.dispose()
    await harness.close()
  })

  const circuitOf = (modules: NonNullable<Circuit['modules']>, func: () => Promise<unknown> = async () => 'fine') => {
    const circuit = new Circuit({ options: { modules } }).fn(func)
    circuits.push(circuit)
    return circuit
  }

  it('shows a breaker that had opened before, and follows it from there', async () => {
    const breaker = new SlidingTimeBreaker({ ...OPTIONS, slidingWindowSize: 60_000 })
    const circuit = circuitOf([breaker], refuse)
    for (let i = 0; i < 2; i++) await ended(circuit.execute())
    harness.instrument(circuit)
    expect(await harness.counts()).to.deep.equal({ 'state{}': 1 })
    harness.tick(BREAK_MS)
    await settled()
    await circuit.fn(async () => 'fine').execute()
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="success"}': 1,
      'transitions_total{from="open",to="half_open"}': 1,
      'transitions_total{from="half_open",to="closed"}': 1,
    })
  })

  it('shows a breaker that was made open as its next caller will find it', async () => {
    const circuit = circuitOf([new SlidingCountBreaker({ ...OPTIONS, state: BreakerState.OPENED })])
    harness.instrument(circuit)
    expect(await harness.state()).to.equal(1)
    harness.tick(BREAK_MS)
    expect(await harness.state()).to.equal(2)
    expect(await circuit.execute()).to.equal('fine')
    expect(await harness.counts()).to.include({
      'calls_total{outcome="success"}': 1,
      'transitions_total{from="open",to="half_open"}': 1,
    })
  })

  it('counts a change of state that comes from a store which breakers share', async () => {
    const breaker = new SlidingCountBreaker(OPTIONS)
    const circuit = circuitOf([breaker])
    harness.instrument(circuit)
    breaker.getState = async () => ({ requests: [], state: { state: 'opened', timestamp: Date.now() } })
    await ended(circuit.execute())
    expect(await harness.counts()).to.deep.equal({
      'state{}': 1,
      'rejections_total{reason="open"}': 1,
      'transitions_total{from="closed",to="open"}': 1,
    })
  })

  it('is the same by its circuit and by itself, and adds up its circuits', async () => {
    const breaker = new SlidingCountBreaker(OPTIONS)
    const [first, second] = [
      circuitOf([breaker]),
      circuitOf([new Fallback({ callback: () => 'instead' }), breaker], refuse),
    ]
    const handle = harness.instrument(first)
    expect(harness.instrument(breaker)).to.equal(handle)
    expect(harness.instrument(second)).to.equal(handle)
    await first.execute()
    expect(await ended(second.execute())).to.equal('instead')
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="success"}': 1,
      'calls_total{outcome="failure"}': 1,
      'fallbacks_total{}': 1,
    })
  })

  it('counts the fallbacks and bulkheads that circuits share for the breaker whose call it was', async () => {
    const [fallback, bulkhead] = [
      new Fallback({ callback: () => 'instead' }),
      new Bulkhead({ concurrentSize: 1, queueSize: 0 }),
    ]
    const [b, other] = [new SlidingCountBreaker(OPTIONS), new SlidingCountBreaker(OPTIONS)]
    const action = new DeferredFunction<string>()
    const one = circuitOf([fallback, bulkhead, b], action.call)
    const two = circuitOf([fallback, bulkhead, other], action.call)
    harness.instrument(one)
    harness.instrument(two, 'other')
    const first = one.execute()
    await settled()
    expect(await ended(two.execute())).to.equal('instead')
    action.resolve('fine')
    expect(await first).to.equal('fine')
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="success"}': 1,
      'fallbacks_total{breaker="other"}': 1,
      'rejections_total{breaker="other",reason="semaphore"}': 1,
    })
  })

  it('counts what a bulkhead inside the breaker refuses, at once or after waiting, as a rejection', async () => {
    const action = new DeferredFunction<string>()
    const bulkhead = new Bulkhead({ concurrentSize: 1, queueSize: 1, maxQueueWait: 50 })
    const circuit = circuitOf(
      [new SlidingCountBreaker({ ...OPTIONS, minimumNumberOfCalls: 10 }), bulkhead],
      action.call,
    )
    harness.instrument(circuit)
    const calls = [circuit.execute(), ended(circuit.execute()), ended(circuit.execute())]
    await settled()
    harness.tick(50)
    await settled()
    action.resolve('fine')
    await Promise.all(calls)
    expect(await harness.counts()).to.include({
      'calls_total{outcome="success"}': 1,
      'rejections_total{reason="semaphore"}': 2,
    })
  })

  it('counts what a function throws before it has a promise as ignored, as mollitia does not count it', async () => {
    const breaker = new SlidingCountBreaker(OPTIONS)
    const circuit = circuitOf([breaker], fail)
    harness.instrument(circuit)
    for (let i = 0; i < 5; i++) expect(await ended(circuit.execute())).to.be.instanceOf(Refused)
    expect(await harness.counts()).to.deep.equal({ 'calls_total{outcome="ignored"}': 5 })
  })

  it("takes an application's own error for no timeout, whatever its text", async () => {
    const circuit = circuitOf([new SlidingCountBreaker({ ...OPTIONS, minimumNumberOfCalls: 5 })], () =>
      Promise.reject(new Error('Timed out')),
    )
    harness.instrument(circuit)
    await ended(circuit.execute())
    expect(await harness.counts()).to.deep.equal({ 'calls_total{outcome="failure"}': 1 })
  })

  it('counts half-open that takes too long as the transition back to open', async () => {
    const breaker = new SlidingCountBreaker({ ...OPTIONS, halfOpenStateMaxDelay: 500 })
    harness.instrument(circuitOf([breaker]))
    await breaker.open()
    harness.tick(BREAK_MS)
    await settled()
    expect(await harness.state()).to.equal(2)
    harness.tick(500)
    await settled()
    expect(await harness.counts()).to.deep.equal({
      'state{}': 1,
      'transitions_total{from="closed",to="open"}': 1,
      'transitions_total{from="open",to="half_open"}': 1,
      'transitions_total{from="half_open",to="open"}': 1,
    })
  })

  it('leaves nothing behind when it is stopped', async () => {
    const breaker = new SlidingCountBreaker(OPTIONS)
    const modules = [new Fallback({ callback: () => 'instead' }), new Bulkhead(), breaker, new Timeout()]
    const circuit = circuitOf(modules, refuse)
    const own = () => modules.map((module) => Object.getOwnPropertyDescriptors(module))
    const before = own()
    const handle = harness.instrument(circuit)
    handle.stop()
    handle.stop()
    expect(own()).to.deep.equal(before)
    harness.instrument(circuit).stop()
    await ended(circuit.execute())
    expect(await harness.samples()).to.deep.equal({})
  })

  it('leaves an unhandled rejection unhandled', async () => {
    const circuit = circuitOf(
      [new Fallback({ callback: (error) => error }), new Bulkhead(), new SlidingCountBreaker(OPTIONS)],
      refuse,
    )
    harness.instrument(circuit)
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    try {
      const unhandled = once(process, 'unhandledRejection')
      const promise = circuit.execute()
      const [reason, unhandledPromise] = await unhandled
      expect(reason).to.be.instanceOf(Refused)
      expect(unhandledPromise).to.equal(promise)
    } finally {
      for (const listener of listeners) process.on('unhandledRejection', listener)
    }
  })

  it('refuses a circuit without a breaker, or with several', () => {
    for (const count of [0, 2]) {
      const circuit = circuitOf(Array.from({ length: count }, () => new SlidingCountBreaker(OPTIONS)))
      expect(() => harness.instrument(circuit)).to.throw(
        DefinitionError,
        `Cannot instrument breaker "b": circuit must have one breaker among its modules, got ${count}. ` +
          `Instrument each SlidingCountBreaker or SlidingTimeBreaker under a name of its own.`,
      )
    }
  })
})
