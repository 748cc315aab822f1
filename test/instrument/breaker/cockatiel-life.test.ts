import { join } from 'node:path'
import { expect } from 'chai'
import {
  BrokenCircuitError,
  bulkhead,
  fallback,
  handleType,
  handleWhen,
  IsolatedCircuitError,
  isBulkheadRejectedError,
  isTaskCancelledError,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel'
import { DeferredFunction, settled } from '../../support/deferred'
import { BREAK_MS, BreakerHarness, cockatiel, ended, Refused } from './breaker-harness'
import { expectedPage, pageWithoutTarget } from './life-page'

describe('instrumentBreaker: the life of a cockatiel policy', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('is on the page, to the call', async () => {
    const action = new DeferredFunction<string>()
    // Opens at the second failure in a row; a TypeError is none.
    const breaker = cockatiel(
      {},
      handleWhen((error) => !(error instanceof TypeError)),
    )
    const policy = wrap(
      fallback(handleType(RangeError), 'instead'),
      retry(handleType(SyntaxError), { maxAttempts: 1 }),
      bulkhead(2),
      breaker,
      timeout(100, TimeoutStrategy.Aggressive),
    )
    harness.instrument(policy, 'payments')
    const call = () => policy.execute(action.call)
    const succeeds = async (ms: number) => {
      const called = call()
      harness.tick(ms)
      action.resolve('paid')
      expect(await called).to.equal('paid')
    }
    const fails = async (ms: number, error: Error = new Refused()) => {
      const called = ended(call())
      harness.tick(ms)
      action.reject(error)
      expect(await called).to.equal(error)
    }

    // Closed: two successes, an error that the breaker does not handle.
    await succeeds(20)
    await succeeds(30)
    await fails(10, new TypeError('mine'))

    // Bulkhead: the third call at a time is refused, the two under way succeed.
    const [first, second] = [call(), call()]
    expect(isBulkheadRejectedError(await ended(call()))).to.equal(true)
    harness.tick(40)
    action.resolve('paid')
    action.resolve('paid')
    expect([await first, await second]).to.deep.equal(['paid', 'paid'])

    // The retry around the breaker makes two calls of one: a failure and a success.
    const retried = call()
    harness.tick(15)
    action.reject(new SyntaxError('garbled'))
    await settled()
    harness.tick(5)
    await settled()
    action.resolve('paid')
    expect(await retried).to.equal('paid')

    // A failure that the fallback answers, and a success, so that none is the second in a row.
    const answered = call()
    harness.tick(50)
    action.reject(new RangeError('out of reach'))
    expect(await answered).to.equal('instead')
    await succeeds(30)

    // A timeout and a failure open it.
    const slow = ended(call())
    harness.tick(100)
    expect(isTaskCancelledError(await slow)).to.equal(true)
    action.resolve('too late')
    await fails(50)
    for (let i = 0; i < 2; i++) expect(await ended(call())).to.be.instanceOf(BrokenCircuitError)

    // Half-open: the trial fails, the next one succeeds.
    harness.tick(BREAK_MS)
    await fails(50)
    harness.tick(BREAK_MS)
    await succeeds(25)

    // Held open, twice over.
    const holds = [breaker.isolate(), breaker.isolate()]
    for (let i = 0; i < 3; i++) expect(await ended(call())).to.be.instanceOf(IsolatedCircuitError)
    holds[0]?.dispose()
    expect(await ended(call())).to.be.instanceOf(IsolatedCircuitError)
    holds[1]?.dispose()
    await succeeds(20)

    expect(await pageWithoutTarget(harness.metrics)).to.equal(expectedPage(join(__dirname, 'pages/cockatiel.txt')))
  })
})
