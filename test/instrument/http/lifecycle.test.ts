import { channel, hasSubscribers } from 'node:diagnostics_channel'
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from 'chai'
import { excludeRequest } from '../../../src/model/http-exclusion'
import { ask, counted, Fixture, inFlight, inFlightOf, requestsOf } from './support'

const CHANNELS = ['http.server.request.start', 'fastify.initialization', 'tracing:fastify.request.handler:start']

describe('HTTP: services, options and their end', () => {
  let fixture: Fixture
  beforeEach(() => {
    fixture = new Fixture()
  })
  afterEach(() => fixture.end())

  it('counts a request once in each of several services', async () => {
    const one = fixture.service()
    const two = fixture.service()
    const server = await fixture.listen((_request, response) => response.end())
    await ask(server, 'GET', '/both')
    expect(await counted(one, 1)).to.deep.equal({ 'GET /both 200': 1 })
    expect(await counted(two, 1)).to.deep.equal({ 'GET /both 200': 1 })
    one.http.stop()
    await ask(server, 'GET', '/both')
    expect(await counted(two, 2)).to.deep.equal({ 'GET /both 200': 2 })
    expect(await requestsOf(one)).to.deep.equal({ 'GET /both 200': 1 })
    expect(await inFlightOf(one)).to.deep.equal({ GET: 0 })
  })

  it('listens to nothing before it starts and after it stops', async () => {
    const subscribed = () => CHANNELS.filter((name) => hasSubscribers(name))
    expect(subscribed()).to.deep.equal([])
    const metrics = fixture.service()
    expect(subscribed()).to.deep.equal(CHANNELS)
    metrics.http.stop()
    metrics.http.stop()
    expect(subscribed()).to.deep.equal([])
    const server = await fixture.listen((_request, response) => response.end())
    await ask(server, 'GET', '/')
    expect(await requestsOf(metrics)).to.deep.equal({})
  })

  it('leaves nothing on a server that lives on, and forgets one that has closed', async () => {
    const server = await fixture.listen((_request, response) => response.end())
    server.on('upgrade', () => {})
    const before = [server.listenerCount('close'), Object.hasOwn(server, 'emit')]
    const metrics = fixture.service()
    await ask(server, 'GET', '/')
    expect(Object.hasOwn(server, 'emit')).to.equal(true)
    metrics.http.stop()
    expect([server.listenerCount('close'), Object.hasOwn(server, 'emit')]).to.deep.equal(before)
    fixture.service()
    await ask(server, 'GET', '/')
    server.close()
    await once(server, 'close')
    expect(Object.hasOwn(server, 'emit')).to.equal(false)
  })

  it('takes what is in flight out of the gauge when it stops, and does not count it later', async () => {
    const metrics = fixture.service()
    const held: ServerResponse[] = []
    const server = await fixture.listen((_request, response) => held.push(response))
    const answers = [ask(server, 'GET', '/held'), ask(server, 'PUT', '/held')]
    await inFlight(metrics, 2)
    metrics.http.stop()
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0, PUT: 0 })
    const closed = held.map((response) => once(response, 'close'))
    for (const response of held) {
      excludeRequest(response.req)
      response.end()
    }
    await Promise.all([...answers, ...closed])
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0, PUT: 0 })
    expect(await requestsOf(metrics)).to.deep.equal({})
  })

  it('leaves out a request that was excluded while it was handled, from that moment on', async () => {
    const metrics = fixture.service()
    const inFlightWhenExcluded: Record<string, number>[] = []
    let release = () => {}
    const server = await fixture.listen(async (request, response) => {
      if (request.url === '/metrics') {
        excludeRequest(request)
        excludeRequest(request)
        inFlightWhenExcluded.push(await inFlightOf(metrics))
        response.end(release)
      } else if (request.url === '/late') response.end(() => excludeRequest(request))
      else release = () => response.end()
    })
    await ask(server, 'GET', '/metrics')
    await ask(server, 'GET', '/late')
    const held = ask(server, 'GET', '/held')
    await inFlight(metrics, 1)
    await ask(server, 'GET', '/metrics')
    await held
    expect(inFlightWhenExcluded).to.deep.equal([{ GET: 0 }, { GET: 1 }])
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /held 200': 1 })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('does not exclude what is counted already', async () => {
    const metrics = fixture.service()
    const requests: IncomingMessage[] = []
    const server = await fixture.listen((request, response) => {
      requests.push(request)
      response.end()
    })
    await ask(server, 'GET', '/')
    await counted(metrics, 1)
    for (const request of requests) excludeRequest(request)
    expect(await requestsOf(metrics)).to.deep.equal({ 'GET / 200': 1 })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('still ends what waits behind an excluded request', async () => {
    const metrics = fixture.service()
    const server = await fixture.listen((request) => {
      if (request.url === '/metrics') excludeRequest(request)
    })
    const socket = await fixture.socket(server)
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /behind HTTP/1.1\r\nHost: x\r\n\r\n')
    await inFlight(metrics, 1)
    socket.destroy()
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /behind 499': 1 })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('ignores paths, expressions and whatever a predicate says', async () => {
    const listed = fixture.service({ ignore: ['/health', /^\/internal\//g] })
    const chosen = fixture.service({ ignore: (request) => request.headers['x-probe'] === 'yes' })
    const server = await fixture.listen((_request, response) => response.end())
    for (const path of ['/health', '/health?x=1', '/healthy', '/internal/a', '/internal/b', '/internals']) {
      await ask(server, 'GET', path)
    }
    await ask(server, 'GET', '/probe', '', { 'x-probe': 'yes' })
    expect(await counted(listed, 3)).to.deep.equal({
      'GET /healthy 200': 1,
      'GET /internals 200': 1,
      'GET /probe 200': 1,
    })
    expect(await counted(chosen, 6)).to.not.have.property('GET /probe 200')
    expect(await inFlightOf(listed)).to.deep.equal({ GET: 0 })
  })

  it('takes the route from the option, unless it has none', async () => {
    const metrics = fixture.service({
      maxPaths: 1,
      route: (request) => (request.url?.startsWith('/shop') ? '/shop/:item' : undefined),
    })
    const server = await fixture.listen((_request, response) => response.writeHead(404).end())
    for (const path of ['/shop/lamp', '/shop/desk', '/elsewhere']) await ask(server, 'GET', path)
    expect(await counted(metrics, 3)).to.deep.equal({ 'GET /shop/:item 404': 2, 'GET (unmatched) 404': 1 })
  })

  it('survives options that throw, and says so once', async () => {
    const route = fixture.service({
      route: () => {
        throw new Error('no route')
      },
    })
    const server = await fixture.listen((_request, response) => response.end())
    for (const path of ['/a', '/a']) expect((await ask(server, 'GET', path)).status).to.equal(200)
    expect(await counted(route, 2)).to.deep.equal({ 'GET /a 200': 2 })
    const ignore = fixture.service({
      ignore: () => {
        throw new Error('no answer')
      },
    })
    for (const path of ['/a', '/a']) expect((await ask(server, 'GET', path)).status).to.equal(200)
    expect(await counted(ignore, 2)).to.deep.equal({ 'GET /a 200': 2 })
    expect(fixture.errors).to.deep.equal([
      'HTTP: a request could not be measured: no route. Further failures are not reported.',
      'HTTP: a request could not be measured: no answer. Further failures are not reported.',
    ])
  })

  it('refuses a limit of paths that is none', () => {
    for (const maxPaths of [0, -1, 1.5, 1001, Number.NaN, '9' as unknown as number]) {
      expect(() => fixture.service({ maxPaths })).to.throw(/^Cannot instrument "http": maxPaths must be a whole number/)
    }
    expect(CHANNELS.filter((name) => hasSubscribers(name))).to.deep.equal([])
  })

  it('takes the buckets from the option', async () => {
    const metrics = fixture.service({ buckets: [1, 2] })
    const server = await fixture.listen((_request, response) => response.end())
    await ask(server, 'GET', '/')
    await counted(metrics, 1)
    const { body } = await metrics.render()
    expect(
      body
        .match(/^http_request_duration_seconds_bucket\{.*le="[^"]+"/gm)
        ?.map((line: string) => /le="(.*?)"/.exec(line)?.[1]),
    ).to.deep.equal(['1', '2', '+Inf'])
  })

  it('stays bounded and exact under any methods, paths and codes', async () => {
    const metrics = fixture.service()
    const start = channel('http.server.request.start')
    const methods = ['GET', 'POST', 'BREW', '', '__proto__', 'get', undefined]
    let requests = 0
    for (let i = 0; i < 20_000; i++) {
      const text = (i * 2654435761) % 2 ** 32
      const url = [
        `/${text.toString(36)}`,
        `/word${'abcdefgh'[i % 8]}${'ijklmnop'[(i >> 3) % 8]}/${i}`,
        `${text}`,
        '*',
        undefined,
      ][i % 5]
      const method = i % 11 === 0 ? `M${i}` : methods[i % methods.length]
      const response = Object.assign(new EventEmitter(), {
        statusCode: [200, 200.5, 404, 500, i, Number.NaN, '200', undefined][i % 8],
        writableFinished: i % 13 !== 0,
      })
      start.publish({ request: { method, url, headers: {} }, response, socket: {}, server: {} })
      response.emit('close')
      response.emit('close')
      requests++
    }
    const samples = await requestsOf(metrics)
    expect(Object.values(samples).reduce((sum, value) => sum + value, 0)).to.equal(requests)
    const of = (part: number) => new Set(Object.keys(samples).map((key) => key.split(' ')[part]))
    expect([...of(0)].sort()).to.deep.equal(['GET', 'POST', '_OTHER'])
    expect([...of(2)].filter((code) => !/^([1-5]\d\d|_OTHER)$/.test(code ?? ''))).to.deep.equal([])
    expect(of(1).size).to.be.within(10, 103)
    expect(Object.values(await inFlightOf(metrics))).to.deep.equal([0, 0, 0])
  })
  it('lets nothing that is published on its channels hurt the process', async () => {
    const metrics = fixture.service()
    const thrown: unknown[] = []
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => thrown.push(error))
    fixture.atEnd(() => {
      process.removeAllListeners('uncaughtException')
      for (const listener of listeners) process.on('uncaughtException', listener)
    })
    const response = new EventEmitter()
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('hostile')
        },
      },
    )
    for (const name of CHANNELS) {
      for (const message of [
        undefined,
        null,
        7,
        {},
        hostile,
        { request: null },
        { request: {}, response: {}, socket: {} },
      ]) {
        channel(name).publish(message)
      }
      channel(name).publish({ request: {}, response, reply: { raw: response }, res: response, fastify: {} })
      channel(name).publish({
        request: hostile,
        response,
        reply: hostile,
        req: hostile,
        res: hostile,
        fastify: hostile,
      })
    }
    response.emit('close')
    await new Promise((resolve) => setImmediate(resolve))
    expect(thrown).to.deep.equal([])
    expect(await inFlightOf(metrics)).to.deep.equal({})
    expect(fixture.errors).to.have.length(1)
  })
})
