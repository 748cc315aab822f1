import { type Attributes, type HrTime, type Meter, ValueType } from '@opentelemetry/api'
import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type HistogramMetricData,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { createMetrics } from '../../src/init'
import { exemplarsOf } from '../../src/otel/push/point-exemplars'
import { attributesText, metricsOf, OtelStore } from './harness'

describe('the store as a MetricProducer', () => {
  let store: OtelStore
  let meter: Meter

  beforeEach(() => {
    store = new OtelStore()
    meter = store.meterProvider.getMeter('lib')
  })

  const times = async () =>
    (await store.metrics()).map(({ dataPoints }) => dataPoints.map((point) => [point.startTime, point.endTime]))

  describe('times', () => {
    const at = (seconds: number, ms = 0): HrTime => [1_700_000_000 + seconds, ms * 1e6]

    it('of sums and histograms: from the first measurement of the series to the collection', async () => {
      const counter = meter.createCounter('jobs')
      const histogram = meter.createHistogram('took')
      store.nowMs += 1_000
      counter.add(1, { a: 1 })
      store.nowMs += 500
      histogram.record(1)
      counter.add(1, { a: 1 })
      counter.add(1, { a: 2 })
      store.nowMs += 1_000
      expect(await times()).to.deep.equal([
        [
          [at(1), at(2, 500)],
          [at(1, 500), at(2, 500)],
        ],
        [[at(1, 500), at(2, 500)]],
      ])
    })

    it('of observed sums: from the making of the instrument, also when the series comes back', async () => {
      let observed = true
      store.nowMs += 1_000
      meter.createObservableCounter('ticks').addCallback((result) => {
        if (observed) result.observe(1)
      })
      store.nowMs += 1_000
      expect(await times()).to.deep.equal([[[at(1), at(2)]]])
      observed = false
      expect(await times()).to.deep.equal([])
      observed = true
      store.nowMs += 1_000
      expect(await times()).to.deep.equal([[[at(1), at(3)]]])
    })

    it('of gauges: the collection, as a last value has no beginning', async () => {
      meter.createGauge('depth').record(1)
      meter.createObservableGauge('seen').addCallback((result) => result.observe(1))
      store.nowMs += 1_000
      expect(await times()).to.deep.equal([[[at(1), at(1)]], [[at(1), at(1)]]])
    })

    it('never have more nanoseconds than a second has', async () => {
      meter.createGauge('depth').record(1)
      store.nowMs = 1_999.999_999_9
      expect(await times()).to.deep.equal([
        [
          [
            [1, 999_999_999],
            [1, 999_999_999],
          ],
        ],
      ])
    })
  })

  it('has the newest exemplar of a histogram for the counter that its counts are, as a rise by one', async () => {
    const metrics = createMetrics({ exporters: [], http: false, runtime: false, selfMetrics: false, logger: false })
    const count = { name: 'jobs_total' }
    const jobs = metrics.countedHistogram({ histogram: { name: 'job_seconds', buckets: [1] }, count })
    for (const [order, value] of [0.5, 3].entries()) jobs.record(value, {}, { exemplar: { order } })
    const { scopeMetrics } = (await metrics.metricProducer.collect()).resourceMetrics
    const [histogram, counter] =
      scopeMetrics[0]?.metrics.map(({ dataPoints: [point] }) => point as DataPoint<unknown>) ?? []
    const told = (point: DataPoint<unknown>) =>
      exemplarsOf(point).map(({ value, attributes }) => [value, attributes.order])
    expect(told(histogram as DataPoint<unknown>)).to.deep.equal([
      [0.5, '0'],
      [3, '1'],
    ])
    expect(told(counter as DataPoint<unknown>)).to.deep.equal([[1, '1']])
    await metrics.shutdown()
  })

  it('says that everything is cumulative, whatever a reader would rather have', async () => {
    meter.createCounter('jobs').add(1)
    meter.createHistogram('took').record(1)
    meter.createGauge('depth').record(1)
    for (const { aggregationTemporality } of await store.metrics()) {
      expect(aggregationTemporality).to.equal(AggregationTemporality.CUMULATIVE)
    }
  })

  it('leaves metrics without series out, and scopes without metrics', async () => {
    meter.createCounter('jobs')
    meter.createObservableGauge('depth').addCallback(() => {})
    const { resourceMetrics, errors } = await store.producer.collect()
    expect(errors).to.deep.equal([])
    expect(resourceMetrics.scopeMetrics).to.deep.equal([])
    expect(resourceMetrics.resource.attributes).to.deep.equal({})
  })

  it("gives the facade's instruments the scope meterkit and their Prometheus names", async () => {
    const metrics = createMetrics({ exporters: [], http: false, runtime: false, selfMetrics: false, logger: false })
    metrics
      .counter({ name: 'orders_placed_total', help: 'Orders placed', labelNames: ['region'] })
      .add(2, { region: 'eu' })
    const { scopeMetrics } = (await metrics.metricProducer.collect()).resourceMetrics
    expect(scopeMetrics).to.have.length(1)
    expect(scopeMetrics[0]?.scope).to.deep.equal({ name: 'meterkit' })
    const [metric] = scopeMetrics[0]?.metrics ?? []
    expect(metric?.descriptor).to.deep.equal({
      name: 'orders_placed_total',
      description: 'Orders placed',
      unit: '',
      valueType: ValueType.DOUBLE,
    })
    expect(metric?.dataPoints[0]).to.deep.include({ attributes: { region: 'eu' }, value: 2 })
    await metrics.shutdown()
  })

  it('writes constant labels to every point, below what the point says itself', async () => {
    store = new OtelStore({ constantLabels: { zone: 'a', host: 'h1' } })
    const counter = store.meterProvider.getMeter('lib').createCounter('jobs')
    counter.add(1)
    counter.add(2, { zone: 'b' })
    expect(await store.points('jobs')).to.deep.equal([
      { attributes: { zone: 'a', host: 'h1' }, value: 1 },
      { attributes: { zone: 'b', host: 'h1' }, value: 2 },
    ])
  })

  it('gives series as one where one has the value of its own that is constant for the other', async () => {
    const views = [{ instrumentName: 'native', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const }]
    store = new OtelStore({ constantLabels: { zone: 'a' }, views })
    const meter = store.meterProvider.getMeter('m')
    const counter = meter.createCounter('counter')
    const gauge = meter.createGauge('gauge')
    const explicit = meter.createHistogram('explicit', { advice: { explicitBucketBoundaries: [1] } })
    const native = meter.createHistogram('native')
    const record = (value: number, attributes: Attributes) => {
      counter.add(value, attributes)
      gauge.record(value, attributes)
      explicit.record(value, attributes)
      native.record(value, attributes)
    }
    record(1, {})
    record(2, { zone: 'a' })
    record(4, { zone: 'b' })
    const [a, b] = [{ zone: 'a' }, { zone: 'b' }]
    const points = async (name: string) => {
      const found = await store.points(name)
      return found.sort((x, y) => (String(x.attributes.zone) < String(y.attributes.zone) ? -1 : 1))
    }
    expect(await points('counter')).to.deep.equal([
      { attributes: a, value: 3 },
      { attributes: b, value: 4 },
    ])
    expect(await points('gauge')).to.deep.equal([
      { attributes: a, value: 2 },
      { attributes: b, value: 4 },
    ])
    const [first] = await points('explicit')
    expect(first?.value).to.deep.equal({ count: 2, sum: 3, buckets: { boundaries: [1], counts: [1, 1] } })
    const exponential = (await points('native'))[0]?.value as ExponentialHistogram
    expect(exponential).to.include({ count: 2, sum: 3 })
    expect(exponential.positive.bucketCounts.filter((count) => count > 0)).to.have.length(2)
  })

  it('marks the overflow series as OpenTelemetry does, for every instrument', async () => {
    store = new OtelStore({ cardinalityLimit: 2 })
    meter = store.meterProvider.getMeter('lib')
    const counter = meter.createCounter('jobs')
    meter.createObservableCounter('ticks').addCallback((result) => {
      for (let id = 0; id < 5; id++) result.observe(1, { id })
    })
    for (let id = 0; id < 5; id++) counter.add(1, { id })
    const expected = [
      { attributes: { id: 0 }, value: 1 },
      { attributes: { id: 1 }, value: 1 },
      { attributes: { 'otel.metric.overflow': true }, value: 3 },
    ]
    expect(await store.points('jobs')).to.deep.equal(expected)
    expect(await store.points('ticks')).to.deep.equal(expected)
  })

  it('gives a histogram of what may be negative no sum', async () => {
    const aggregation: AggregationOption = {
      type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
      options: { boundaries: [0] },
    }
    store = new OtelStore({ views: [{ instrumentName: '*', aggregation }] })
    meter = store.meterProvider.getMeter('lib')
    meter.createUpDownCounter('a').add(-1)
    meter.createGauge('b').record(-1)
    meter.createObservableGauge('c').addCallback((result) => result.observe(-1))
    meter.createObservableUpDownCounter('d').addCallback((result) => result.observe(-1))
    meter.createCounter('e').add(3)
    const sums = ((await store.metrics()) as HistogramMetricData[]).map(({ descriptor, dataPoints }) => [
      descriptor.name,
      dataPoints[0]?.value.count,
      dataPoints[0]?.value.sum,
    ])
    expect(sums).to.have.deep.members([
      ['a', 1, undefined],
      ['b', 1, undefined],
      ['c', 1, undefined],
      ['d', 1, undefined],
      ['e', 1, 3],
    ])
  })

  it('shares one collection between readers that ask at the same time', async () => {
    let calls = 0
    meter.createObservableGauge('depth').addCallback(async (result) => {
      calls++
      await Promise.resolve()
      result.observe(1)
    })
    const collected = await Promise.all([
      metricsOf(store.producer),
      metricsOf(store.producer),
      metricsOf(store.producer),
    ])
    expect(calls).to.equal(1)
    for (const metrics of collected) expect(metrics.map(({ dataPoints }) => dataPoints[0]?.value)).to.deep.equal([1])
  })

  it('gives data that nobody else holds: a reader may change what it got', async () => {
    const counter = meter.createCounter('jobs')
    counter.add(1, { a: ['x'], b: 1 })
    meter.createHistogram('took').record(1)
    const spoil = (metrics: MetricData[]) => {
      for (const metric of metrics) {
        for (const point of metric.dataPoints) {
          point.attributes.b = 'spoiled'
          delete point.attributes.a
        }
        if (metric.dataPointType === DataPointType.HISTOGRAM) {
          metric.dataPoints[0]?.value.buckets.boundaries.push(1)
          metric.dataPoints[0]?.value.buckets.counts.fill(9)
        }
      }
    }
    const before = JSON.stringify(await store.metrics())
    spoil(await store.metrics())
    expect(JSON.stringify(await store.metrics())).to.equal(before)
  })

  it('has the shape that the types of sdk-metrics promise, all of it numbers and JSON', async () => {
    meter
      .createCounter('jobs', { valueType: ValueType.INT })
      .add(1, { s: 'a', n: 1, b: false, list: ['x', 'y'], big: 1n as never })
    meter.createHistogram('took', { unit: 's' }).record(0.1, JSON.parse('{"__proto__":"p"}'))
    meter.createGauge('depth').record(-1, { nan: Number.NaN })
    meter.createObservableUpDownCounter('used').addCallback((result) => result.observe(1))
    const metrics = await store.metrics()
    expect(
      metrics.map(({ descriptor, dataPointType }) => [descriptor.name, DataPointType[dataPointType]]),
    ).to.deep.equal([
      ['jobs', 'SUM'],
      ['took', 'HISTOGRAM'],
      ['depth', 'GAUGE'],
      ['used', 'SUM'],
    ])
    for (const metric of metrics) {
      expect(JSON.parse(JSON.stringify(metric))).to.deep.equal(metric)
      for (const { startTime, endTime, value, attributes } of metric.dataPoints) {
        for (const time of [startTime, endTime]) expect(time.every(Number.isInteger)).to.equal(true)
        const numbers =
          typeof value === 'number'
            ? [value]
            : Object.values(value).flatMap((part) => (typeof part === 'number' ? [part] : []))
        expect(numbers.every(Number.isFinite)).to.equal(true)
        // Exporters call the methods of ordinary objects on attributes.
        expect(Object.getPrototypeOf(attributes)).to.equal(Object.prototype)
      }
    }
    expect(attributesText(metrics[1]?.dataPoints[0]?.attributes ?? {})).to.equal('[["__proto__","p"]]')
  })
})
