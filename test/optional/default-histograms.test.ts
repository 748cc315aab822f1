import { AggregationType, DataPointType } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'

const BASE2 = { histograms: 'base2_exponential_bucket_histogram' } as const

describe('otlp.histograms', () => {
  let metrics: MetricsService
  const start = (otlp: object) => {
    metrics = createMetrics({
      exporters: ['otlp'],
      otlp: { endpoint: 'http://127.0.0.1:9/v1/metrics', intervalMs: 2 ** 31 - 1, timeoutMs: 1, ...otlp },
      views: [{ instrumentName: 'viewed', aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM } }],
      http: false,
      runtime: false,
      selfMetrics: false,
      logger: false,
    })
    metrics.histogram({ name: 'open' }).record(3)
    metrics.histogram({ name: 'own', buckets: [1, 10] }).record(3)
    metrics.histogram({ name: 'viewed' }).record(3)
    metrics.meterProvider.getMeter('m').createHistogram('foreign').record(3)
    metrics.meterProvider
      .getMeter('m')
      .createHistogram('advised', { advice: { explicitBucketBoundaries: [1] } })
      .record(3)
  }
  const exponential = async () => {
    const { resourceMetrics } = await metrics.metricProducer.collect()
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
    const found = all.filter(({ dataPointType }) => dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM)
    return found.map(({ descriptor }) => descriptor.name)
  }
  afterEach(() => metrics.shutdown())

  it('makes exponential what has no buckets of its own or of a view, for Prometheus too', async () => {
    start(BASE2)
    expect(await exponential()).to.have.members(['open', 'foreign'])
    const { body } = await metrics.render()
    expect(body).to.match(/^open_bucket\{le="4"\} 1$/m)
    expect(body).to.match(/^own_bucket\{le="10"\} 1$/m)
  })

  it('leaves them as they are by default', async () => {
    start({})
    expect(await exponential()).to.deep.equal([])
  })
})
