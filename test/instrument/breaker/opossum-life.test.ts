import { join } from 'node:path'
import { expect } from 'chai'
import { DeferredFunction } from '../../support/deferred'
import { BREAK_MS, BreakerHarness, ended, Refused, TIMEOUT_MS } from './breaker-harness'
import { expectedPage, pageWithoutTarget } from './life-page'

describe('instrumentBreaker: the life of an opossum breaker', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('is on the page, to the call', async () => {
    const action = new DeferredFunction<string>()
    const breaker = harness.opossum(action.call, {
      capacity: 2,
      errorFilter: (error: unknown) => error === 'not found' || error instanceof RangeError,
    })
    harness.instrument(breaker, 'payments')
    const succeeds = async (ms: number) => {
      const call = breaker.fire()
      harness.tick(ms)
      action.resolve('paid')
      expect(await call).to.equal('paid')
    }
    const fails = async (ms: number, error: unknown = new Refused()) => {
      const call = ended(breaker.fire())
      harness.tick(ms)
      action.reject(error)
      expect(await call).to.equal(error)
    }
    const timesOut = async () => {
      const call = ended(breaker.fire())
      harness.tick(TIMEOUT_MS)
      expect(await call).to.include({ code: 'ETIMEDOUT' })
      action.resolve('too late')
    }

    // Closed: two successes, two errors that the filter passes, one of them no Error.
    await succeeds(20)
    await succeeds(30)
    await fails(10, new RangeError('no such customer'))
    await fails(10, 'not found')

    // Semaphore: the third call at a time is refused, the two under way succeed.
    const [first, second] = [breaker.fire(), breaker.fire()]
    expect(await ended(breaker.fire())).to.include({ code: 'ESEMLOCKED' })
    harness.tick(40)
    action.resolve('paid')
    action.resolve('paid')
    expect([await first, await second]).to.deep.equal(['paid', 'paid'])

    // Six failures, one of them a timeout: with the refusal 7 of 13 calls, more than half.
    for (let i = 0; i < 5; i++) await fails(50)
    expect(breaker.closed).to.equal(true)
    await timesOut()
    expect(breaker.opened).to.equal(true)

    // Open: two are refused, a third gets the fallback.
    for (let i = 0; i < 2; i++) expect(await ended(breaker.fire())).to.include({ code: 'EOPENBREAKER' })
    breaker.fallback(() => 'later')
    expect(await breaker.fire()).to.equal('later')

    // Half-open: the trial fails, and gets the fallback; the next one succeeds, while another call is refused.
    harness.tick(BREAK_MS)
    const trial = breaker.fire()
    action.reject(new Refused())
    expect(await trial).to.equal('later')
    harness.tick(BREAK_MS)
    const lastTrial = breaker.fire()
    expect(await breaker.fire()).to.equal('later')
    harness.tick(25)
    action.resolve('paid')
    expect(await lastTrial).to.equal('paid')

    // Forced open and closed again; disabled, when calls pass it by.
    breaker.open()
    expect(await breaker.fire()).to.equal('later')
    breaker.close()
    breaker.disable()
    const unprotected = breaker.fire()
    action.resolve('paid')
    expect(await unprotected).to.equal('paid')
    breaker.enable()

    // Shut down, for good.
    breaker.shutdown()
    for (let i = 0; i < 2; i++) expect(await ended(breaker.fire())).to.include({ code: 'ESHUTDOWN' })

    expect(await pageWithoutTarget(harness.metrics)).to.equal(expectedPage(join(__dirname, 'pages/opossum.txt')))
  })
})
