import { once } from 'node:events'
import { expect } from 'chai'
import { BrokenCircuitError, CircuitState, handleType, IsolatedCircuitError, IterableBackoff } from 'cockatiel'
import { DeferredFunction, settled } from '../../support/deferred'
import { BREAK_MS, BreakerHarness, cockatiel, ended, fail, Refused } from './breaker-harness'

describe('instrumentBreaker: cockatiel', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('follows a life: closed, open, half-open, open, half-open, closed', async () => {
    const breaker = cockatiel()
    const action = new DeferredFunction<string>()
    harness.instrument(breaker)
    expect(await harness.samples()).to.include({
      'state{}': 0,
      'calls_total{outcome="success"}': 0,
      'fallbacks_total{}': 0,
    })

    const first = breaker.execute(action.call)
    harness.tick(20)
    action.resolve('fine')
    expect(await first).to.equal('fine')

    for (let i = 0; i < 2; i++) expect(await ended(breaker.execute(fail))).to.be.instanceOf(Refused)
    expect(await harness.state()).to.equal(1)
    expect(await ended(breaker.execute(action.call))).to.be.instanceOf(BrokenCircuitError)

    harness.tick(BREAK_MS - 1)
    expect(await harness.state()).to.equal(1)
    harness.tick(1)
    expect(breaker.state, 'as the library sees it until the next call').to.equal(CircuitState.Open)
    expect(await harness.state(), 'as the next call will find it').to.equal(2)
    expect(await ended(breaker.execute(fail))).to.be.instanceOf(Refused)
    expect(await harness.state()).to.equal(1)

    harness.tick(BREAK_MS)
    const trial = breaker.execute(action.call)
    expect(await harness.state()).to.equal(2)
    harness.tick(50)
    action.resolve('fine again')
    expect(await trial).to.equal('fine again')

    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="success"}': 2,
      'call_duration_seconds_sum{outcome="success"}': 0.07,
      'calls_total{outcome="failure"}': 3,
      'rejections_total{reason="open"}': 1,
      'transitions_total{from="closed",to="open"}': 1,
      'transitions_total{from="open",to="half_open"}': 2,
      'transitions_total{from="half_open",to="open"}': 1,
      'transitions_total{from="half_open",to="closed"}': 1,
    })
  })

  it('counts a call that waited for a trial by what became of it, once', async () => {
    const breaker = cockatiel()
    harness.instrument(breaker)
    for (let i = 0; i < 2; i++) await ended(breaker.execute(fail))
    harness.tick(BREAK_MS)
    const action = new DeferredFunction<string>()
    const trial = ended(breaker.execute(action.call))
    const waiting = ended(breaker.execute(action.call))
    action.reject(new Refused())
    expect(await trial).to.be.instanceOf(Refused)
    expect(await waiting).to.be.instanceOf(BrokenCircuitError)
    expect(action.calls).to.equal(1)
    expect(await harness.counts()).to.include({
      'calls_total{outcome="failure"}': 3,
      'rejections_total{reason="open"}': 1,
    })

    harness.tick(BREAK_MS)
    const second = breaker.execute(action.call)
    const passed = breaker.execute(action.call)
    action.resolve('fine')
    expect(await second).to.equal('fine')
    await settled()
    action.resolve('too')
    expect(await passed).to.equal('too')
    expect(await harness.counts()).to.include({
      'calls_total{outcome="success"}': 2,
      'rejections_total{reason="open"}': 1,
    })
  })

  it('shows a breaker that is isolated, and what it refuses', async () => {
    const breaker = cockatiel()
    harness.instrument(breaker)
    const hold = breaker.isolate()
    expect(await ended(breaker.execute(fail))).to.be.instanceOf(IsolatedCircuitError)
    expect(await harness.counts()).to.deep.equal({
      'state{}': 3,
      'rejections_total{reason="isolated"}': 1,
      'transitions_total{from="closed",to="isolated"}': 1,
    })
    hold.dispose()
    expect(await harness.counts()).to.include({ 'transitions_total{from="isolated",to="closed"}': 1 })
    expect(await harness.state()).to.equal(0)
  })

  it('shows a breaker that had opened before, and follows it from there', async () => {
    const breaker = cockatiel()
    for (let i = 0; i < 2; i++) await ended(breaker.execute(fail))
    harness.instrument(breaker)
    expect(await harness.counts()).to.deep.equal({ 'state{}': 1 })
    harness.tick(BREAK_MS)
    expect(await harness.counts()).to.deep.equal({ 'state{}': 2 })
    await breaker.execute(() => 'fine')
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="success"}': 1,
      'transitions_total{from="open",to="half_open"}': 1,
      'transitions_total{from="half_open",to="closed"}': 1,
    })
  })

  it('knows when a break is over whose length changes', async () => {
    const breaker = cockatiel({ halfOpenAfter: new IterableBackoff([100, 500]) })
    harness.instrument(breaker)
    for (let i = 0; i < 2; i++) await ended(breaker.execute(fail))
    harness.tick(100)
    expect(await harness.state()).to.equal(2)
    await ended(breaker.execute(fail))
    harness.tick(499)
    expect(await harness.state()).to.equal(1)
    harness.tick(1)
    expect(await harness.state()).to.equal(2)
  })

  it('shows a breaker that is brought back from its stored state', async () => {
    const stored = cockatiel()
    for (let i = 0; i < 2; i++) await ended(stored.execute(fail))
    harness.instrument(cockatiel({ initialState: stored.toJSON() }))
    expect(await harness.state()).to.equal(1)
    harness.tick(BREAK_MS)
    expect(await harness.state()).to.equal(2)
  })

  it('counts an error that the policy does not handle as ignored, and a result that it does as failure', async () => {
    const breaker = cockatiel(
      {},
      handleType(Refused).orWhenResult((result) => result === 'bad'),
    )
    harness.instrument(breaker)
    const other = new TypeError('mine')
    expect(await ended(breaker.execute(() => Promise.reject(other)))).to.equal(other)
    expect(await breaker.execute(() => 'bad')).to.equal('bad')
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="ignored"}': 1,
      'calls_total{outcome="failure"}': 1,
    })
  })

  it('leaves an unhandled rejection unhandled', async () => {
    const breaker = cockatiel()
    harness.instrument(breaker)
    const hold = breaker.isolate()
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    try {
      const unhandled = once(process, 'unhandledRejection')
      const promise = breaker.execute(fail)
      const [reason, unhandledPromise] = await unhandled
      expect(reason).to.be.instanceOf(IsolatedCircuitError)
      expect(unhandledPromise).to.equal(promise)
    } finally {
      for (const listener of listeners) process.on('unhandledRejection', listener)
      hold.dispose()
    }
  })

  it('records nothing any more once it is stopped, even in the midst of an event', async () => {
    const breaker = cockatiel()
    const stopFirst = breaker.onStateChange(() => handle.stop())
    const handle = harness.instrument(breaker)
    breaker.isolate()
    stopFirst.dispose()
    expect(await harness.samples()).to.deep.equal({})
  })
})
