import { EventEmitter } from 'node:events'
import { mock } from 'node:test'
import { expect } from 'chai'
import { DefinitionError } from '../../../src/model/errors'
import { DeferredFunction, settled } from '../../support/deferred'
import { BusHarness } from './bus-harness'

describe('timeoutMs', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
    mock.timers.enable({ apis: ['setTimeout'] })
  })
  afterEach(() => harness.close())

  const pass = (durationMs: number) => {
    harness.nowMs += durationMs
    mock.timers.tick(durationMs)
  }

  it('has a handling fail that takes longer, once, whatever becomes of it; one in time is consumed', async () => {
    const bus = new EventEmitter()
    const work = new DeferredFunction<void>()
    bus.on('placed', work.call)
    harness.instrument(bus, { timeoutMs: 100 })
    bus.emit('placed')
    pass(60)
    bus.emit('placed')
    bus.emit('placed')
    pass(39)
    expect(await harness.counts()).to.include({ 'events_in_flight{topic="placed"}': 3 })
    pass(1)
    expect(await harness.counts(), 'the first is late').to.deep.equal({
      'events_published_total{topic="placed"}': 3,
      'events_consumed_total{topic="placed"}': 0,
      'events_failed_total{reason="timeout",topic="placed"}': 1,
      'events_in_flight{topic="placed"}': 2,
      'processing_duration_seconds_count{topic="placed"}': 1,
    })
    work.resolve()
    work.resolve()
    await settled()
    pass(1000)
    work.resolve()
    await settled()
    expect(await harness.counts()).to.deep.equal({
      'events_published_total{topic="placed"}': 3,
      'events_consumed_total{topic="placed"}': 1,
      'events_failed_total{reason="timeout",topic="placed"}': 2,
      'events_in_flight{topic="placed"}': 0,
      'processing_duration_seconds_count{topic="placed"}': 3,
    })
  })

  it('is for handlers of functions, too, and ends with the bus', async () => {
    const work = new DeferredFunction<void>()
    const handle = harness.metrics.instrumentHandler(work.call, { name: 'bus', topic: 'placed', timeoutMs: 100 })
    const results = [handle(), handle()]
    pass(100)
    work.reject(new Error('late'))
    work.resolve()
    await results[0]?.catch(() => {})
    await results[1]
    expect(await harness.counts()).to.include({ 'events_failed_total{reason="timeout",topic="placed"}': 2 })

    const bus = new EventEmitter()
    bus.on('placed', work.call)
    const stopped = harness.instrument(bus, { name: 'other', timeoutMs: 100 })
    bus.emit('placed')
    stopped.stop()
    pass(100)
    expect(Object.keys(await harness.counts()).filter((series) => series.includes('other'))).to.deep.equal([])
  })

  it('refuses what no timer can do', () => {
    for (const timeoutMs of [0, -1, 2 ** 31, Number.NaN, '5' as unknown as number]) {
      expect(() => harness.instrument(new EventEmitter(), { timeoutMs })).to.throw(
        DefinitionError,
        'Cannot instrument bus "bus": timeoutMs must be a number above 0 and up to 2147483647, got ',
      )
    }
  })
})
