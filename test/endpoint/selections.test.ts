import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import express from 'express'
import fastify from 'fastify'
import type { MetricsOptions } from '../../src/config/options'
import { createMetrics, type MetricsService } from '../../src/init'
import { DefinitionError } from '../../src/model/errors'
import { DeferredFunction } from '../support/deferred'
import { until } from '../support/until'
import { get, listen } from './support'

const QUIET = { http: false, runtime: false, selfMetrics: false, logger: false, serviceName: 'orders' } as const
const OWN = { host: '127.0.0.1', port: 0 }

describe('endpoint: pages of some metrics', () => {
  const open: { close(): unknown }[] = []
  const services: MetricsService[] = []

  afterEach(async () => {
    for (const each of open.splice(0)) await each.close()
    await Promise.all(services.splice(0).map((metrics) => metrics.shutdown()))
  })

  function service(options: MetricsOptions = { prometheus: { server: false } }): MetricsService {
    const metrics = createMetrics({ ...QUIET, ...options })
    services.push(metrics)
    metrics.counter({ name: 'http_requests_total' }).add(2)
    metrics.histogram({ name: 'http_request_duration_seconds', buckets: [1] }).record(0.5)
    metrics.gauge({ name: 'level' }).set(1)
    return metrics
  }

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener)
    open.push(server)
    return listen(server)
  }

  /** The metrics of the page at `url`. */
  async function names(url: string, headers: Record<string, string> = {}): Promise<string[]> {
    const { status, text } = await get(url, { headers })
    expect(status).to.equal(200)
    return [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name)
  }

  describe('that the scraper names', () => {
    it('come from the own server', async () => {
      const { url } = await service({ prometheus: OWN }).ready()
      expect(await names(`${url}?name[]=level`)).to.deep.equal(['level'])
      expect(await names(`${url}?name%5B%5D=http_requests_total&x=%&name[]=level`)).to.deep.equal([
        'http_requests_total',
        'level',
      ])
      expect(await names(`${url}?name[]=http_request_duration_seconds_bucket`)).to.deep.equal([
        'http_request_duration_seconds',
      ])
      expect(await names(`${url}?name[]=target_info`)).to.deep.equal(['target_info'])
      expect(await names(`${url}?name[]=`)).to.deep.equal([])
      expect(await names(`${url}?x=1`)).to.have.length(4)
    })

    it('come compressed and in every format', async () => {
      const { url } = await service({ prometheus: OWN }).ready()
      const { body } = await get(`${url}?name[]=level`, {
        headers: { accept: 'application/openmetrics-text', 'accept-encoding': 'gzip' },
      })
      expect(gunzipSync(body).toString()).to.equal('# TYPE level gauge\nlevel 1\n# EOF\n')
    })

    it('come through every framework, however it rewrites the address', async () => {
      const metrics = service()
      const app = express()
      app.get('/metrics', metrics.handler())
      app.use('/mounted', metrics.handler())
      app.use('/nested', express.Router().use('/deeper', metrics.handler()))
      app.use('/stripped', (request, response) => {
        request.url = '/'
        metrics.handler()(request, response)
      })
      app.use('/chosen', (request, response) => {
        request.url = '/?name[]=http_requests_total'
        metrics.handler()(request, response)
      })
      const url = await serve(app)
      for (const path of ['/metrics', '/mounted', '/mounted/', '/nested/deeper', '/stripped']) {
        expect(await names(`${url}${path}?name[]=level`), path).to.deep.equal(['level'])
        expect(await names(`${url}${path}`), path).to.have.length(4)
      }
      expect(await names(`${url}/chosen?name[]=level`)).to.deep.equal(['http_requests_total'])

      const fast = fastify({ rewriteUrl: ({ url: asked = '' }) => asked.replace('/old', '/metrics') })
      open.push(fast)
      fast.get('/metrics', metrics.handler())
      const fastUrl = await fast.listen({ host: '127.0.0.1', port: 0 })
      expect(await names(`${fastUrl}/metrics?name[]=level`)).to.deep.equal(['level'])
      expect(await names(`${fastUrl}/old?name[]=level`)).to.deep.equal(['level'])

      const handler = metrics.handler()
      const plain = await serve((request: IncomingMessage, response: ServerResponse) => handler(request, response))
      expect(await names(`${plain}/anywhere?name[]=level`)).to.deep.equal(['level'])
      expect(await names(`${plain}/anywhere?name[]=level?name[]=x`)).to.deep.equal([])
    })

    it('are refused with 400 and the reason where they cannot be read, by any method that reads', async () => {
      const { url } = await service({ prometheus: OWN }).ready()
      const bad = await get(`${url}?name[]=%zz`, { headers: { 'accept-encoding': 'gzip' } })
      expect([bad.status, bad.headers['content-encoding'], bad.headers['content-type']]).to.deep.equal([
        400,
        undefined,
        'text/plain; charset=utf-8',
      ])
      expect(bad.text).to.equal(
        'Cannot read "name[]": the name must be percent-encoded UTF-8, got "%zz". Write name[]=http_requests_total.\n',
      )
      expect((await get(`${url}?name[]=%`, { method: 'HEAD' })).status).to.equal(400)
      const many = `${url}?${'name[]=a&'.repeat(1_500)}`
      expect((await get(many)).text).to.equal('Cannot read "query": it must be of 1000 parameters or less, got more.\n')
      expect((await get(`${url}?name[]=%`, { method: 'POST' })).status).to.equal(405)
    })
  })

  describe('of several endpoints', () => {
    const endpoints = {
      '/metrics/http': { include: ['http_*'] },
      '/metrics/rest': { exclude: ['http_*', 'target_info'] },
    }

    it('are each at its path of the own server', async () => {
      const { url } = await service({ prometheus: { ...OWN, endpoints } }).ready()
      expect(url).to.match(/\/metrics$/)
      expect(await names(url)).to.have.length(4)
      expect(await names(`${url}/http`)).to.deep.equal(['http_request_duration_seconds', 'http_requests_total'])
      expect(await names(`${url}/rest`)).to.deep.equal(['level'])
      expect(await names(`${url}/http?name[]=http_requests_total&name[]=level`)).to.deep.equal(['http_requests_total'])
    })

    it('are listed where a path is none of them', async () => {
      const { url } = await service({ prometheus: { ...OWN, endpoints } }).ready()
      for (const path of ['/http/', '/', '/httpx', '?/http']) {
        const { status, text } = await get(`${url}${path}`.replace('?', '/x?'))
        expect([status, text]).to.deep.equal([404, 'Metrics are at /metrics, /metrics/http, /metrics/rest.\n'])
      }
    })

    it('may select for the main path, too', async () => {
      const main = { '/all': {}, '/internal': { include: ['level'] } }
      const { url } = await service({ prometheus: { ...OWN, path: '/internal', endpoints: main } }).ready()
      expect(await names(url)).to.deep.equal(['level'])
      expect(await names(url.replace('/internal', '/all'))).to.have.length(4)
    })

    it('can be on the main server', async () => {
      const metrics = service()
      const app = express()
      app.get('/metrics', metrics.handler())
      app.get('/metrics/http', metrics.handler({ include: ['http_*'] }))
      app.use('/rest', metrics.handler({ exclude: ['http_*', 'target_info'] }))
      const url = await serve(app)
      expect(await names(`${url}/metrics`)).to.have.length(4)
      expect(await names(`${url}/metrics/http`)).to.have.length(2)
      expect(await names(`${url}/rest?name[]=level&name[]=http_requests_total`)).to.deep.equal(['level'])
    })

    it('are checked when they are made', () => {
      expect(() => createMetrics({ ...QUIET, prometheus: { endpoints: { http: {} } } })).to.throw(
        DefinitionError,
        'Cannot start "metrics": a path of prometheus.endpoints must be one that starts with "/", written as in a URL, got "http". Write "/metrics/http".',
      )
      expect(() => createMetrics({ ...QUIET, prometheus: { endpoints: { '/a': { include: [] } } } })).to.throw(
        DefinitionError,
        `Cannot start "metrics": include of prometheus.endpoints["/a"] must be a list of names, at least one, got []. Write include: ['http_*'], or leave it out.`,
      )
      expect(() => service().handler({ include: 'http_*' } as never)).to.throw(
        DefinitionError,
        `Cannot make "handler": include of the selection must be a list of names, at least one, got "http_*". Write include: ['http_*'], or leave it out.`,
      )
    })

    it('keep what they selected, whatever becomes of the object that said it', async () => {
      const metrics = service()
      const include = ['level']
      const handler = metrics.handler({ include })
      const url = await serve((request: IncomingMessage, response: ServerResponse) => handler(request, response))
      include[0] = '*'
      expect(await names(url)).to.deep.equal(['level'])
    })
  })

  it('have one collection with those of all, in whichever format', async () => {
    const metrics = service({ prometheus: { ...OWN, endpoints: { '/some': { include: ['slow'] } } } })
    const readings = new DeferredFunction<void>()
    metrics.observableGauge({
      name: 'slow',
      callback: async (result) => {
        await readings.call()
        result.observe(readings.calls)
      },
    })
    const { url } = await metrics.ready()
    const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'
    const pages = [get(`${url}?name[]=slow`)]
    await until('the first collection', () => (readings.calls > 0 ? true : undefined))
    pages.push(
      get(url),
      get(url, { headers: { accept: protobuf, 'accept-encoding': 'gzip' } }),
      get(url.replace('/metrics', '/some'), { headers: { accept: 'application/openmetrics-text' } }),
      get(`${url}?name[]=level&name[]=slow`, { headers: { accept: protobuf } }),
    )
    // A scrape that was sent later has been answered: the others are under way.
    await get(`${url}?name[]=%`)
    await get(`${url}/nowhere`)
    readings.resolve()
    const answers = await Promise.all(pages)
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200, 200])
    for (const { text } of [answers[0], answers[1], answers[3]] as typeof answers)
      expect(text).to.match(/^slow 1(\.0)?$/m)
    expect(readings.calls).to.equal(1)
  })

  it('do not call the callbacks of others', async () => {
    const metrics = service({ prometheus: OWN })
    let calls = 0
    metrics.observableGauge({ name: 'costly', callback: (result) => result.observe(++calls) })
    const { url } = await metrics.ready()
    await get(`${url}?name[]=level`)
    await get(`${url}?name[]=nothing`)
    expect(calls).to.equal(0)
    expect((await get(`${url}?name[]=costly`)).text).to.contain('costly 1\n')
    expect((await get(url)).text).to.contain('costly 2\n')
  })
})
