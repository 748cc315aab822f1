import { expect } from 'chai'
import {
  bulkhead,
  CountBreaker,
  fallback,
  handleAll,
  handleType,
  handleWhen,
  retry,
  SamplingBreaker,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel'
import { DeferredFunction, settled } from '../../support/deferred'
import { collectGarbage } from '../../support/garbage'
import { BREAK_MS, BreakerHarness, cockatiel, ended, fail, Refused } from './breaker-harness'

/** A function that fails as fetch does when it is told to stop. */
const untilAborted = ({ signal }: { signal: AbortSignal }) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

describe('instrumentBreaker: cockatiel, and what its policies do', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('counts transitions in their order where a listener isolates the breaker when it opens', async () => {
    const breaker = cockatiel()
    let hold: { dispose(): void } | undefined
    breaker.onBreak((reason) => {
      if (reason !== null && !('isolated' in reason)) hold = breaker.isolate()
    })
    harness.instrument(breaker)
    for (let i = 0; i < 2; i++) await ended(breaker.execute(fail))
    expect(await harness.counts()).to.deep.equal({
      'state{}': 3,
      'calls_total{outcome="failure"}': 2,
      'transitions_total{from="closed",to="open"}': 1,
      'transitions_total{from="open",to="isolated"}': 1,
    })
    hold?.dispose()
    expect(await harness.counts()).to.include({ 'transitions_total{from="isolated",to="closed"}': 1 })
  })

  it('counts what a cooperative timeout stops as a timeout, and what the caller or the function stops as a failure', async () => {
    const breaker = cockatiel({ breaker: new CountBreaker({ threshold: 0.9, size: 100 }) })
    const policy = wrap(breaker, timeout(100, TimeoutStrategy.Cooperative))
    harness.instrument(policy)
    const slow = ended(policy.execute(untilAborted))
    harness.tick(100)
    expect(await slow).to.have.property('name', 'AbortError')

    const caller = new AbortController()
    const cancelled = ended(policy.execute(untilAborted, caller.signal))
    harness.tick(50)
    caller.abort()
    expect(await cancelled).to.have.property('name', 'AbortError')
    await ended(policy.execute(fail))
    expect(await harness.counts()).to.include({
      'calls_total{outcome="timeout"}': 1,
      'call_duration_seconds_sum{outcome="timeout"}': 0.1,
      'calls_total{outcome="failure"}': 2,
    })
  })

  it('counts as a failure what the caller cancels in an aggressive timeout, though its error speaks of a timeout', async () => {
    const policy = wrap(cockatiel(), timeout(100, TimeoutStrategy.Aggressive))
    harness.instrument(policy)
    const caller = new AbortController()
    const cancelled = ended(policy.execute(() => new Promise(() => {}), caller.signal))
    harness.tick(50)
    caller.abort()
    expect(await cancelled).to.have.property('message', 'Operation timed out after 100ms')
    expect(await harness.counts()).to.include({ 'calls_total{outcome="failure"}': 1 })
  })

  it('counts what the inner one of two timeouts stops as a timeout, and not what fails later with the same error', async () => {
    for (const strategy of [TimeoutStrategy.Aggressive, TimeoutStrategy.Cooperative]) {
      const breaker = cockatiel({ breaker: new CountBreaker({ threshold: 0.9, size: 100 }) })
      const policy = wrap(breaker, timeout(1000, strategy), timeout(100, strategy))
      const handle = harness.instrument(policy)
      const error = new Refused()
      const slow = ended(
        policy.execute(
          ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(error))),
        ),
      )
      harness.tick(100)
      await slow
      await ended(policy.execute(() => Promise.reject(error)))
      expect(await harness.counts(), strategy).to.include({
        'calls_total{outcome="timeout"}': 1,
        'calls_total{outcome="failure"}': 1,
      })
      handle.stop()
    }
  })

  it('counts the timeout of a policy that the function uses by itself', async () => {
    const breaker = cockatiel()
    const limit = timeout(100, TimeoutStrategy.Aggressive)
    harness.instrument(breaker)
    const slow = ended(breaker.execute(() => limit.execute(() => new Promise(() => {}))))
    harness.tick(100)
    await slow
    expect(await harness.counts()).to.include({ 'calls_total{outcome="timeout"}': 1 })
  })

  it('leaves a timeout around the breaker to whoever it belongs to', async () => {
    const policy = wrap(timeout(100, TimeoutStrategy.Aggressive), cockatiel())
    harness.instrument(policy)
    const action = new DeferredFunction<string>()
    const slow = ended(policy.execute(action.call))
    harness.tick(100)
    await slow
    expect(await harness.counts(), 'the call through the breaker is still under way').to.deep.equal({})
    action.resolve('fine')
    await settled()
    expect(await harness.counts()).to.include({ 'calls_total{outcome="success"}': 1 })
  })

  it('counts each attempt of a retry around the breaker', async () => {
    const policy = wrap(
      retry(
        handleWhen((error) => error instanceof Refused),
        { maxAttempts: 5 },
      ),
      cockatiel(),
    )
    harness.instrument(policy)
    const call = ended(policy.execute(fail))
    for (let i = 0; i < 5; i++) {
      await settled()
      harness.tick(1)
    }
    await call
    expect(await harness.counts()).to.include({
      'calls_total{outcome="failure"}': 2,
      'rejections_total{reason="open"}': 1,
    })
  })

  it('counts what handleWhen leaves alone as ignored, and follows a sampling breaker', async () => {
    const breaker = cockatiel(
      { breaker: new SamplingBreaker({ threshold: 0.5, duration: 1000, minimumRps: 2 }) },
      handleWhen((error) => !(error instanceof TypeError)),
    )
    harness.instrument(breaker)
    for (let i = 0; i < 20; i++) await ended(breaker.execute(() => Promise.reject(new TypeError('mine'))))
    expect(await harness.counts()).to.deep.equal({ 'calls_total{outcome="ignored"}': 20 })
    for (let i = 0; i < 40; i++) {
      harness.tick(20)
      await ended(breaker.execute(fail))
    }
    const counts = await harness.counts()
    expect(counts).to.include({ 'state{}': 1, 'transitions_total{from="closed",to="open"}': 1 })
    const ends = (counts['calls_total{outcome="failure"}'] ?? 0) + (counts['rejections_total{reason="open"}'] ?? 0)
    expect(ends).to.equal(40)
  })

  it('lets several trials through that halfOpenSampling asks for', async () => {
    const breaker = cockatiel({ halfOpenSampling: { calls: 3, threshold: 0.5 } })
    harness.instrument(breaker)
    for (let i = 0; i < 2; i++) await ended(breaker.execute(fail))
    harness.tick(BREAK_MS)
    await ended(breaker.execute(fail))
    expect(await harness.state()).to.equal(2)
    for (let i = 0; i < 2; i++) await breaker.execute(() => 'fine')
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="failure"}': 3,
      'calls_total{outcome="success"}': 2,
      'transitions_total{from="closed",to="open"}': 1,
      'transitions_total{from="open",to="half_open"}': 1,
      'transitions_total{from="half_open",to="closed"}': 1,
    })
  })

  it('measures another wrap around the same breaker, too', async () => {
    const breaker = cockatiel()
    const [first, second] = [bulkhead(1), bulkhead(1)]
    const handle = harness.instrument(wrap(first, breaker))
    const policy = wrap(fallback(handleAll, 'instead'), second, breaker)
    expect(harness.instrument(policy)).to.equal(handle)
    expect(harness.instrument(policy), 'once is enough').to.equal(handle)
    expect(await policy.execute(fail)).to.equal('instead')
    expect(await harness.counts()).to.include({ 'calls_total{outcome="failure"}': 1, 'fallbacks_total{}': 1 })
  })

  it('leaves no listener on a policy that outlives its breakers, though nobody collects metrics', async () => {
    const shared = fallback(handleType(Refused), 'instead')
    const listeners = () => Reflect.get(Reflect.get(Reflect.get(shared, 'executor'), 'failureEmitter'), 'size')
    const drop = async () => {
      for (let i = 0; i < 20; i++) {
        const policy = wrap(shared, cockatiel())
        harness.instrument(policy, `b${i}`)
        await policy.execute(fail)
      }
    }
    await drop()
    expect(listeners()).to.equal(20)
    await settled()
    collectGarbage()
    // What has been collected is told in a turn of its own.
    for (let turn = 0; turn < 3; turn++) await settled()
    expect(listeners()).to.equal(0)
    expect(await harness.samples()).to.deep.equal({})
  })

  it('keeps no breaker in memory for a policy whose own listeners know it', async () => {
    const drop = () => {
      const breaker = cockatiel()
      const around = fallback(handleAll, () => breaker.state)
      around.onFailure(() => breaker.toJSON())
      harness.instrument(wrap(around, breaker), 'dropped')
    }
    drop()
    await settled()
    collectGarbage()
    expect(await harness.samples()).to.deep.equal({})
  })
})
