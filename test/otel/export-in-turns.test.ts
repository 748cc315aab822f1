import { AggregationTemporality, DataPointType, type Histogram, type MetricData } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { DeltaProducer } from '../../src/otel/delta-producer'
import { StoreProducer } from '../../src/otel/producer'
import { inSlowMotion } from '../support/slow-motion'
import { pointsOf, TestService } from '../support/test-service'

const SERIES = 5_000

describe('An export in turns with the application', () => {
  const ids = Array.from({ length: SERIES }, (_, index) => `${index}`)

  function setUp() {
    const service = new TestService({ cardinalityLimit: 3 * SERIES })
    const store = new StoreProducer(service.registry, new Map())
    const deltas = new DeltaProducer(store, () => AggregationTemporality.DELTA)
    const exported = async (producer: StoreProducer | DeltaProducer): Promise<MetricData[]> => {
      const { resourceMetrics } = await producer.collect()
      return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
    }
    return { service, store, deltas, exported }
  }
  const totalOf = (metrics: readonly MetricData[], name: string) =>
    pointsOf(metrics, name).reduce((sum, { value }) => sum + (value as number), 0)

  it('has deltas of each count once, whatever is recorded in between', async () => {
    const { service, deltas, exported } = setUp()
    const counter = service.metrics.counter({ name: 'c_total', labelNames: ['id'] })
    const bound = ids.map((id) => counter.bind({ id }))
    let counted = 0
    const record = () => {
      for (let more = 0; more < 50; more++) {
        const at = (counted * 7_919) % SERIES
        if (more % 2 === 0) bound[at]?.add()
        else counter.add(1, { id: ids[at] as string })
        counted++
      }
    }
    record()
    let sent = 0
    let turns = 0
    const late: number[] = []
    for (let export_ = 0; export_ < 3; export_++) {
      await inSlowMotion(
        async () => {
          sent += totalOf(await exported(deltas), 'c_total')
        },
        () => {
          turns++
          record()
        },
      )
      late.push(counted - sent)
    }
    expect(turns).to.be.greaterThan(30)
    expect(Math.max(...late)).to.be.greaterThan(0)
    sent += totalOf(await exported(deltas), 'c_total')
    expect(sent).to.equal(counted)
  })

  it('has collections of deltas one after the other', async () => {
    const { service, deltas, exported } = setUp()
    const counter = service.metrics.counter({ name: 'c_total', labelNames: ['id'] })
    for (const id of ids) counter.add(1, { id })
    await inSlowMotion(
      async () => {
        const both = await Promise.all([exported(deltas), exported(deltas)])
        expect(both.map((metrics) => totalOf(metrics, 'c_total'))).to.deep.equal([SERIES, 0])
      },
      () => undefined,
    )
  })

  it('has each series once where most of them are removed, and others come, in between', async () => {
    const { service, store, exported } = setUp()
    const gauge = service.metrics.gauge({ name: 'g', labelNames: ['id'] })
    for (const id of ids) gauge.set(1, { id })
    let turns = 0
    let found: readonly string[] = []
    await inSlowMotion(
      async () => {
        found = pointsOf(await exported(store), 'g').map(({ labels }) => String(labels.id))
      },
      () => {
        if (turns++ !== 8) return
        for (const id of ids.slice(100, 4_000)) gauge.remove({ id })
        gauge.set(1, { id: 'late' })
      },
    )
    expect(turns).to.be.greaterThan(8)
    expect(found).to.have.members([...ids.slice(0, 100), ...ids.slice(4_000), 'late'])
  })

  it('has counts of a histogram as that has them', async () => {
    const { service, store, exported } = setUp()
    const requests = service.metrics.countedHistogram({
      histogram: { name: 'request_seconds', buckets: [1], labelNames: ['path'] },
      count: { name: 'requests_total', help: '' },
    })
    for (const path of ids) requests.record(1, { path })
    let turns = 0
    await inSlowMotion(
      async () => {
        const metrics = await exported(store)
        const counts = pointsOf(metrics, 'requests_total').map(({ value }) => value)
        const histograms = pointsOf(metrics, 'request_seconds').map(({ value }) => (value as Histogram).count)
        expect(counts).to.deep.equal(histograms)
        expect(Math.max(...histograms)).to.be.greaterThan(1)
        const metric = metrics.find(({ descriptor }) => descriptor.name === 'requests_total')
        expect(metric?.dataPointType).to.equal(DataPointType.SUM)
      },
      () => {
        turns++
        for (const path of ids.slice(-100)) requests.record(1, { path })
      },
    )
    expect(turns).to.be.greaterThan(5)
  })

  it('has of observables what one collection observed', async () => {
    const { service, store, exported } = setUp()
    const counter = service.metrics.counter({ name: 'c_total', labelNames: ['id'] })
    for (const id of ids) counter.add(1, { id })
    let generation = 0
    service.metrics.observableGauge({
      name: 'observed',
      labelNames: ['id'],
      callback: (result) => {
        generation++
        for (const id of ids) result.observe(generation, { id })
      },
    })
    let turns = 0
    await inSlowMotion(
      async () => {
        const values = pointsOf(await exported(store), 'observed').map(({ value }) => value)
        expect(new Set(values).size).to.equal(1)
      },
      () => {
        if (turns++ % 4 === 2) void service.registry.collect()
      },
    )
    expect(generation).to.be.greaterThan(1)
  })
})
