import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'
import { get, listen, sendRaw } from './support'

const QUIET = { http: false, runtime: false, selfMetrics: false, logger: false, serviceName: 'orders' } as const

describe('endpoint: untrusted input on the own server', () => {
  let metrics: MetricsService
  let url: string

  before(async () => {
    metrics = createMetrics({ ...QUIET, prometheus: { host: '127.0.0.1', port: 0 } })
    ;({ url } = await metrics.ready())
  })

  after(() => metrics.shutdown())

  // A scrape that comes after is answered as ever, whatever came before it.
  afterEach(async () => {
    expect((await get(url)).status).to.equal(200)
  })

  const HOST = 'Host: a\r\nConnection: close\r\n'
  const cases: Readonly<Record<string, readonly [bytes: string | Buffer, statusLine: RegExp]>> = {
    'the whole address for a target': [`GET http://anybody:1/metrics?x HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 200 OK/],
    'the whole address of another path': [`GET http://anybody:1/ HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 404 /],
    'an address without a path': [`GET http://anybody HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 404 /],
    'an asterisk': [`OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 404 /],
    'two slashes': [`GET //metrics HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 404 /],
    'half an escape': [`GET /metrics% HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 404 /],
    'a fragment': [`GET /metrics#x HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 404 /],
    'a way out of the path': [`GET /metrics/../../etc/passwd HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 404 /],
    'a long path': [`GET /${'a'.repeat(10_000)} HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 404 /],
    'a path longer than may be': [`GET /${'a'.repeat(1e6)} HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 431 /],
    'bytes above ASCII in the path': [
      Buffer.from(`GET /m\u00e9trics HTTP/1.1\r\n${HOST}\r\n`, 'latin1'),
      /^HTTP\/1\.1 4\d\d /,
    ],
    'an empty Host': ['GET /metrics HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 200 OK/],
    'a Host that is none': [
      'GET /metrics HTTP/1.1\r\nHost: <script>\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 200 OK/,
    ],
    'no Host': ['GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    'HTTP/1.0': ['GET /metrics HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 OK/],
    'an unknown version': ['GET /metrics HTTP/9.9\r\n\r\n', /^HTTP\/1\.1 400 /],
    'a method that nobody knows': [`METRICS /metrics HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 400 /],
    'a method in lower case': [`get /metrics HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 400 /],
    'a tunnel': [`CONNECT elsewhere:443 HTTP/1.1\r\n${HOST}\r\n`, /^$|^HTTP\/1\.1 4/],
    'another protocol': [
      'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
      /^HTTP\/1\.1 (200|4\d\d) /,
    ],
    'a header that is none': ['GET /metrics HTTP/1.1\r\nHost: a\r\nno header\r\n\r\n', /^HTTP\/1\.1 400 /],
    'many headers': [
      `GET /metrics HTTP/1.1\r\n${HOST}${Array.from({ length: 500 }, (_, index) => `X-${index}: a\r\n`).join('')}\r\n`,
      /^HTTP\/1\.1 200 OK/,
    ],
    'more headers than may be': [`GET /metrics HTTP/1.1\r\n${HOST}${'X: a\r\n'.repeat(1e5)}\r\n`, /^HTTP\/1\.1 431 /],
    'a long Accept': [
      `GET /metrics HTTP/1.1\r\n${HOST}Accept: ${'a/b;q=0.1,'.repeat(1_000)}*/*\r\n\r\n`,
      /^HTTP\/1\.1 200 OK/,
    ],
    'several Accepts': [
      `GET /metrics HTTP/1.1\r\n${HOST}${'Accept: text/html\r\n'.repeat(100)}Accept: application/openmetrics-text\r\n\r\n`,
      /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/openmetrics-text; version=1\.0\.0; charset=utf-8\r\n/,
    ],
    'an Accept that would split the answer': [
      `GET /metrics HTTP/1.1\r\n${HOST}Accept: application/openmetrics-text;escaping=a%0d%0aX-Injected: b\r\n\r\n`,
      /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/openmetrics-text; version=1\.0\.0; charset=utf-8; escaping=underscores\r\n/,
    ],
    'a body that nobody reads': [
      `POST /metrics HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`,
      /^HTTP\/1\.1 405 .*\r\nAllow: GET, HEAD\r\n/,
    ],
    'a body with GET': [`GET /metrics HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`, /^HTTP\/1\.1 200 OK/],
    'two lengths': [
      `GET /metrics HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
      /^HTTP\/1\.1 400 /,
    ],
    'an expectation': [`GET /metrics HTTP/1.1\r\n${HOST}Expect: the unexpected\r\n\r\n`, /^HTTP\/1\.1 417 /],
    noise: [Buffer.from(Array.from({ length: 1_000 }, (_, index) => (index * 7919) % 256)), /^HTTP\/1\.1 400 /],
    'the hello of TLS': [Buffer.from('16030100f8010000f40303', 'hex'), /^HTTP\/1\.1 400 /],
  }
  for (const [title, [bytes, statusLine]] of Object.entries(cases)) {
    it(`answers ${title}`, async () => {
      const answer = await sendRaw(url, bytes)
      expect(answer.slice(0, 300)).to.match(statusLine)
      expect(answer).not.to.match(/^X-Injected/m)
    })
  }

  it('answers requests that come all at once, in their order', async () => {
    const one = (method: string, path: string, close = '') => `${method} ${path} HTTP/1.1\r\nHost: a\r\n${close}\r\n`
    const answer = await sendRaw(
      url,
      one('GET', '/metrics') +
        one('GET', '/nowhere') +
        one('HEAD', '/metrics') +
        one('DELETE', '/metrics', 'Connection: close\r\n'),
    )
    expect(answer.match(/^HTTP\/1\.1 \d+/gm)).to.deep.equal([
      'HTTP/1.1 200',
      'HTTP/1.1 404',
      'HTTP/1.1 200',
      'HTTP/1.1 405',
    ])
  })

  it('survives a scraper that sends half a request and goes', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write('GET /metrics HTTP/1.1\r\nHos')
    socket.resetAndDestroy()
    await once(socket, 'close')
  })

  it('does not mind a server of the application beside it', async () => {
    const other = createServer((_incoming, response) => response.end('mine'))
    expect((await get(await listen(other))).text).to.equal('mine')
    other.close()
  })
})
