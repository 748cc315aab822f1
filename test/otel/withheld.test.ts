import { metrics as globalMetrics } from '@opentelemetry/api'
import { expect } from 'chai'
import type { MetricsOptions } from '../../src/config/options'
import { createMetrics, initMetrics } from '../../src/init'
import { HTTP_BUCKETS, SIZE_BUCKETS } from '../../src/instrument/http/http.metrics'

const QUIET = { exporters: [], runtime: false, logger: false } as const

describe("What instrumentations record of the application's outgoing requests", () => {
  const attributes = { 'http.request.method': 'GET', 'server.address': 'api', 'http.response.status_code': 200 }

  it('is not stored beside what the service measures itself: the two would read as one', async () => {
    const metrics = initMetrics(QUIET)
    try {
      const meter = globalMetrics.getMeter('@opentelemetry/instrumentation-undici')
      const duration = meter.createHistogram('http.client.request.duration', { unit: 's' })
      duration.record(0.1, attributes)
      meter.createHistogram('http.client.request.body.size', { unit: 'By' }).record(10, attributes)
      const { body } = await metrics.render()
      expect(body).not.to.include('http_client_request_duration_seconds_count')
      expect(body).to.include('http_client_request_body_size_bytes_count{')
    } finally {
      await metrics.shutdown()
    }
  })

  it('is stored where the service does not', async () => {
    for (const http of [false, { client: false }] as const) {
      const metrics = createMetrics({ ...QUIET, http })
      const meter = metrics.meterProvider.getMeter('@opentelemetry/instrumentation-undici')
      meter.createHistogram('http.client.request.duration', { unit: 's' }).record(0.1, attributes)
      expect((await metrics.render()).body).to.include('http_client_request_duration_seconds_count{')
      await metrics.shutdown()
    }
  })
})

describe('What instrumentations record of the requests that the application serves', () => {
  const attributes = { 'http.request.method': 'GET', 'url.scheme': 'http', 'http.response.status_code': 200 }
  const DURATION = 'http.server.request.duration'

  /** Whether a page shows what an instrumentation recorded in a histogram of this name. */
  async function isStored(name: string, options: MetricsOptions): Promise<boolean> {
    const metrics = createMetrics({ ...QUIET, ...options })
    try {
      const meter = metrics.meterProvider.getMeter('@opentelemetry/instrumentation-http')
      // The same buckets, as instrumentations have them: those of another layout would not be shown beside ours.
      const [unit, buckets] = name === DURATION ? ['s', HTTP_BUCKETS] : ['By', SIZE_BUCKETS]
      const advice = { explicitBucketBoundaries: [...buckets] }
      meter.createHistogram(name, { unit, advice }).record(1, attributes)
      return (await metrics.render()).body.includes('_count{http_request_method="GET"')
    } finally {
      await metrics.shutdown()
    }
  }

  it('is not stored where the service measures them, under the names of now or before: each would count twice', async () => {
    for (const options of [{}, { semconv: false }, { semconv: true }] as const) {
      expect(await isStored(DURATION, options)).to.equal(false)
      expect(await isStored('http.server.duration', options)).to.equal(false)
    }
  })

  it('is not stored of bodies where the service has the same under their names', async () => {
    for (const name of ['http.server.request.body.size', 'http.server.response.body.size']) {
      expect(await isStored(name, { semconv: true, http: { sizes: true } })).to.equal(false)
      expect(await isStored(name, { semconv: true })).to.equal(true)
    }
  })

  it('is stored where the service measures no requests', async () => {
    for (const semconv of [false, true]) expect(await isStored(DURATION, { semconv, http: false })).to.equal(true)
  })
})
