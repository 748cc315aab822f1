import { mock } from 'node:test'
import { expect } from 'chai'
import { DeferredFunction, settled } from '../../support/deferred'
import { BREAK_MS, BreakerHarness, ended, Refused, TIMEOUT_MS } from './breaker-harness'

describe('instrumentBreaker: opossum', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('shows a breaker before its first call', async () => {
    harness.instrumentedOpossum(async () => {})
    expect(await harness.samples()).to.deep.equal({
      'state{}': 0,
      'calls_total{outcome="success"}': 0,
      'calls_total{outcome="failure"}': 0,
      'call_duration_seconds_sum{outcome="success"}': 0,
      'call_duration_seconds_sum{outcome="failure"}': 0,
      'rejections_total{reason="open"}': 0,
      'fallbacks_total{}': 0,
    })
  })

  it('follows a life: closed, open, half-open, open, half-open, closed', async () => {
    const action = new DeferredFunction<string>()
    const { breaker } = harness.instrumentedOpossum(action.call)
    const first = breaker.fire()
    harness.tick(20)
    action.resolve('fine')
    expect(await first).to.equal('fine')
    expect(await harness.state()).to.equal(0)

    const error = new Refused()
    for (let i = 0; i < 2; i++) {
      const failing = ended(breaker.fire())
      harness.tick(30)
      action.reject(error)
      expect(await failing).to.equal(error)
    }
    expect(breaker.opened).to.equal(true)
    expect(await harness.state()).to.equal(1)
    expect(await ended(breaker.fire())).to.include({ code: 'EOPENBREAKER' })

    harness.tick(BREAK_MS)
    expect(await harness.state()).to.equal(2)
    const trial = ended(breaker.fire())
    expect(await ended(breaker.fire()), 'while the trial is under way').to.include({ code: 'EOPENBREAKER' })
    action.reject(error)
    await trial
    expect(await harness.state()).to.equal(1)

    harness.tick(BREAK_MS)
    const lastTrial = breaker.fire()
    harness.tick(50)
    action.resolve('fine again')
    expect(await lastTrial).to.equal('fine again')

    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="success"}': 2,
      'call_duration_seconds_sum{outcome="success"}': 0.07,
      'calls_total{outcome="failure"}': 3,
      'call_duration_seconds_sum{outcome="failure"}': 0.06,
      'rejections_total{reason="open"}': 2,
      'transitions_total{from="closed",to="open"}': 1,
      'transitions_total{from="open",to="half_open"}': 2,
      'transitions_total{from="half_open",to="open"}': 1,
      'transitions_total{from="half_open",to="closed"}': 1,
    })
  })

  it('counts a timeout once, though failure follows it, and nothing for its late end', async () => {
    const action = new DeferredFunction<string>()
    const { breaker } = harness.instrumentedOpossum(action.call, { volumeThreshold: 10 })
    const call = ended(breaker.fire())
    harness.tick(TIMEOUT_MS)
    expect(await call).to.include({ code: 'ETIMEDOUT' })
    action.resolve('too late')
    await settled()
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="timeout"}': 1,
      'call_duration_seconds_sum{outcome="timeout"}': 0.1,
    })
  })

  it('counts a timeout once where errorFilter passes it as a success', async () => {
    const action = new DeferredFunction<string>()
    const { breaker } = harness.instrumentedOpossum(action.call, { errorFilter: () => true })
    const call = ended(breaker.fire())
    harness.tick(TIMEOUT_MS)
    await call
    expect(await harness.counts()).to.include({ 'calls_total{outcome="timeout"}': 1 })
    expect(await harness.counts()).not.to.include.any.keys(
      'calls_total{outcome="success"}',
      'calls_total{outcome="ignored"}',
    )
  })

  it('counts an error that errorFilter passes as ignored', async () => {
    const { breaker } = harness.instrumentedOpossum(() => Promise.reject(new Refused()), {
      errorFilter: (error: Error) => error instanceof Refused,
    })
    for (let i = 0; i < 3; i++) expect(await ended(breaker.fire())).to.be.instanceOf(Refused)
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="ignored"}': 3,
    })
  })

  it('counts a call beyond the capacity as a rejection, not as a failure', async () => {
    const action = new DeferredFunction<string>()
    const { breaker } = harness.instrumentedOpossum(action.call, { capacity: 1, volumeThreshold: 10 })
    const first = breaker.fire()
    expect(await ended(breaker.fire())).to.include({ code: 'ESEMLOCKED' })
    action.resolve('fine')
    await first
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="success"}': 1,
      'rejections_total{reason="semaphore"}': 1,
    })
  })

  it('keeps calls apart that end inside the events of another', async () => {
    const action = new DeferredFunction<string>()
    const { breaker } = harness.instrumentedOpossum(action.call, { capacity: 1, volumeThreshold: 10 })
    // Runs between the timeout of the first call and its failure, and finds the semaphore taken by the second.
    breaker.once('timeout', () => {
      void ended(breaker.fire())
      void ended(breaker.fire())
    })
    const first = ended(breaker.fire())
    harness.tick(TIMEOUT_MS)
    await first
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="timeout"}': 1,
      'call_duration_seconds_sum{outcome="timeout"}': 0.1,
      'rejections_total{reason="semaphore"}': 1,
    })
  })

  it('counts a call inside another apart from it, also where both fail with the same error', async () => {
    const { breaker } = harness.instrumentedOpossum(() => breaker.fire(), { capacity: 1, volumeThreshold: 10 })
    expect(await ended(breaker.fire())).to.include({ code: 'ESEMLOCKED' })
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="failure"}': 1,
      'rejections_total{reason="semaphore"}': 1,
    })
  })

  it('takes a call for instant during which the clock was set back', async () => {
    mock.timers.setTime(5000)
    const action = new DeferredFunction<string>()
    const { breaker } = harness.instrumentedOpossum(action.call)
    const call = breaker.fire()
    mock.method(Date, 'now', () => 1000)
    action.resolve('fine')
    await call
    expect(await harness.samples()).to.include({
      'calls_total{outcome="success"}': 1,
      'call_duration_seconds_sum{outcome="success"}': 0,
    })
  })

  it('counts fallbacks beside the outcome or rejection that led to them', async () => {
    const { breaker } = harness.instrumentedOpossum(() => Promise.reject(new Refused()))
    breaker.fallback(() => 'instead')
    expect(await breaker.fire()).to.equal('instead')
    expect(await breaker.fire()).to.equal('instead')
    expect(await harness.counts()).to.deep.equal({
      'state{}': 1,
      'calls_total{outcome="failure"}': 1,
      'rejections_total{reason="open"}': 1,
      'transitions_total{from="closed",to="open"}': 1,
      'fallbacks_total{}': 2,
    })
  })

  it('counts no call that is answered from the cache', async () => {
    const action = new DeferredFunction<string>()
    const { breaker } = harness.instrumentedOpossum(action.call, { cache: true })
    const first = breaker.fire()
    action.resolve('fine')
    await first
    expect(await breaker.fire()).to.equal('fine')
    expect(await harness.counts()).to.include({ 'calls_total{outcome="success"}': 1 })
  })

  it('leaves an unhandled rejection unhandled, and the promise what it was', async () => {
    const error = new Refused()
    const breaker = harness.opossum(() => Promise.reject(error))
    const promise = Promise.reject(error)
    const call = mock.method(breaker, 'call', () => promise)
    harness.instrument(breaker)
    expect(breaker.fire()).to.equal(promise)
    expect(call.mock.callCount()).to.equal(1)
    await ended(promise)
  })
})
