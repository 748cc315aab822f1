import { once } from 'node:events'
import { statSync } from 'node:fs'
import { connect as connectHttp2, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { MetricsOptions } from '../../../src/config/options'
import { createMetrics, type MetricsService } from '../../../src/init'
import { samplesOf } from '../../support/page'
import { until } from '../../support/until'
import { ask, Fixture } from './support'

/** Labels as the samples of a page have them: in the order of their names. */
function labels(text: string): string {
  const pairs = text.slice(1, -1).match(/\w+="(?:[^"\\]|\\.)*"/g) ?? []
  return `{${pairs.sort().join(',')}}`
}

describe('HTTP: the shape of the metrics', () => {
  let fixture: Fixture
  beforeEach(() => {
    fixture = new Fixture()
  })
  afterEach(() => fixture.end())

  function service(options: MetricsOptions): MetricsService {
    const metrics = createMetrics({
      prometheus: { server: false },
      runtime: false,
      logger: {
        info() {},
        warn: (text) => fixture.warnings.push(text),
        error: (text) => fixture.errors.push(text),
      },
      ...options,
    })
    fixture.atEnd(() => metrics.shutdown())
    return metrics
  }

  /** The samples of a metric once they are so many altogether. */
  async function samples(metrics: MetricsService, name: string, total: number): Promise<Record<string, number>> {
    return await until(
      `${total} of ${name}`,
      async () => {
        const found = [...samplesOf((await metrics.render()).body)].filter(([series]) => series.startsWith(`${name}{`))
        const sum = found.reduce((all, [, value]) => all + value, 0)
        return sum === total
          ? Object.fromEntries(found.map(([series, value]) => [series.slice(name.length), value]))
          : undefined
      },
      { everyMs: 5 },
    )
  }

  it('has labels of the application, for a tenant and a version of the API', async () => {
    const metrics = service({
      http: {
        labels: {
          names: ['tenant', 'api_version'],
          of: ({ headers, url = '' }) => ({
            tenant: String(headers['x-tenant'] ?? ''),
            api_version: /^\/(v\d)\//.exec(url)?.[1],
          }),
        },
      },
    })
    const server = await fixture.listen((_request, response) => response.end())
    await ask(server, 'GET', '/v1/a', '', { 'x-tenant': 'acme' })
    await ask(server, 'GET', '/v2/a', '', { 'x-tenant': 'acme' })
    await ask(server, 'GET', '/a')
    expect(await samples(metrics, 'http_requests_total', 3)).to.deep.equal({
      [labels('{method="GET",path="/v1/a",status_code="200",tenant="acme",api_version="v1"}')]: 1,
      [labels('{method="GET",path="/v2/a",status_code="200",tenant="acme",api_version="v2"}')]: 1,
      [labels('{method="GET",path="/a",status_code="200",tenant="",api_version=""}')]: 1,
    })
  })

  it('keeps each of these labels within its limit, and lets none break the page or hold much', async () => {
    const metrics = service({
      http: {
        labels: { names: ['a', 'b'], of: ({ headers }) => ({ a: String(headers.a), b: String(headers.b) }), limit: 3 },
      },
    })
    const server = await fixture.listen((_request, response) => response.end())
    for (let i = 0; i < 20; i++) await ask(server, 'GET', '/', '', { a: `a"\\${i}`, b: i % 2 === 0 ? 'even' : 'odd' })
    await ask(server, 'GET', '/', '', { a: 'x'.repeat(5000), b: 'even' })
    const found = await samples(metrics, 'http_requests_total', 21)
    expect(Object.keys(found).sort()).to.deep.equal(
      [
        ['a\\"\\\\0', 'even', 1],
        ['a\\"\\\\1', 'odd', 1],
        ['a\\"\\\\2', 'even', 1],
        ['(other)', 'even', 10],
        ['(other)', 'odd', 9],
      ]
        .map(([a, b]) => labels(`{method="GET",path="/",status_code="200",a="${a}",b="${b}"}`))
        .sort(),
    )
    expect(fixture.warnings).to.have.length(1)
    expect(fixture.warnings[0]).to.match(/3 distinct values of the label "a"/)
  })

  it('keeps sets of values apart, whatever characters are in them', async () => {
    const pairs = [
      ['a\u0000b', 'c'],
      ['a', 'b\u0000c'],
      ['1:a', ''],
      ['1', 'a:'],
    ] as const
    let next = 0
    const metrics = service({
      http: { labels: { names: ['a', 'b'], of: () => ({ a: pairs[next]?.[0], b: pairs[next++]?.[1] }) } },
    })
    const server = await fixture.listen((_request, response) => response.end())
    for (const _pair of pairs) await ask(server, 'GET', '/')
    expect(Object.values(await samples(metrics, 'http_requests_total', 4))).to.deep.equal([1, 1, 1, 1])
  })

  it('counts a request whose labels cannot be had, and says so once', async () => {
    const metrics = service({
      http: {
        labels: {
          names: ['tenant'],
          of: () => {
            throw new Error('no tenant')
          },
        },
      },
    })
    const server = await fixture.listen((_request, response) => response.end())
    await ask(server, 'GET', '/')
    await ask(server, 'GET', '/')
    expect(await samples(metrics, 'http_requests_total', 2)).to.deep.equal({
      [labels('{method="GET",path="/",status_code="200",tenant=""}')]: 2,
    })
    expect(fixture.errors).to.have.length(1)
  })

  it('gives the methods that are listed a label of their own, and no others', async () => {
    const metrics = service({ http: { methods: ['GET', 'PURGE'] } })
    const server = await fixture.listen((_request, response) => response.end())
    for (const method of ['GET', 'PURGE', 'POST', 'DELETE']) await ask(server, method, '/')
    expect(await samples(metrics, 'http_requests_total', 4)).to.deep.equal({
      [labels('{method="GET",path="/",status_code="200"}')]: 1,
      [labels('{method="PURGE",path="/",status_code="200"}')]: 1,
      [labels('{method="_OTHER",path="/",status_code="200"}')]: 2,
    })
  })

  describe('with sizes', () => {
    it('measures bodies with a length and in pieces, as they are sent', async () => {
      const metrics = service({ http: { sizes: true } })
      const server = await fixture.listen(async (request, response) => {
        for await (const _chunk of request) {
          // All of it is read.
        }
        response.write('twelve ')
        response.write(Buffer.from('bytes'))
        response.end('ö')
      })
      await ask(server, 'POST', '/known', 'body')
      await ask(server, 'POST', '/pieces', 'in pieces', { 'transfer-encoding': 'chunked' })
      await ask(server, 'HEAD', '/none')
      expect(await samples(metrics, 'http_request_size_bytes_sum', 13)).to.deep.equal({
        [labels('{method="POST",path="/known",status_code="200"}')]: 4,
        [labels('{method="POST",path="/pieces",status_code="200"}')]: 9,
        [labels('{method="HEAD",path="/none",status_code="200"}')]: 0,
      })
      expect(await samples(metrics, 'http_response_size_bytes_sum', 28)).to.deep.equal({
        [labels('{method="POST",path="/known",status_code="200"}')]: 14,
        [labels('{method="POST",path="/pieces",status_code="200"}')]: 14,
        [labels('{method="HEAD",path="/none",status_code="200"}')]: 0,
      })
      expect(await samples(metrics, 'http_response_size_bytes_count', 3)).to.have.property(
        labels('{method="HEAD",path="/none",status_code="200"}'),
        1,
      )
    })

    it('measures them over HTTP/2, and has the bounds that are asked for', async () => {
      const metrics = service({ http: { sizes: { buckets: [10] } } })
      const server = createServer((request, response) => {
        request.resume().on('end', () => {
          response.write('some ')
          response.end('bytes of it')
        })
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      fixture.atEnd(() => {
        client.destroy()
        server.close()
      })
      const stream = client.request({ ':path': '/h2', ':method': 'POST' })
      stream.end('body')
      await once(stream.resume(), 'close')
      expect(await samples(metrics, 'http_request_size_bytes_sum', 4)).to.have.property(
        labels('{method="POST",path="/h2",status_code="200"}'),
      )
      expect(await samples(metrics, 'http_response_size_bytes_bucket', 1)).to.deep.equal({
        [labels('{method="POST",path="/h2",status_code="200",le="10"}')]: 0,
        [labels('{method="POST",path="/h2",status_code="200",le="+Inf"}')]: 1,
      })
    })

    it('measures a file that HTTP/2 sends by itself', async () => {
      const metrics = service({ http: { sizes: true } })
      const server = createServer()
      server.on('stream', (stream) => stream.respondWithFile(__filename))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      fixture.atEnd(() => {
        client.destroy()
        server.close()
      })
      await once(client.request({ ':path': '/file' }).resume(), 'close')
      const { size } = statSync(__filename)
      expect(await samples(metrics, 'http_response_size_bytes_sum', size)).to.deep.equal({
        [labels('{method="GET",path="/file",status_code="200"}')]: size,
      })
    })

    it('leaves out what is written after the end', async () => {
      const metrics = service({ http: { sizes: true } })
      const server = await fixture.listen((_request, response) => {
        response.on('error', () => {}).end('ok')
        response.write('too late')
      })
      await ask(server, 'GET', '/late')
      expect(await samples(metrics, 'http_response_size_bytes_count', 1)).to.have.property(
        labels('{method="GET",path="/late",status_code="200"}'),
      )
      expect(Object.values(await samples(metrics, 'http_response_size_bytes_sum', 2))).to.deep.equal([2])
    })

    it('has no such metric where nobody asked', async () => {
      const metrics = service({})
      expect((await metrics.render()).body).to.not.match(/http_(request|response)_size/)
    })
  })

  describe('with the names of the semantic conventions', () => {
    it('shows the same requests with their attributes', async () => {
      const metrics = service({
        semconv: true,
        http: { sizes: true, route: ({ url }) => (url === '/users/7' ? '/users/:id' : undefined) },
      })
      const server = await fixture.listen((request, response) => {
        response.writeHead(request.url === '/broken' ? 503 : request.url === '/none' ? 404 : 200).end('ok')
      })
      for (const path of ['/users/7', '/broken', '/none']) await ask(server, 'GET', path)
      const common = 'http_request_method="GET"'
      const kind = 'url_scheme="http",network_protocol_version="1.1"'
      expect(await samples(metrics, 'http_server_request_duration_seconds_count', 3)).to.deep.equal({
        [labels(`{${common},http_route="/users/:id",${kind},http_response_status_code="200"}`)]: 1,
        [labels(`{${common},${kind},http_response_status_code="503",error_type="503"}`)]: 1,
        [labels(`{${common},${kind},http_response_status_code="404"}`)]: 1,
      })
      expect(await samples(metrics, 'http_server_active_requests', 0)).to.deep.equal({
        [labels(`{${common},url_scheme="http"}`)]: 0,
      })
      expect(Object.values(await samples(metrics, 'http_server_response_body_size_bytes_sum', 6))).to.deep.equal([
        2, 2, 2,
      ])
      expect(Object.values(await samples(metrics, 'http_requests_total', 3))).to.deep.equal([1, 1, 1])
    })

    it('tells of an abort by its error type, with the status that was sent, if any', async () => {
      const metrics = service({ semconv: true })
      const server = await fixture.listen((request, response) => {
        if (request.url === '/stream') response.write('some of it')
      })
      const silent = await fixture.socket(server)
      silent.write('GET /silent HTTP/1.1\r\nHost: x\r\n\r\n')
      await samples(metrics, 'http_server_active_requests', 1)
      silent.destroy()
      const stream = await fixture.socket(server)
      stream.write('GET /stream HTTP/1.1\r\nHost: x\r\n\r\n')
      await once(stream, 'data')
      stream.destroy()
      const kind = 'http_request_method="GET",url_scheme="http",network_protocol_version="1.1"'
      expect(await samples(metrics, 'http_server_request_duration_seconds_count', 2)).to.deep.equal({
        [labels(`{${kind},error_type="aborted"}`)]: 1,
        [labels(`{${kind},http_response_status_code="200",error_type="aborted"}`)]: 1,
      })
    })
  })
})
