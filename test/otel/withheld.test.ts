import { metrics as globalMetrics } from '@opentelemetry/api'
import { expect } from 'chai'
import { createMetrics, initMetrics } from '../../src/init'

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
