import { expect } from 'chai'
import {
  bulkhead,
  fallback,
  handleAll,
  handleType,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel'
import { DefinitionError } from '../../../src/model/errors'
import { DeferredFunction } from '../../support/deferred'
import { BREAK_MS, BreakerHarness, cockatiel, ended, fail, Refused } from './breaker-harness'

/** How many listeners each event of a policy has. */
function listenerCounts(policy: object): unknown[] {
  const parts = [...Object.values(policy), ...Object.values(Reflect.get(policy, 'executor'))]
  return parts
    .filter((part) => typeof part === 'object' && part !== null && 'addListener' in part)
    .map(({ size }) => size)
}

describe('instrumentBreaker: cockatiel, wrapped with other policies', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('counts the timeout of a policy inside, and not what a caller cancels', async () => {
    const breaker = cockatiel()
    const policy = wrap(breaker, timeout(100, TimeoutStrategy.Aggressive))
    harness.instrument(policy)
    const slow = ended(policy.execute(() => new Promise(() => {})))
    harness.tick(100)
    expect(await slow).to.be.instanceOf(TaskCancelledError)
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="timeout"}': 1,
      'call_duration_seconds_sum{outcome="timeout"}': 0.1,
    })
    await ended(breaker.execute(() => Promise.reject(new TaskCancelledError())))
    expect(await harness.counts()).to.include({
      'calls_total{outcome="timeout"}': 1,
      'calls_total{outcome="failure"}': 1,
    })
  })

  for (const place of ['around', 'inside'] as const) {
    it(`counts what a bulkhead ${place} refuses as a rejection`, async () => {
      const breaker = cockatiel()
      const limit = bulkhead(1)
      const policy = place === 'around' ? wrap(limit, breaker) : wrap(breaker, limit)
      harness.instrument(policy)
      const action = new DeferredFunction<string>()
      const first = policy.execute(action.call)
      expect(await ended(policy.execute(action.call))).to.have.property('isBulkheadRejectedError', true)
      action.resolve('fine')
      expect(await first).to.equal('fine')
      expect(await harness.counts()).to.deep.equal({
        'calls_total{outcome="success"}': 1,
        'rejections_total{reason="semaphore"}': 1,
      })
    })
  }

  it('counts the fallbacks of a policy around', async () => {
    const breaker = cockatiel()
    const policy = wrap(fallback(handleAll, 'instead'), retry(handleAll, { maxAttempts: 0 }), breaker)
    harness.instrument(policy)
    for (let i = 0; i < 3; i++) expect(await policy.execute(fail)).to.equal('instead')
    expect(await policy.execute(() => 'fine')).to.equal('instead')
    expect(await harness.counts()).to.deep.equal({
      'state{}': 1,
      'calls_total{outcome="failure"}': 2,
      'rejections_total{reason="open"}': 2,
      'transitions_total{from="closed",to="open"}': 1,
      'fallbacks_total{}': 4,
    })
  })

  it('counts no fallback for an error that the fallback leaves alone', async () => {
    const policy = wrap(fallback(handleType(TypeError), 'instead'), cockatiel())
    harness.instrument(policy)
    expect(await ended(policy.execute(fail))).to.be.instanceOf(Refused)
    expect(await harness.samples()).to.include({ 'calls_total{outcome="failure"}': 1, 'fallbacks_total{}': 0 })
  })

  it('finds the breaker in a wrap of wraps, and is the same as instrumenting it', () => {
    const breaker = cockatiel()
    const handle = harness.instrument(
      wrap(wrap(retry(handleAll, { maxAttempts: 1 })), wrap(wrap(breaker), timeout(100, TimeoutStrategy.Aggressive))),
    )
    expect(harness.instrument(breaker)).to.equal(handle)
  })

  it('refuses a wrap of several breakers', () => {
    expect(() => harness.instrument(wrap(cockatiel(), cockatiel()))).to.throw(
      DefinitionError,
      'Cannot instrument breaker "b": policy must wrap one breaker, got 2. Instrument each breaker under a name of its own.',
    )
  })

  it('leaves nothing behind when it is stopped', async () => {
    const breaker = cockatiel()
    const limit = bulkhead(1)
    const instead = fallback(handleAll, 'instead')
    const keys = Reflect.ownKeys(breaker)
    const handle = harness.instrument(wrap(instead, limit, breaker))
    for (let i = 0; i < 3; i++) await ended(breaker.execute(fail))
    handle.stop()
    handle.stop()
    expect(Reflect.ownKeys(breaker)).to.deep.equal(keys)
    expect([breaker, instead, limit].flatMap(listenerCounts)).to.deep.equal(Array(11).fill(0))
    harness.tick(BREAK_MS)
    await breaker.execute(() => 'fine')
    expect(await harness.samples(), 'nothing comes back').to.deep.equal({})
  })
})
