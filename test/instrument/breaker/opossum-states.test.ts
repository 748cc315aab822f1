import { expect } from 'chai'
import type CircuitBreaker from 'opossum'
import { DeferredFunction, settled } from '../../support/deferred'
import { BREAK_MS, BreakerHarness, ended, fail, Refused } from './breaker-harness'

describe('instrumentBreaker: opossum, opened, disabled, shut down and stopped', () => {
  let harness: BreakerHarness
  beforeEach(() => {
    harness = new BreakerHarness()
  })
  afterEach(() => harness.close())

  it('shows what open and close force, though opened and closed between two collections', async () => {
    const { breaker } = harness.instrumentedOpossum(async () => {})
    breaker.open()
    breaker.close()
    breaker.open()
    expect(await harness.counts()).to.deep.equal({
      'state{}': 1,
      'transitions_total{from="closed",to="open"}': 2,
      'transitions_total{from="open",to="closed"}': 1,
    })
  })

  it('counts transitions in their order where a listener causes one inside another', async () => {
    const breaker = harness.opossum(async () => {})
    breaker.on('open', () => breaker.close())
    harness.instrument(breaker)
    breaker.open()
    expect(await harness.counts()).to.deep.equal({
      'transitions_total{from="closed",to="open"}': 1,
      'transitions_total{from="open",to="closed"}': 1,
    })
  })

  it('shows a disabled breaker as closed, since calls pass, and as it is once enabled', async () => {
    const { breaker } = harness.instrumentedOpossum(async () => 'fine')
    breaker.open()
    breaker.disable()
    expect(await breaker.fire()).to.equal('fine')
    expect(await harness.counts()).to.deep.equal({ 'transitions_total{from="closed",to="open"}': 1 })
    breaker.enable()
    expect(await harness.counts()).to.include({ 'state{}': 1 })
  })

  it('shows a breaker that is shut down as isolated, and counts what it refuses and what was under way', async () => {
    const action = new DeferredFunction<string>()
    const { breaker } = harness.instrumentedOpossum(action.call)
    const underWay = breaker.fire()
    breaker.shutdown()
    expect(await ended(breaker.fire())).to.include({ code: 'ESHUTDOWN' })
    action.resolve('fine')
    expect(await underWay).to.equal('fine')
    expect(await harness.counts()).to.deep.equal({
      'state{}': 3,
      'calls_total{outcome="success"}': 1,
      'rejections_total{reason="isolated"}': 1,
      'transitions_total{from="closed",to="isolated"}': 1,
    })
  })

  it('shows a breaker that had opened before, and follows it from there', async () => {
    const breaker = harness.opossum(async () => {})
    breaker.open()
    harness.instrument(breaker)
    expect(await harness.counts()).to.deep.equal({ 'state{}': 1 })
    harness.tick(BREAK_MS)
    await breaker.fire()
    expect(await harness.counts()).to.include({
      'transitions_total{from="open",to="half_open"}': 1,
      'transitions_total{from="half_open",to="closed"}': 1,
    })
  })

  it('leaves nothing behind when it is stopped', async () => {
    const breaker = harness.opossum(() => Promise.reject(new Refused()), { capacity: 1 })
    const keys = Object.getOwnPropertyNames(breaker)
    const listeners = () => breaker.eventNames().map((event) => [event, breaker.listeners(event)])
    const before = listeners()
    const handle = harness.instrument(breaker)
    await ended(breaker.fire())
    await ended(breaker.fire())
    handle.stop()
    handle.stop()
    expect(listeners()).to.deep.equal(before)
    expect(Object.getOwnPropertyNames(breaker)).to.deep.equal(keys)
    expect(await harness.samples()).to.deep.equal({})

    harness.tick(BREAK_MS)
    await ended(breaker.fire())
    expect(await harness.samples(), 'nothing comes back').to.deep.equal({})
  })

  it('records nothing any more once it is stopped, even in the midst of an event', async () => {
    const { breaker, handle } = harness.instrumentedOpossum(fail)
    breaker.open()
    breaker.prependListener('reject', () => handle.stop())
    expect(await ended(breaker.fire())).to.include({ code: 'EOPENBREAKER' })
    expect(await harness.samples()).to.deep.equal({})
  })

  it('records nothing any more once it is stopped, even behind an override of somebody else', async () => {
    const { breaker, handle } = harness.instrumentedOpossum(fail)
    harness.instrument(harness.opossum(fail))
    const { call } = breaker
    breaker.call = function (this: CircuitBreaker, ...args) {
      return call.apply(this, args)
    }
    handle.stop()
    breaker.shutdown()
    expect(await ended(breaker.fire())).to.include({ code: 'ESHUTDOWN' })
    expect(await harness.counts()).to.deep.equal({})
  })

  it('does not listen again to a breaker that is stopped and shut down', async () => {
    const { breaker, handle } = harness.instrumentedOpossum(async () => {})
    breaker.shutdown()
    handle.stop()
    await settled()
    expect(breaker.eventNames()).to.deep.equal([])
  })
})
