import { expect } from 'chai'
import { install, run } from './project'

/** So many requests and failures are counted. */
const ALL = 21

/** Asks by everything that undici has; prints what was counted, with the names of hosts. */
const program = (name: string) => `
const { createMetrics } = require('meterkit')
const http = require('node:http')
const undici = require('${name}')
const metrics = createMetrics({ exporters: [], runtime: false, logger: false })
const listening = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
const fails = (promise) => promise.then(() => { throw new Error('did not fail') }, () => undefined)
async function main() {
  const server = http.createServer((request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/' }).end()
    else if (request.url === '/close') request.socket.destroy()
    else if (request.url === '/slow') response.write('the beginning')
    else if (request.url !== '/never') response.end('body')
  })
  server.on('upgrade', (request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: echo\\r\\nConnection: Upgrade\\r\\n\\r\\n'))
  server.on('connect', (request, socket, head) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 200 Connection Established\\r\\n\\r\\n')
    const [host, port] = request.url.split(':')
    const target = require('node:net').connect(port, host)
    target.on('error', () => {})
    socket.pipe(target).pipe(socket)
  })
  const port = await listening(server)
  const url = 'http://127.0.0.1:' + port
  const other = http.createServer((request, response) => response.end('other'))
  const otherPort = await listening(other)

  await (await undici.fetch(url + '/')).text()
  await (await undici.fetch(url + '/moved')).text()
  await (await undici.request(new URL(url + '/'))).body.dump()
  await undici.stream(url + '/', { method: 'PUT', body: 'x' }, () => new (require('node:stream').Writable)({ write(chunk, encoding, done) { done() } }))
  const pool = new undici.Pool(url, { connections: 1, pipelining: 1 })
  await Promise.all([1, 2, 3].map(() => pool.request({ path: '/', method: 'POST' }).then(({ body }) => body.text())))
  await pool.close()
  const client = new undici.Client(url)
  server.once('request', () => client.destroy())
  const pending = client.request({ path: '/never', method: 'GET' })
  await fails(pending)
  await fails(undici.request(url + '/never', { headersTimeout: 50 }))
  await fails(undici.request(url + '/slow', { bodyTimeout: 50 }).then(({ body }) => body.text()))
  const retry = new undici.RetryAgent(new undici.Agent(), { maxRetries: 1, minTimeout: 5 })
  await fails(retry.request({ origin: url, path: '/close', method: 'DELETE' }))
  await retry.close()
  const { socket } = await undici.upgrade(url + '/', { protocol: 'echo' })
  socket.destroy()
  const proxy = new undici.ProxyAgent({ uri: url, proxyTunnel: true })
  await (await undici.request('http://127.0.0.1:' + otherPort + '/', { dispatcher: proxy })).body.text()
  await proxy.close()
  const mock = new undici.MockAgent()
  mock.disableNetConnect()
  mock.get('http://mocked.example').intercept({ path: '/' }).reply(200, 'mocked')
  await (await undici.request('http://mocked.example/', { dispatcher: mock })).body.text()

  const counted = async () => (await metrics.render()).body.split('\\n')
    .filter((line) => /^http_client_(requests|failures)_total/.test(line))
  const total = (lines) => lines.reduce((sum, line) => sum + Number(line.split(' ').pop()), 0)
  for (let look = 0; look < 1_000 && total(await counted()) < ${ALL}; look++) await new Promise((resolve) => setTimeout(resolve, 10))
  // What is counted twice would be so by then.
  await new Promise((resolve) => setTimeout(resolve, 100))
  const counts = (await counted())
    .map((line) => line.replaceAll('127.0.0.1:' + port, 'server').replaceAll('127.0.0.1:' + otherPort, 'other'))
  console.log(JSON.stringify({ counts }))
  process.exit()
}
main()
`

describe('undici, the package', () => {
  before(() => install())

  for (const name of ['undici6', 'undici7', 'undici']) {
    it(`${name}: each request of fetch, request, stream, pools, clients and agents counts once`, () => {
      expect([...run(program(name)).counts].sort()).to.deep.equal([
        'http_client_failures_total{method="DELETE",host="server",error="UND_ERR_SOCKET"} 2',
        'http_client_failures_total{method="GET",host="server",error="UND_ERR_BODY_TIMEOUT"} 1',
        'http_client_failures_total{method="GET",host="server",error="UND_ERR_DESTROYED"} 1',
        'http_client_failures_total{method="GET",host="server",error="UND_ERR_HEADERS_TIMEOUT"} 1',
        'http_client_requests_total{method="CONNECT",host="server",status_code="200"} 1',
        'http_client_requests_total{method="DELETE",host="server",status_code="(none)"} 2',
        'http_client_requests_total{method="GET",host="other",status_code="200"} 1',
        'http_client_requests_total{method="GET",host="server",status_code="(none)"} 2',
        'http_client_requests_total{method="GET",host="server",status_code="101"} 1',
        'http_client_requests_total{method="GET",host="server",status_code="200"} 4',
        'http_client_requests_total{method="GET",host="server",status_code="302"} 1',
        'http_client_requests_total{method="POST",host="server",status_code="200"} 3',
        'http_client_requests_total{method="PUT",host="server",status_code="200"} 1',
      ])
    })
  }
})
