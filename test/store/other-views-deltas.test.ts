import {
  AggregationTemporality,
  type ExponentialHistogram,
  type Histogram,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { DeltaProducer } from '../../src/otel/delta-producer'
import { StoreProducer } from '../../src/otel/producer'
import { seriesOf, TestService } from '../support/test-service'
import { allow, explicit, exponential } from './support/views'

describe('A reader of deltas where views become others', () => {
  let service: TestService

  beforeEach(() => {
    service = new TestService()
  })

  function have(views: readonly ViewOptions[], cardinalityLimit = 2_000): readonly string[] {
    return service.registry.reconfigure({ views, cardinalityLimit, exemplars: undefined })()
  }

  /** A reader of deltas, with all that it has received, by series. */
  function deltas() {
    const { registry } = service
    const store = new StoreProducer(registry, new Map([['zone', 'z1']]))
    const producer = new DeltaProducer(store, () => AggregationTemporality.DELTA)
    const received: Record<string, number> = {}
    return {
      async of(name: string): Promise<Record<string, unknown>> {
        const { resourceMetrics } = await producer.collect()
        return seriesOf(
          resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics),
          name,
        )
      },
      async addTo(name: string): Promise<Record<string, number>> {
        for (const [key, value] of Object.entries(await this.of(name))) {
          received[key] = (received[key] ?? 0) + (value as number)
        }
        return received
      },
    }
  }

  it('has exponential histograms without debts, wherever their measurements were put before', async () => {
    const narrow = { ...exponential, options: { maxSize: 10 } }
    const byKind = { attributesProcessors: allow('kind') }
    type Step = number | 'read' | ViewOptions
    const histories: [options: { buckets?: number[]; native?: boolean }, steps: Step[]][] = [
      [{ buckets: [] }, [0.25, 3, 'read', 0, { aggregation: exponential }, 8, 'read']],
      [
        { native: true, buckets: [1, 3] },
        [
          8,
          1,
          2,
          3,
          3,
          { aggregation: narrow, ...byKind },
          'read',
          byKind,
          1.5,
          1.5,
          { aggregation: narrow },
          2,
          'read',
        ],
      ],
      [{ native: true }, [1, 64, 'read', 1.5, 0.25, { aggregation: narrow }, 1.5, 8, 0, 'read', {}, 1, 1, 'read']],
    ]
    for (const [index, [options, steps]] of histories.entries()) {
      const reader = deltas()
      const name = `took_${index}`
      const took = service.metrics.histogram({ name, labelNames: ['kind', 'place'], ...options })
      let [recorded, told] = [0, 0]
      for (const step of steps) {
        service.clock.advance(1_000)
        if (typeof step === 'number') {
          took.record(step, { kind: 'a', place: recorded++ % 2 })
        } else if (step !== 'read') have([{ instrumentName: name, ...step }])
        else {
          for (const value of Object.values(await reader.of(name)) as (Histogram | ExponentialHistogram)[]) {
            const counts =
              'scale' in value
                ? [value.zeroCount, ...value.positive.bucketCounts, ...value.negative.bucketCounts]
                : value.buckets.counts
            expect(counts.every((count) => count >= 0)).to.equal(true)
            expect(counts.reduce((sum, count) => sum + count, 0)).to.equal(value.count)
            told += value.count
          }
          expect(told).to.equal(recorded)
        }
      }
    }
  })

  it('has each count once, whatever had been told when the views changed, and how often they did', async () => {
    const reader = deltas()
    const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['region', 'tier'] })
    orders.add(1, { region: 'eu', tier: 'gold' })
    await reader.addTo('orders_total')
    service.clock.advance(1_000)
    orders.add(2, { region: 'eu', tier: 'silver' })
    orders.add(4, { region: 'eu', tier: 'gold' })
    have([{ instrumentName: 'orders_total', attributesProcessors: allow('region') }])
    orders.add(8, { region: 'eu', tier: 'gold' })
    have([{ instrumentName: 'orders_total', attributesProcessors: allow() }])
    service.clock.advance(1_000)
    orders.add(16, { region: 'us', tier: 'gold' })
    expect(await reader.addTo('orders_total')).to.deep.equal({ 'region=eu,tier=gold,zone=z1': 1, 'zone=z1': 30 })
    orders.add(32, { region: 'us', tier: 'gold' })
    expect(await reader.addTo('orders_total')).to.deep.equal({ 'region=eu,tier=gold,zone=z1': 1, 'zone=z1': 62 })
    have([])
    orders.add(64, { region: 'us', tier: 'gold' })
    expect(await reader.addTo('orders_total')).to.deep.equal({
      'region=eu,tier=gold,zone=z1': 1,
      'zone=z1': 62,
      'region=us,tier=gold,zone=z1': 64,
    })
  })

  it('has histograms in their new buckets, and what was told before in none of them', async () => {
    const reader = deltas()
    const seconds = service.metrics.histogram({ name: 's', buckets: [1, 2, 4] })
    seconds.record(0.5)
    seconds.record(3)
    await reader.of('s')
    seconds.record(1.5)
    have([{ instrumentName: 's', aggregation: explicit([1, 3, 8]) }])
    seconds.record(2.5)
    expect(await reader.of('s')).to.deep.equal({
      'zone=z1': { buckets: { boundaries: [1, 3, 8], counts: [0, 2, 0, 0] }, count: 2, sum: 4 },
    })
    have([{ instrumentName: 's', aggregation: exponential }])
    seconds.record(16)
    expect(await reader.of('s')).to.have.nested.include({ 'zone=z1.count': 1, 'zone=z1.sum': 16 })
  })

  it('has no bucket below 0 where explicit buckets that stood beside exponential ones go on alone', async () => {
    const reader = deltas()
    const seconds = service.metrics.histogram({ name: 's', buckets: [1, 2], native: { maxBuckets: 2 } })
    for (const value of [0.1, 0.9, 1.9, 100]) seconds.record(value)
    await reader.of('s')
    have([{ instrumentName: 's', aggregation: explicit([1, 2]) }])
    seconds.record(0.5)
    const { 'zone=z1': delta } = (await reader.of('s')) as Record<string, Histogram>
    expect(delta).to.include({ count: 1, sum: 0.5 })
    expect(delta?.buckets.counts.every((count) => count >= 0)).to.equal(true)
    expect(await service.series('s')).to.deep.equal({
      '': { buckets: { boundaries: [1, 2], counts: [3, 1, 1] }, count: 5, sum: 103.4 },
    })
  })

  it('has what is observed in other series from where it was told', async () => {
    const reader = deltas()
    let read = 3
    const observed = service.metrics.observableCounter({ name: 'read_total', labelNames: ['queue', 'host'] })
    observed.addCallback((result) => {
      result.observe(read, { queue: 'q', host: 'a' })
      result.observe(10 * read, { queue: 'q', host: 'b' })
    })
    await reader.of('read_total')
    read = 5
    have([{ instrumentName: 'read_total', attributesProcessors: allow('queue') }])
    expect(await reader.of('read_total')).to.deep.equal({ 'queue=q,zone=z1': 22 })
    read = 6
    expect(await reader.of('read_total')).to.deep.equal({ 'queue=q,zone=z1': 11 })
  })

  it('has all of a stream that stands beside the one that went on', async () => {
    const reader = deltas()
    const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['tier'] })
    orders.add(1, { tier: 'gold' })
    await reader.addTo('orders_total')
    have([
      { instrumentName: 'orders_total' },
      { instrumentName: 'orders_total', name: 'all_total', attributesProcessors: allow() },
    ])
    orders.add(2, { tier: 'gold' })
    expect(await reader.of('orders_total')).to.deep.equal({ 'tier=gold,zone=z1': 2 })
    orders.add(4, { tier: 'gold' })
    expect(await reader.of('all_total')).to.deep.equal({ 'zone=z1': 4 })
  })
})
