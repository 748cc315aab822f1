import { join } from 'node:path'
import Brakes from 'brakes'
import { expect } from 'chai'
import { BREAK_MS, BreakerHarness, ended, Refused, TIMEOUT_MS } from '../instrument/breaker/breaker-harness'
import { expectedPage, pageWithoutTarget } from '../instrument/breaker/life-page'
import { DeferredFunction, settled } from '../support/deferred'

describe('instrumentBreaker: the life of a brakes breaker', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('is on the page, to the call', async () => {
    const action = new DeferredFunction<string>()
    const brakes = new Brakes(action.call, {
      name: 'payments',
      timeout: TIMEOUT_MS,
      waitThreshold: 3,
      threshold: 0.5,
      circuitDuration: BREAK_MS,
      registerGlobal: false,
      isFailure: (error: unknown) => error !== 'not found' && !(error instanceof TypeError),
    })
    harness.instrument(brakes, 'payments')
    const succeeds = async (ms: number, circuit: Brakes.Circuit = brakes) => {
      const call = circuit.exec()
      harness.tick(ms)
      action.resolve('paid')
      expect(await call).to.equal('paid')
    }
    const fails = async (ms: number, error: unknown = new Refused(), circuit: Brakes.Circuit = brakes) => {
      const call = ended(circuit.exec())
      harness.tick(ms)
      action.reject(error)
      return call
    }

    // Closed: two successes, two errors that `isFailure` passes, one of them no Error.
    await succeeds(20)
    await succeeds(30)
    expect(await fails(10, new TypeError('mine'))).to.be.instanceOf(TypeError)
    expect(await fails(10, 'not found')).to.equal('not found')

    // A circuit of its own under the same breaker, with a fallback of its own.
    const sub = brakes.subCircuit(action.call, () => Promise.resolve('instead'))
    await succeeds(40, sub)
    expect(await fails(50, new Refused(), sub)).to.equal('instead')

    // Two failures and a timeout: 4 of 7 calls, more than half.
    for (let i = 0; i < 2; i++) expect(await fails(50)).to.be.instanceOf(Refused)
    expect(brakes.isOpen()).to.equal(false)
    const slow = ended(brakes.exec())
    harness.tick(TIMEOUT_MS)
    expect(await slow).to.have.property('message', '[Breaker: payments] Request Timed out')
    action.resolve('too late')
    await settled()
    expect(brakes.isOpen()).to.equal(true)

    // Open: two are refused; with a fallback, one of each circuit gets it.
    for (let i = 0; i < 2; i++) expect(await ended(brakes.exec())).to.have.property('totals')
    brakes.fallback(() => Promise.resolve('later'))
    expect(await brakes.exec()).to.equal('later')
    expect(await sub.exec()).to.equal('instead')
    const plain = brakes.subCircuit(action.call)
    expect(await plain.exec()).to.equal('later')

    // The break is over: closed at once.
    harness.tick(BREAK_MS)
    await succeeds(25)

    expect(await pageWithoutTarget(harness.metrics)).to.equal(expectedPage(join(__dirname, 'pages/brakes.txt')))
    brakes.destroy()
    expect(await pageWithoutTarget(harness.metrics)).not.to.include('payments')
  })
})
