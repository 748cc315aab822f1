import { AggregationType, DataPointType, type MetricData, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { OtelStore, pointsOf } from './harness'

describe("the aggregation that sdk-metrics's views choose for instruments of the OpenTelemetry API", () => {
  const exported = async (aggregation: ViewOptions['aggregation']) => {
    const store = new OtelStore({ views: [{ instrumentName: '*', ...(aggregation && { aggregation }) }] })
    const meter = store.meterProvider.getMeter('lib')
    for (const value of [2, 3]) {
      meter.createCounter('counter').add(value)
      meter.createUpDownCounter('upDown').add(value)
      meter.createGauge('gauge').record(value)
      meter.createHistogram('histogram', { advice: { explicitBucketBoundaries: [2] } }).record(value)
    }
    meter.createObservableCounter('oCounter').addCallback((result) => result.observe(3))
    meter.createObservableGauge('oGauge').addCallback((result) => result.observe(3))
    const tell = (metric: MetricData) => {
      const [point] = pointsOf(metric)
      const monotonic = metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? ' monotonic' : ''
      return `${metric.descriptor.name}: ${DataPointType[metric.dataPointType]}${monotonic} ${JSON.stringify(point?.value)}`
    }
    return (await store.metrics()).map(tell)
  }

  const histogram = (boundaries: number[], counts: number[], sum?: number) =>
    `HISTOGRAM ${JSON.stringify({ buckets: { boundaries, counts }, count: counts.reduce((a, b) => a + b, 0), sum })}`

  it('DEFAULT: what the instrument is for', async () => {
    expect(await exported({ type: AggregationType.DEFAULT })).to.deep.equal([
      'counter: SUM monotonic 5',
      'upDown: SUM 5',
      'gauge: GAUGE 3',
      `histogram: ${histogram([2], [1, 1], 5)}`,
      'oCounter: SUM monotonic 3',
      'oGauge: GAUGE 3',
    ])
  })

  it('SUM: monotonic where the instrument is', async () => {
    expect(await exported({ type: AggregationType.SUM })).to.deep.equal([
      'counter: SUM monotonic 5',
      'upDown: SUM 5',
      'gauge: SUM 5',
      'histogram: SUM monotonic 5',
      'oCounter: SUM monotonic 3',
      'oGauge: SUM 3',
    ])
  })

  it('LAST_VALUE: a gauge of each', async () => {
    expect(await exported({ type: AggregationType.LAST_VALUE })).to.deep.equal([
      'counter: GAUGE 3',
      'upDown: GAUGE 3',
      'gauge: GAUGE 3',
      'histogram: GAUGE 3',
      'oCounter: GAUGE 3',
      'oGauge: GAUGE 3',
    ])
  })

  it('EXPLICIT_BUCKET_HISTOGRAM: its buckets, over those of the advice, a closing +Inf left out', async () => {
    const options = { boundaries: [2.5, Number.POSITIVE_INFINITY] }
    expect(await exported({ type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options })).to.deep.equal([
      `counter: ${histogram([2.5], [1, 1], 5)}`,
      `upDown: ${histogram([2.5], [1, 1])}`,
      `gauge: ${histogram([2.5], [1, 1])}`,
      `histogram: ${histogram([2.5], [1, 1], 5)}`,
      `oCounter: ${histogram([2.5], [0, 1], 3)}`,
      `oGauge: ${histogram([2.5], [0, 1])}`,
    ])
  })

  it('EXPLICIT_BUCKET_HISTOGRAM without buckets: the default ones, not those of the advice', async () => {
    const texts = await exported({ type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM })
    for (const text of texts) expect(text).to.contain('"boundaries":[0,5,10,25,')
  })

  it('DROP: nothing, and no series', async () => {
    expect(await exported({ type: AggregationType.DROP })).to.deep.equal([])
  })

  it('without letting a counter fall, whatever becomes of it', async () => {
    for (const type of [AggregationType.LAST_VALUE, AggregationType.EXPLICIT_BUCKET_HISTOGRAM, AggregationType.SUM]) {
      const store = new OtelStore({ views: [{ instrumentName: '*', aggregation: { type } }] })
      const meter = store.meterProvider.getMeter('lib')
      meter.createCounter('counter').add(-1)
      meter.createHistogram('histogram').record(-1)
      expect(await store.metrics()).to.deep.equal([])
      expect(await store.rejections('counter')).to.deep.equal({ negative: 1 })
      expect(await store.rejections('histogram')).to.deep.equal({ negative: 1 })
    }
  })
})
