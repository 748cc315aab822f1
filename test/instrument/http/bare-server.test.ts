import { hasSubscribers } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import { createMetrics } from '../../../src/init'
import { pageOf } from '../../support/exposition-comment'
import { ask, counted, Fixture, inFlight, inFlightOf, requestsOf } from './support'

describe('HTTP: a bare node:http server', () => {
  let fixture: Fixture
  beforeEach(() => {
    fixture = new Fixture()
  })
  afterEach(() => fixture.end())

  it('counts and times every request once, by method, path and status', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((request, response) => {
      response.statusCode = request.method === 'POST' ? 201 : 200
      response.end('ok')
    })
    await ask(server, 'GET', '/hello')
    await ask(server, 'GET', '/hello?name=ann')
    await ask(server, 'POST', '/hello', 'body')
    await ask(server, 'HEAD', '/hello')
    expect(await counted(metrics, 4)).to.deep.equal({
      'GET /hello 200': 2,
      'POST /hello 201': 1,
      'HEAD /hello 200': 1,
    })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0, POST: 0, HEAD: 0 })
  })

  it('measures servers that were made and were listening before it', async () => {
    const server = await fixture.listen((_request, response) => response.end())
    const metrics = fixture.service()
    await ask(server, 'GET', '/early')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /early 200': 1 })
  })

  it('does not count what was under way when it began', async () => {
    const held: ServerResponse[] = []
    const server = await fixture.listen((_request, response) => held.push(response))
    const before = ask(server, 'GET', '/before')
    await once(server, 'request')
    const metrics = fixture.service()
    const after = ask(server, 'GET', '/after')
    await once(server, 'request')
    for (const response of held) response.end()
    await Promise.all([before, after])
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /after 200': 1 })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('writes what looks like data in a path as :id', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((_request, response) => response.end())
    await ask(server, 'GET', '/users/1')
    await ask(server, 'GET', '/users/2/?x=1')
    await ask(server, 'GET', '/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301')
    await ask(server, 'GET', 'http://example.org/users/4')
    await ask(server, 'OPTIONS', '*')
    expect(await counted(metrics, 5)).to.deep.equal({ 'GET /users/:id 200': 4, 'OPTIONS * 200': 1 })
  })

  it('counts OPTIONS of everything as what is not found, where that is answered 404', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((_request, response) => response.writeHead(404).end())
    await ask(server, 'OPTIONS', '*')
    expect(await counted(metrics, 1)).to.deep.equal({ 'OPTIONS (unmatched) 404': 1 })
  })

  it('takes the path as it arrived, whatever the handler makes of request.url', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((request, response) => {
      request.url = '/rewritten'
      response.end()
    })
    await ask(server, 'GET', '/original')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /original 200': 1 })
  })

  it('counts paths past the limit as (other), and says so once', async () => {
    const metrics = fixture.service({ maxPaths: 2 })
    const server = await fixture.listen((_request, response) => response.end())
    for (const path of ['/a', '/b', '/c', '/d', '/a']) await ask(server, 'GET', path)
    expect(await counted(metrics, 5)).to.deep.equal({ 'GET /a 200': 2, 'GET /b 200': 1, 'GET (other) 200': 2 })
    expect(fixture.warnings).to.deep.equal([
      'HTTP: 2 distinct paths have been measured; further ones are counted as "(other)". Name the routes with http: { route }.',
    ])
  })

  it('counts a 404 as (unmatched) unless the path has had another answer', async () => {
    const metrics = fixture.service({ maxPaths: 1 })
    const server = await fixture.listen((request, response) => {
      if (request.url === '/users/1') response.end()
      else response.writeHead(404).end()
    })
    for (const path of ['/wp-login.php', '/.env', '/users/2', '/users/1', '/users/2']) await ask(server, 'GET', path)
    expect(await counted(metrics, 5)).to.deep.equal({
      'GET (unmatched) 404': 3,
      'GET /users/:id 200': 1,
      'GET /users/:id 404': 1,
    })
  })

  it('counts unknown methods as _OTHER', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((_request, response) => response.end())
    await ask(server, 'PROPFIND', '/')
    await ask(server, 'PURGE', '/')
    await ask(server, 'PATCH', '/')
    expect(await counted(metrics, 3)).to.deep.equal({ 'PATCH / 200': 1, '_OTHER / 200': 2 })
    expect(await inFlightOf(metrics)).to.deep.equal({ PATCH: 0, _OTHER: 0 })
  })

  it('counts status codes that are none as _OTHER', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((request, response) => {
      response.writeHead(Number(request.url?.slice('/status-'.length))).end()
    })
    for (const status of [299, 599, 600, 999]) await ask(server, 'GET', `/status-${status}`)
    expect(await counted(metrics, 4)).to.deep.equal({
      'GET /:id 299': 1,
      'GET /:id 599': 1,
      'GET /:id _OTHER': 2,
    })
  })

  it('counts what node answers by itself: no Host, a failed expectation', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((_request, response) => response.end())
    const socket = await fixture.socket(server)
    socket.write('GET /no-host HTTP/1.1\r\n\r\n')
    await once(socket.resume(), 'close')
    await ask(server, 'PUT', '/doubtful', '', { expect: 'a-miracle' })
    await ask(server, 'PUT', '/fine', 'body', { expect: '100-continue' })
    expect(await counted(metrics, 3)).to.deep.equal({
      'GET /no-host 400': 1,
      'PUT /doubtful 417': 1,
      'PUT /fine 200': 1,
    })
  })

  it('shows what is in flight', async () => {
    const metrics = fixture.service()
    const held: ServerResponse[] = []
    const server = await fixture.listen((_request, response) => held.push(response))
    const answers = [ask(server, 'GET', '/slow'), ask(server, 'GET', '/slow'), ask(server, 'PUT', '/slow')]
    await inFlight(metrics, 3)
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 2, PUT: 1 })
    expect(await requestsOf(metrics)).to.deep.equal({})
    for (const response of held) response.end()
    await Promise.all(answers)
    await inFlight(metrics, 0)
    expect(await counted(metrics, 3)).to.deep.equal({ 'GET /slow 200': 2, 'PUT /slow 200': 1 })
  })

  it('counts a hundred concurrent requests exactly', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((_request, response) => setImmediate(() => response.end()))
    await Promise.all(Array.from({ length: 100 }, (_, i) => ask(server, 'GET', `/item/${i}`)))
    expect(await counted(metrics, 100)).to.deep.equal({ 'GET /item/:id 200': 100 })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('counts every request of a kept connection', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((_request, response) => response.end('ok'))
    const socket = await fixture.socket(server)
    for (let i = 0; i < 3; i++) {
      socket.write('GET /kept HTTP/1.1\r\nHost: x\r\n\r\n')
      await once(socket, 'data')
    }
    expect(await counted(metrics, 3)).to.deep.equal({ 'GET /kept 200': 3 })
    expect(socket.destroyed).to.equal(false)
  })

  it('is what a service does by itself, unless it is told not to', async () => {
    const options = { serviceName: 'test', exporters: [], runtime: false, logger: false } as const
    const without = createMetrics({ ...options, http: false })
    fixture.atEnd(() => without.shutdown())
    expect(hasSubscribers('http.server.request.start')).to.equal(false)
    const metrics = createMetrics({ ...options, http: { ignore: ['/health'] } })
    const server = await fixture.listen((_request, response) => response.end())
    await ask(server, 'GET', '/health')
    await ask(server, 'GET', '/')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET / 200': 1 })
    await metrics.shutdown()
    expect(hasSubscribers('http.server.request.start')).to.equal(false)
    expect(await requestsOf(without)).to.deep.equal({})
  })

  it('leaves out scrapes, on the server of the application as on its own', async () => {
    const metrics = createMetrics({ serviceName: 'test', prometheus: { port: 0 }, runtime: false, logger: false })
    fixture.atEnd(() => metrics.shutdown())
    const handler = metrics.handler()
    const server = await fixture.listen((request, response) => {
      if (request.url === '/metrics') handler(request, response)
      else response.end()
    })
    await ask(server, 'GET', '/')
    await counted(metrics, 1)
    const { url } = await metrics.ready()
    const pages = [(await ask(server, 'GET', '/metrics')).body, await (await fetch(url)).text()]
    for (const page of pages) {
      expect(pageOf(page, 'http_requests_'), page).to.match(/^http_requests_in_flight\{method="GET"\} 0$/m)
      expect(pageOf(page, 'http_requests_').match(/^http_requests_total.*/gm)).to.deep.equal([
        'http_requests_total{method="GET",path="/",status_code="200"} 1',
      ])
    }
  })
})
