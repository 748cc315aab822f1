import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerResponse,
} from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import express from 'express'
import fastify from 'fastify'
import { createMetrics, type MetricsService } from '../../src/init'
import { get, listen } from './support'

describe('endpoint: the handler on the main server', () => {
  let metrics: MetricsService
  let page: string
  const open: { close(): unknown }[] = []

  beforeEach(async () => {
    metrics = createMetrics({
      exporters: [],
      http: false,
      runtime: false,
      selfMetrics: false,
      logger: false,
      serviceName: 'orders',
    })
    metrics.counter({ name: 'c_total' }).add(3)
    page = (await metrics.render()).body
    expect(page).to.contain('\nc_total 3\n')
  })

  afterEach(async () => {
    for (const each of open.splice(0)) await each.close()
    await metrics.shutdown()
  })

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener)
    open.push(server)
    return listen(server)
  }

  /** What every framework must hand on unchanged. */
  async function expectPages(url: string): Promise<void> {
    const plain = await get(`${url}?x=1`)
    expect([plain.status, plain.text]).to.deep.equal([200, page])
    expect(plain.headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8')
    expect(plain.headers.vary).to.equal('Accept, Accept-Encoding')
    const packed = await get(url, { headers: { 'accept-encoding': 'gzip', accept: 'application/openmetrics-text' } })
    expect(packed.headers['content-type']).to.equal('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(packed.headers['content-encoding']).to.equal('gzip')
    expect(gunzipSync(packed.body).toString()).to.match(/\nc_total 3\n# EOF\n$/)
    const head = await get(url, { method: 'HEAD' })
    expect([head.status, head.text, head.headers['content-type']]).to.deep.equal([
      200,
      '',
      plain.headers['content-type'],
    ])
  }

  it('leaves the application room to listen to the end of a response', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => void warnings.push(warning)
    process.on('warning', note)
    const handler = metrics.handler()
    const url = await serve((request, response) => {
      for (let listener = 0; listener < 9; listener++) response.on('close', () => undefined)
      handler(request, response)
    })
    const { status } = await get(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip' } })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    expect(status).to.equal(200)
    expect(warnings).to.deep.equal([])
  })

  it('leaves a connection that is kept for other requests the time that the application gave it', async () => {
    const handler = metrics.handler()
    const server = createServer((request, response) => {
      if (request.url === '/metrics') handler(request, response)
      else response.end(String(request.socket.timeout))
    })
    // Otherwise Node.js gives it another time when it is idle.
    server.keepAliveTimeout = 0
    server.on('connection', (socket) => socket.setTimeout(77_000))
    open.push(server)
    const url = await listen(server)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const texts: string[] = []
    for (const path of ['/', '/metrics', '/']) {
      const asking = request(url + path, { agent }).end()
      const [response] = await once(asking, 'response')
      texts.push(await text(response))
    }
    agent.destroy()
    expect(texts).to.deep.equal(['77000', page, '77000'])
  })

  it('serves plain http, whatever the path', async () => {
    const handler = metrics.handler()
    const url = await serve((incoming, response) => {
      handler(incoming, response)
    })
    await expectPages(`${url}/metrics`)
    await expectPages(`${url}/any/where`)
    const post = await get(url, { method: 'POST' })
    expect([post.status, post.headers.allow]).to.deep.equal([405, 'GET, HEAD'])
  })

  it('is a request listener by itself', async () => {
    await expectPages(await serve(metrics.handler()))
  })

  it('serves Express 5', async () => {
    const app = express()
    app.get('/metrics', metrics.handler())
    app.use('/mounted', metrics.handler())
    const url = await serve(app)
    await expectPages(`${url}/metrics`)
    await expectPages(`${url}/mounted`)
    expect((await get(`${url}/metrics`, { method: 'POST' })).status).to.equal(404)
    expect((await get(`${url}/mounted`, { method: 'POST' })).status).to.equal(405)
  })

  it('serves Express 5 behind a middleware that has set Vary', async () => {
    const app = express()
    app.use((_request, response, next) => {
      response.vary('Origin')
      next()
    })
    app.get('/metrics', metrics.handler())
    expect((await get(`${await serve(app)}/metrics`)).headers.vary).to.equal('Origin, Accept, Accept-Encoding')
  })

  it('serves Fastify 5', async () => {
    const app = fastify()
    open.push(app)
    app.get('/metrics', metrics.handler())
    app.route({ method: ['GET', 'POST'], url: '/route', exposeHeadRoute: true, handler: metrics.handler() })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    await expectPages(`${url}/metrics`)
    await expectPages(`${url}/route`)
    expect((await get(`${url}/route`, { method: 'POST' })).status).to.equal(405)
  })

  it('serves connect-style middleware, and does not go on to the next', async () => {
    const handler = metrics.handler() as (
      incoming: IncomingMessage,
      response: ServerResponse,
      next: () => void,
    ) => unknown
    let wentOn = false
    const url = await serve((incoming, response) => {
      const result = handler(incoming, response, () => {
        wentOn = true
      })
      expect(result).to.equal(undefined)
    })
    await expectPages(url)
    expect(wentOn).to.equal(false)
  })

  it('serves HTTP/2', async () => {
    const handler = metrics.handler()
    const server = createHttp2Server((incoming, response) => {
      // The compatibility interface of HTTP/2 is that of http but for its types.
      handler(incoming as unknown as IncomingMessage, response as unknown as ServerResponse)
    })
    const url = await listen(server as unknown as Server)
    const client = connect(url)
    open.push(client, server)
    for (const [encoding, decode] of [
      ['identity', String],
      ['gzip', (body: Buffer) => gunzipSync(body).toString()],
    ] as const) {
      const stream = client.request({ ':path': '/metrics', 'accept-encoding': encoding })
      const [headers] = await once(stream, 'response')
      const parts: Buffer[] = []
      for await (const part of stream) parts.push(part as Buffer)
      expect(headers[':status']).to.equal(200)
      expect(headers.vary).to.equal('Accept, Accept-Encoding')
      expect(decode(Buffer.concat(parts))).to.equal(page)
    }
    expect((server.address() as AddressInfo).port).to.be.greaterThan(0)
  })

  it('serves where there is an own server too, and where there is none', async () => {
    const both = createMetrics({
      http: false,
      runtime: false,
      selfMetrics: false,
      logger: false,
      prometheus: { host: '127.0.0.1', port: 0 },
    })
    const own = await get((await both.ready()).url)
    const main = await get(await serve(both.handler()))
    expect(main.text).to.equal(own.text)
    await both.shutdown()
    const none = createMetrics({
      http: false,
      runtime: false,
      selfMetrics: false,
      logger: false,
      prometheus: { server: false },
    })
    expect(await none.ready()).to.deep.equal({ url: '' })
    expect((await get(await serve(none.handler()))).status).to.equal(200)
    await none.shutdown()
  })

  it('answers 503 after the service was shut down', async () => {
    const url = await serve(metrics.handler())
    await metrics.shutdown()
    const { status, text } = await get(url)
    expect([status, text]).to.deep.equal([
      503,
      'Metrics could not be collected: Cannot collect "metrics": the reader must be running, got one that was shut down. Collect before shutdown().\n',
    ])
  })
})
