import { EventEmitter, once } from 'node:events'
import { expect } from 'chai'
import CircuitBreaker from 'opossum'
import { DeferredFunction, settled } from '../../support/deferred'
import { collectGarbage } from '../../support/garbage'
import { BREAK_MS, BreakerHarness, ended, fail, Refused, TIMEOUT_MS } from './breaker-harness'

describe('instrumentBreaker: opossum, and what its options do', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('counts as ignored whatever errorFilter passes, an Error or not', async () => {
    let reason: unknown
    const { breaker } = harness.instrumentedOpossum(() => Promise.reject(reason), { errorFilter: () => true })
    for (reason of [new Refused(), 'not found', 404, undefined, null, { code: 404 }]) {
      expect(await ended(breaker.fire())).to.equal(reason)
    }
    expect(await harness.counts()).to.deep.equal({ 'calls_total{outcome="ignored"}': 6 })
  })

  it('counts as success whatever an action resolves with, an Error too', async () => {
    let result: unknown
    const { breaker } = harness.instrumentedOpossum(async () => result)
    for (result of [new Refused(), undefined, 'fine']) expect(await breaker.fire()).to.equal(result)
    expect(await harness.counts()).to.deep.equal({ 'calls_total{outcome="success"}': 3 })
  })

  it('keeps breakers apart that were made with one options object', async () => {
    const errorFilter = (error: unknown) => error === undefined
    const options: CircuitBreaker.Options = { errorFilter, volumeThreshold: 10 }
    const action = async (...[error]: unknown[]) => {
      if (error !== 'fine') throw error === 'passed' ? undefined : error
    }
    const make = () => new CircuitBreaker(action, options)
    const [a, b, c] = [make(), make(), make()]
    const handles = [harness.instrument(a), harness.instrument(b, 'other')]
    for (const breaker of [a, b, c]) await ended(breaker.fire('passed'))
    for (const breaker of [c, b, a]) await ended(breaker.fire('fine'))
    await ended(a.fire(new Refused()))
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="ignored"}': 1,
      'calls_total{outcome="success"}': 1,
      'calls_total{outcome="failure"}': 1,
      'calls_total{breaker="other",outcome="ignored"}': 1,
      'calls_total{breaker="other",outcome="success"}': 1,
    })
    handles[0]?.stop()
    expect(options.errorFilter, 'while one of them is measured').not.to.equal(errorFilter)
    handles[1]?.stop()
    expect(options.errorFilter).to.equal(errorFilter)
    for (const breaker of [a, b, c]) breaker.shutdown()
  })

  it('lets go of breakers that were made with one options object and dropped', async () => {
    const options: CircuitBreaker.Options = { timeout: false }
    const drop = () => {
      for (let i = 0; i < 20; i++) harness.instrument(new CircuitBreaker(async () => 'fine', options), `b${i}`)
    }
    drop()
    let names: string[] = []
    // One collection may find a breaker still on the stack.
    for (let round = 0; round < 3 && names.length !== 1; round++) {
      await settled()
      collectGarbage()
      names = Object.keys(await harness.samples()).flatMap((series) => /^state.*"(.*)"/.exec(series)?.[1] ?? [])
    }
    // opossum completes the options with functions of the first breaker, which the options thereby keep.
    expect(names).to.deep.equal(['b0'])
  })

  it('counts coalesced calls as the one that is made', async () => {
    const action = new DeferredFunction<string>()
    const { breaker } = harness.instrumentedOpossum(action.call, { coalesce: true } as CircuitBreaker.Options)
    const calls = [breaker.fire('same'), breaker.fire('same'), breaker.fire('same')]
    action.resolve('fine')
    expect(await Promise.all(calls)).to.deep.equal(['fine', 'fine', 'fine'])
    expect(action.calls).to.equal(1)
    expect(await harness.counts()).to.deep.equal({ 'calls_total{outcome="success"}': 1 })
  })

  it('counts the failures of a warm-up, which open nothing', async () => {
    const { breaker } = harness.instrumentedOpossum(fail, { allowWarmUp: true })
    for (let i = 0; i < 3; i++) await ended(breaker.fire())
    expect(await harness.counts()).to.deep.equal({ 'calls_total{outcome="failure"}': 3 })
    harness.tick(10_000)
    expect(breaker.warmUp).to.equal(false)
    await ended(breaker.fire())
    expect(await harness.state()).to.equal(1)
  })

  it('counts a call as a timeout that is aborted then, and as a failure that somebody else aborts', async () => {
    const abortController = new AbortController()
    const action = () =>
      new Promise((_resolve, reject) => {
        currentController().signal.addEventListener('abort', () => reject(new Error('aborted')))
      })
    // The types of opossum know of neither.
    const currentController = (): AbortController =>
      Reflect.apply(Reflect.get(breaker, 'getAbortController'), breaker, [])
    const { breaker } = harness.instrumentedOpossum(action, {
      abortController,
      autoRenewAbortController: true,
      volumeThreshold: 10,
    } as CircuitBreaker.Options)
    const slow = ended(breaker.fire())
    harness.tick(TIMEOUT_MS)
    expect(await slow).to.include({ code: 'ETIMEDOUT' })
    await settled()
    expect(abortController.signal.aborted).to.equal(true)
    breaker.open()
    harness.tick(BREAK_MS)
    const cancelled = ended(breaker.fire())
    currentController().abort()
    expect(await cancelled).to.have.property('message', 'aborted')
    expect(await harness.counts()).to.include({
      'calls_total{outcome="timeout"}': 1,
      'calls_total{outcome="failure"}': 1,
    })
  })

  it('adds up the breakers of a group under its name', async () => {
    const breakers = ['charge', 'refund'].map((name) => harness.opossum(async () => name, { name, group: 'b' }))
    for (const breaker of breakers) harness.instrument(breaker, breaker.group)
    for (const breaker of breakers) await breaker.fire()
    expect(await harness.counts()).to.deep.equal({ 'calls_total{outcome="success"}': 2 })
  })

  it('counts a health check that opens the breaker', async () => {
    const { breaker } = harness.instrumentedOpossum(async () => 'fine')
    breaker.healthCheck(() => Promise.reject(new Error('down')), 60_000)
    await settled()
    expect(await harness.counts()).to.deep.equal({ 'state{}': 1, 'transitions_total{from="closed",to="open"}': 1 })
  })

  it('counts a breaker that is another one’s fallback by itself', async () => {
    const second = harness.opossum(async () => 'second')
    const { breaker } = harness.instrumentedOpossum(fail)
    breaker.fallback(second)
    harness.instrument(second, 'second')
    expect(await breaker.fire()).to.equal('second')
    expect(await harness.counts()).to.include({
      'calls_total{outcome="failure"}': 1,
      'fallbacks_total{}': 1,
      'calls_total{breaker="second",outcome="success"}': 1,
    })
  })

  it('counts one transition of a breaker that is shut down twice', async () => {
    const { breaker } = harness.instrumentedOpossum(async () => 'fine')
    breaker.shutdown()
    await settled()
    breaker.shutdown()
    await settled()
    expect(await harness.counts()).to.deep.equal({ 'state{}': 3, 'transitions_total{from="closed",to="isolated"}': 1 })
  })

  it('shows the state of the breaker that took the place of one that is shut down', async () => {
    const { breaker: old } = harness.instrumentedOpossum(async () => 'old')
    old.shutdown()
    const { breaker } = harness.instrumentedOpossum(async () => 'new')
    expect(await harness.state()).to.equal(0)
    breaker.open()
    expect(await harness.state()).to.equal(1)
    breaker.shutdown()
    expect(await harness.state()).to.equal(3)
  })

  it('shows a breaker that is made in a stored state', async () => {
    const half = { enabled: true, closed: false, open: false, halfOpen: true, warmUp: false, shutdown: false }
    const { breaker } = harness.instrumentedOpossum(async () => 'fine', { state: half } as CircuitBreaker.Options)
    expect(await harness.counts()).to.deep.equal({ 'state{}': 2 })
    await breaker.fire()
    expect(await harness.counts()).to.include({ 'transitions_total{from="half_open",to="closed"}': 1 })
  })

  it('counts transitions in their order where a listener that stands before ours causes one', async () => {
    const { breaker } = harness.instrumentedOpossum(async () => {})
    breaker.prependListener('open', () => breaker.close())
    breaker.open()
    breaker.open()
    expect(await harness.counts()).to.deep.equal({
      'transitions_total{from="closed",to="open"}': 2,
      'transitions_total{from="open",to="closed"}': 2,
    })
  })

  it('takes none of the room for listeners that the application has', async () => {
    const breaker = harness.opossum(async () => 'fine')
    const limit = breaker.getMaxListeners()
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    try {
      const handle = harness.instrument(breaker)
      while (breaker.listenerCount('success') <= limit) breaker.on('success', () => {})
      await settled()
      expect(warnings).to.deep.equal([])
      const warned = once(process, 'warning')
      breaker.on('success', () => {})
      await warned
      expect(
        warnings.map(({ name }) => name),
        'one more',
      ).to.deep.equal(['MaxListenersExceededWarning'])
      handle.stop()
      expect(breaker.getMaxListeners()).to.equal(limit)
    } finally {
      process.off('warning', onWarning)
    }
  })

  it('adds no listener for each call, or for each time that it is instrumented and stopped', async () => {
    const breaker = harness.opossum(async () => 'fine')
    const count = () => breaker.eventNames().reduce((sum, event) => sum + breaker.listenerCount(event), 0)
    const before = count()
    for (let i = 0; i < 50; i++) {
      const handle = harness.instrument(breaker)
      await breaker.fire()
      handle.stop()
    }
    expect(count()).to.equal(before)
    expect(breaker).to.be.instanceOf(EventEmitter)
  })
})
