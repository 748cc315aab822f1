import { join } from 'node:path'
import { expect } from 'chai'
import { BreakerError, Bulkhead, Circuit, Fallback, Retry, SlidingCountBreaker, Timeout } from 'mollitia'
import { BREAK_MS, BreakerHarness, ended, Refused } from '../instrument/breaker/breaker-harness'
import { expectedPage, pageWithoutTarget } from '../instrument/breaker/life-page'
import { DeferredFunction, settled } from '../support/deferred'

describe('instrumentBreaker: the life of a mollitia circuit', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('is on the page, to the call', async () => {
    const action = new DeferredFunction<string>()
    const breaker = new SlidingCountBreaker({
      slidingWindowSize: 4,
      minimumNumberOfCalls: 4,
      failureRateThreshold: 75,
      slowCallDurationThreshold: 60,
      openStateDelay: BREAK_MS,
      permittedNumberOfCallsInHalfOpenState: 1,
      onError: (error: unknown) => !(error instanceof TypeError),
    })
    const fallback = new Fallback({ callback: (error: unknown) => `instead of ${(error as Error).message}` })
    const circuit = new Circuit({
      options: {
        modules: [
          fallback,
          new Retry({ attempts: 1, onRejection: (error: unknown) => error instanceof SyntaxError }),
          new Bulkhead({ concurrentSize: 2, queueSize: 0 }),
          breaker,
          new Timeout({ delay: 100 }),
        ],
      },
    }).fn(action.call)
    fallback.active = false
    harness.instrument(circuit, 'payments')
    const call = async () => {
      const called = { ended: ended(circuit.execute()) }
      await settled()
      return called
    }
    const succeeds = async (ms: number) => {
      const called = await call()
      harness.tick(ms)
      action.resolve('paid')
      expect(await called.ended).to.equal('paid')
    }
    const fails = async (ms: number, error: Error = new Refused()) => {
      const called = await call()
      harness.tick(ms)
      action.reject(error)
      expect(await called.ended).to.equal(error)
    }

    // Closed: two successes, one too slow, an error that `onError` does not take for a failure.
    await succeeds(20)
    await succeeds(30)
    await succeeds(70)
    await fails(10, new TypeError('mine'))

    // Bulkhead: the third call at a time is refused, the two under way succeed.
    const [first, second] = [await call(), await call()]
    expect(await (await call()).ended).to.have.property('message', 'Circuit is overloaded')
    harness.tick(40)
    action.resolve('paid')
    action.resolve('paid')
    expect([await first.ended, await second.ended]).to.deep.equal(['paid', 'paid'])

    // The retry around the breaker makes two calls of one: a failure and a success.
    const retried = await call()
    harness.tick(15)
    action.reject(new SyntaxError('garbled'))
    await settled()
    harness.tick(5)
    await settled()
    action.resolve('paid')
    expect(await retried.ended).to.equal('paid')

    // Two failures and a timeout, three of the last four calls, open it.
    await succeeds(20)
    await fails(50)
    await fails(50)
    const slow = await call()
    harness.tick(100)
    expect(await slow.ended).to.have.property('message', 'Timed out')
    action.resolve('too late')
    expect(await (await call()).ended).to.be.instanceOf(BreakerError)
    fallback.active = true
    expect(await (await call()).ended).to.equal('instead of Circuit is opened')
    fallback.active = false

    // Half-open: the trial fails; the next one succeeds, while another call is refused.
    harness.tick(BREAK_MS)
    await fails(50)
    harness.tick(BREAK_MS)
    const trial = await call()
    expect(await (await call()).ended).to.have.property('message', 'Max allowed requests reached')
    harness.tick(25)
    action.resolve('paid')
    expect(await trial.ended).to.equal('paid')

    // Forced open and closed again in one turn, which `state-changed` would tell of as closed twice.
    await Promise.all([breaker.open(), breaker.close()])
    // Not active: calls pass it by.
    await breaker.open()
    breaker.active = false
    const unprotected = await call()
    action.resolve('paid')
    expect(await unprotected.ended).to.equal('paid')

    expect(await pageWithoutTarget(harness.metrics)).to.equal(expectedPage(join(__dirname, 'pages/mollitia.txt')))
    circuit.dispose()
    expect(await pageWithoutTarget(harness.metrics)).not.to.include('payments')
  })
})
