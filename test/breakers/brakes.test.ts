import { once } from 'node:events'
import Brakes from 'brakes'
import { expect } from 'chai'
import { BREAK_MS, BreakerHarness, ended, fail, Refused } from '../instrument/breaker/breaker-harness'
import { settled } from '../support/deferred'
import { collectGarbage } from '../support/garbage'

const OPTIONS: Brakes.Options = { circuitDuration: BREAK_MS, waitThreshold: 1, threshold: 0.9, registerGlobal: false }
const refuse = async () => fail()

describe('instrumentBreaker: brakes', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('shows a breaker that had opened before, and follows it from there', async () => {
    const brakes = new Brakes(refuse, OPTIONS)
    for (let i = 0; i < 2; i++) await ended(brakes.exec())
    harness.instrument(brakes)
    expect(await harness.counts()).to.deep.equal({ 'state{}': 1 })
    harness.tick(BREAK_MS)
    expect(await harness.counts()).to.deep.equal({ 'transitions_total{from="open",to="closed"}': 1 })
  })

  it('is the same by itself and by its circuits, also those made before', async () => {
    const brakes = new Brakes({ ...OPTIONS, waitThreshold: 100 })
    const sub = brakes.subCircuit(refuse, async () => 'instead', { isFailure: () => false })
    const handle = harness.instrument(sub)
    expect(harness.instrument(brakes)).to.equal(handle)
    expect(harness.instrument(sub)).to.equal(handle)
    expect(await sub.exec()).to.equal('instead')
    const later = brakes.subCircuit(refuse, async () => 'too')
    expect(harness.instrument(later)).to.equal(handle)
    expect(await later.exec()).to.equal('too')
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="ignored"}': 1,
      'calls_total{outcome="failure"}': 1,
      'fallbacks_total{}': 2,
    })
  })

  it('takes a breaker without a function of its own for one that lets no call through', async () => {
    const brakes = new Brakes(OPTIONS)
    harness.instrument(brakes)
    expect(await ended(brakes.exec())).to.be.instanceOf(Error)
    expect(await harness.counts()).to.deep.equal({})
  })

  it('counts a fallback of the options once, whichever circuit uses it', async () => {
    const brakes = new Brakes(refuse, { ...OPTIONS, fallback: async () => 'first', waitThreshold: 100 })
    harness.instrument(brakes)
    expect(await brakes.exec()).to.equal('first')
    brakes.fallback(async () => 'second')
    expect(await brakes.exec()).to.equal('second')
    expect(await brakes.subCircuit(refuse).exec()).to.equal('second')
    expect(await harness.counts()).to.include({ 'fallbacks_total{}': 3, 'calls_total{outcome="failure"}': 3 })
  })

  it('keeps calls apart that isFailure passes and that end with the same error', async () => {
    const error = 'the same'
    let reject: ((reason: unknown) => void)[] = []
    const waits = () => new Promise((_resolve, no) => reject.push(no))
    const brakes = new Brakes(waits, { ...OPTIONS, isFailure: () => false })
    harness.instrument(brakes)
    const calls = [ended(brakes.exec())]
    harness.tick(10)
    calls.push(ended(brakes.exec()))
    harness.tick(10)
    for (const no of reject) no(error)
    reject = []
    expect(await Promise.all(calls)).to.deep.equal([error, error])
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="ignored"}': 2,
      'call_duration_seconds_sum{outcome="ignored"}': 0.03,
    })
  })

  it('counts a break that a health check ends', async () => {
    let well = false
    const healthCheck = async () => {
      if (!well) throw new Error('down')
    }
    const brakes = new Brakes(refuse, { ...OPTIONS, healthCheck, healthCheckInterval: 100 })
    harness.instrument(brakes)
    for (let i = 0; i < 2; i++) await ended(brakes.exec())
    harness.tick(100)
    await settled()
    expect(await harness.state()).to.equal(1)
    well = true
    harness.tick(100)
    await settled()
    expect(await harness.counts()).to.deep.equal({
      'calls_total{outcome="failure"}': 2,
      'transitions_total{from="closed",to="open"}': 1,
      'transitions_total{from="open",to="closed"}': 1,
    })
  })

  it('leaves nothing behind when it is stopped', async () => {
    const brakes = new Brakes(refuse, { ...OPTIONS, isFailure: () => false })
    const sub = brakes.subCircuit(refuse, async () => 'instead')
    const main = Reflect.get(brakes, '_mainCircuit')
    const state = () => [
      ...[brakes, sub, main, Reflect.get(main, '_opts')].map((object) => Reflect.ownKeys(object)),
      brakes.eventNames().map((event) => [event, brakes.listeners(event)]),
      brakes.getMaxListeners(),
      Reflect.get(main, '_opts').isFailure,
      Reflect.get(sub, '_fallback'),
    ]
    const before = state()
    const handle = harness.instrument(sub)
    expect(state()).not.to.deep.equal(before)
    handle.stop()
    handle.stop()
    expect(state()).to.deep.equal(before)
    await ended(brakes.exec())
    expect(await harness.samples()).to.deep.equal({})
  })

  it('holds no circuit that is made for a call and dropped', async () => {
    const brakes = new Brakes({ ...OPTIONS, waitThreshold: 1000 })
    harness.instrument(brakes)
    const refs: WeakRef<object>[] = []
    const call = async () => {
      const circuit = brakes.subCircuit(async () => 'fine')
      refs.push(new WeakRef(circuit))
      await circuit.exec()
    }
    for (let i = 0; i < 100; i++) await call()
    harness.tick(15_000)
    await settled()
    collectGarbage()
    // bluebird may keep the last of its promises.
    expect(refs.filter((ref) => ref.deref() !== undefined).length).to.be.lessThan(5)
    expect(await harness.counts()).to.deep.equal({ 'calls_total{outcome="success"}': 100 })
  })

  it('leaves an unhandled rejection unhandled', async () => {
    const brakes = new Brakes(refuse, { ...OPTIONS, isFailure: () => false })
    harness.instrument(brakes)
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    try {
      const unhandled = once(process, 'unhandledRejection')
      brakes.exec()
      // bluebird takes some turns, and a millisecond more.
      for (let turn = 0; turn < 5; turn++) {
        await settled()
        harness.tick(1)
      }
      const [reason] = await unhandled
      expect(reason).to.be.instanceOf(Refused)
    } finally {
      for (const listener of listeners) process.on('unhandledRejection', listener)
    }
  })
})
