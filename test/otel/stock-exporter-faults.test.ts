import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { Meter } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { AggregationType, MeterProvider, type MetricProducer, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { ExpositionReader } from '../../src/endpoint/exposition-reader'
import { DeferredFunction, settled } from '../support/deferred'

const TEXT = 'text/plain; version=0.0.4; charset=utf-8'
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/**
 * The faults of exporter-prometheus for which there is an exporter of our own: each time what the stock exporter does,
 * so that this tells when it is mended, and that ours does better. Both are readers of a stock `MeterProvider`.
 */
describe('faults of the stock Prometheus exporter that ours does not have', () => {
  const endings: (() => unknown)[] = []

  afterEach(async () => {
    for (const end of endings.splice(0)) await end()
  })

  /** An exporter behind a server, with what a test made it export. */
  const serve = async (
    exporter: PrometheusExporter,
    { record, views = [] }: { readonly record?: (meter: Meter) => void; readonly views?: ViewOptions[] },
  ) => {
    const provider = new MeterProvider({ readers: [exporter], views })
    record?.(provider.getMeter('lib'))
    const server: Server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    endings.push(async () => {
      server.close()
      server.closeAllConnections()
      await provider.shutdown()
    })
    const { port } = server.address() as AddressInfo
    return (headers: Record<string, string> = {}, method = 'GET') => get(port, method, headers)
  }

  /** Serves the same from the stock exporter and from ours. */
  const onBoth = async (
    given: {
      readonly record?: (meter: Meter) => void
      readonly views?: ViewOptions[]
      readonly metricProducers?: MetricProducer[]
    },
    timeoutMs = 10_000,
  ) => {
    const { metricProducers = [] } = given
    const log = { info() {}, warn() {}, error() {} }
    return {
      stock: await serve(new PrometheusExporter({ preventServerStart: true, metricProducers }), given),
      ours: await serve(new ExpositionReader({ preventServerStart: true, metricProducers, timeoutMs, log }), given),
    }
  }

  const jobs = { record: (meter: Meter) => meter.createCounter('jobs').add(1) }

  it('exponential histograms are left out', async () => {
    const { stock, ours } = await onBoth({
      views: [{ instrumentName: 'took', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
      record: (meter) => {
        const histogram = meter.createHistogram('took')
        for (const value of [0, 1, 2, 1_000]) histogram.record(value)
      },
    })
    expect(String((await stock()).body)).not.to.match(/^took_(bucket|count|sum)/m)
    const page = String((await ours()).body)
    expect(page).to.contain('# TYPE took histogram\n')
    expect(page).to.match(/^took_bucket\{le="1"\} 2$/m)
    expect(page).to.match(/^took_bucket\{le="\+Inf"\} 4$/m)
    expect(page).to.match(/^took_count 4$/m)
    expect(page).to.match(/^took_sum 1003$/m)
  })

  it('Accept is ignored', async () => {
    const { stock, ours } = await onBoth(jobs)
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5'
    expect((await stock({ accept })).headers['content-type']).to.equal('text/plain')
    const answer = await ours({ accept })
    expect(answer.headers['content-type']).to.equal(OPENMETRICS)
    expect(String(answer.body)).to.match(/# EOF\n$/)
    expect((await ours()).headers['content-type']).to.equal(TEXT)
  })

  it('200 is sent where collecting failed, which a scraper takes for success', async () => {
    const failing = { collect: () => Promise.reject(new Error('database gone')) }
    const { stock, ours } = await onBoth({ ...jobs, metricProducers: [failing] })
    expect((await stock()).status).to.equal(200)
    const answer = await ours()
    expect(answer.status).to.equal(503)
    expect(String(answer.body)).to.equal('Metrics could not be collected: database gone\n')
  })

  it('DELETE and any other method are answered with the page', async () => {
    const { stock, ours } = await onBoth(jobs)
    for (const method of ['DELETE', 'POST', 'PUT']) {
      expect((await stock({}, method)).status).to.equal(200)
      const answer = await ours({}, method)
      expect([answer.status, answer.headers.allow]).to.deep.equal([405, 'GET, HEAD'])
      expect(String(answer.body)).not.to.contain('jobs_total')
    }
  })

  it('pages are not compressed', async () => {
    const { stock, ours } = await onBoth(jobs)
    const gzip = { 'accept-encoding': 'gzip' }
    expect((await stock(gzip)).headers).not.to.have.property('content-encoding')
    const answer = await ours(gzip)
    expect(answer.headers['content-encoding']).to.equal('gzip')
    expect(String(gunzipSync(answer.body))).to.match(/^jobs_total 1$/m)
  })

  it('a collection that hangs hangs the scrape', async () => {
    const hanging = new DeferredFunction<Awaited<ReturnType<MetricProducer['collect']>>>()
    const { stock, ours } = await onBoth({ ...jobs, metricProducers: [{ collect: hanging.call }] }, 50)
    let stockAnswered = false
    const stockScrape = stock().then(
      () => {
        stockAnswered = true
      },
      () => undefined,
    )
    const answer = await ours()
    await settled()
    expect(answer.status).to.equal(503)
    expect(String(answer.body)).to.contain('the deadline of 50 ms passed')
    expect(stockAnswered).to.equal(false)
    hanging.reject(new Error('at last'))
    await stockScrape
    expect(stockAnswered).to.equal(true)
  })

  it('attributes that come to one label are printed as duplicate labels, and no scraper takes the page', async () => {
    const { stock, ours } = await onBoth({
      record: (meter) => {
        const counter = meter.createCounter('jobs')
        counter.add(1, { 'job.kind': 'a', job_kind: 'b' })
        counter.add(2, { 'job.kind': 'c' })
      },
    })
    expect(String((await stock()).body)).to.match(/^jobs_total\{job_kind="a",job_kind="b",/m)
    const page = String((await ours()).body)
    expect(page).to.match(/^jobs_total\{job_kind="a;b"\} 1$/m)
    expect(page).to.match(/^jobs_total\{job_kind="c"\} 2$/m)
  })

  it('attributes that differ in type alone are printed as the same series twice', async () => {
    const { stock, ours } = await onBoth({
      record: (meter) => {
        const counter = meter.createCounter('jobs')
        counter.add(1, { id: 1 })
        counter.add(2, { id: '1' })
      },
    })
    expect(String((await stock()).body).match(/^jobs_total\{id="1",otel_scope_name="lib"\} /gm)).to.have.length(2)
    expect(String((await ours()).body).match(/^jobs_total\{.*/gm)).to.deep.equal(['jobs_total{id="1"} 3'])
  })

  it('two metrics of one name and different types are both lost', async () => {
    const { stock, ours } = await onBoth({
      record: (meter) => {
        meter.createCounter('jobs').add(1)
        meter.createGauge('jobs_total').record(7)
      },
    })
    expect(String((await stock()).body)).not.to.contain('jobs_total')
    const page = String((await ours()).body)
    expect(page).to.contain('# TYPE jobs_total counter\n')
    expect(page.match(/^jobs_total .*/gm)).to.deep.equal(['jobs_total 1'])
  })
})

async function get(port: number, method: string, headers: Record<string, string>): Promise<Answer> {
  const request = httpRequest({ host: '127.0.0.1', port, method, path: '/metrics', headers, agent: false })
  request.end()
  const [response] = await once(request, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }
}
