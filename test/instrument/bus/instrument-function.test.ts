import { expect } from 'chai'
import { BusHarness } from './bus-harness'

describe('instrumentPublish and instrumentHandler', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  it('hand on a promise that has properties of its own', async () => {
    const promise = Object.assign(Promise.resolve(7), { cancel() {} })
    const options = { name: 'bus', topic: 'placed' }
    expect(harness.metrics.instrumentPublish(() => promise, options)()).to.equal(promise)
    expect(harness.metrics.instrumentHandler(() => promise, options)()).to.equal(promise)
    await promise
    expect(await harness.counts()).to.include({
      'events_published_total{topic="placed"}': 1,
      'events_consumed_total{topic="placed"}': 1,
    })
  })

  it('count as many events as they are told, and one where that is no number', async () => {
    const options = { name: 'bus', topic: 'placed', events: (events: unknown) => events as number }
    const publish = harness.metrics.instrumentPublish((_events: unknown) => {}, options)
    const handle = harness.metrics.instrumentHandler(async (_events: unknown) => {}, options)
    for (const events of [3, 0, Number.NaN, -2, Number.POSITIVE_INFINITY, 'many', undefined]) {
      publish(events)
      await handle(events)
    }
    expect(await harness.counts()).to.deep.equal({
      'events_published_total{topic="placed"}': 8,
      'events_consumed_total{topic="placed"}': 8,
      'events_in_flight{topic="placed"}': 0,
      'batch_size_count{operation="publish",topic="placed"}': 7,
      'batch_size_count{operation="process",topic="placed"}': 7,
      'processing_duration_seconds_count{topic="placed"}': 7,
    })
    expect(harness.warnings).to.deep.equal([])
  })

  it('count a handler that returns or throws at once by what it was given, and nothing as in flight', async () => {
    const options = { name: 'bus', topic: 'placed', events: (events: readonly number[]) => events.length }
    const handle = harness.metrics.instrumentHandler((events: readonly number[]) => {
      if (events.includes(0)) throw new RangeError('out of stock')
      return events
    }, options)
    const events = [1, 2, 3]
    expect(handle(events)).to.equal(events)
    expect(() => handle([1, 0])).to.throw(RangeError)
    expect(await harness.counts()).to.deep.equal({
      'events_published_total{topic="placed"}': 0,
      'events_consumed_total{topic="placed"}': 3,
      'events_failed_total{reason="RangeError",topic="placed"}': 2,
      'batch_size_count{operation="process",topic="placed"}': 2,
      'processing_duration_seconds_count{topic="placed"}': 2,
    })
  })
})
