import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { expect } from 'chai'
import type { Request, Response } from 'express'
import express from 'express'
import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import { ask, counted, Fixture, inFlight, inFlightOf } from './support'

describe('HTTP: Fastify 5', () => {
  let fixture: Fixture
  let metrics: ReturnType<Fixture['service']>

  beforeEach(() => {
    fixture = new Fixture()
    metrics = fixture.service()
  })
  afterEach(() => fixture.end())

  async function serve(app: FastifyInstance): Promise<Server> {
    fixture.atEnd(() => app.close())
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server
  }

  function application(): FastifyInstance {
    const app = fastify({ forceCloseConnections: true })
    app.get('/users/:id', async () => 'ok')
    return app
  }

  it('counts by the template of the route, prefixes included', async () => {
    const app = application()
    await app.register(
      async (scope) => {
        scope.addHook('onRequest', async () => {})
        scope.post('/', async (_request, reply) => reply.code(201).send())
        await scope.register(async (inner) => inner.get('/items/:item', async () => 'ok'), { prefix: '/shop/:shop' })
      },
      { prefix: '/v1' },
    )
    app.get('/files/*', async () => 'ok')
    const server = await serve(app)
    await ask(server, 'GET', '/users/1?x=1')
    await ask(server, 'HEAD', '/users/2')
    await ask(server, 'POST', '/v1')
    await ask(server, 'GET', '/v1/shop/a/items/2')
    await ask(server, 'GET', '/files/a/b')
    expect(await counted(metrics, 5)).to.deep.equal({
      'GET /users/:id 200': 1,
      'HEAD /users/:id 200': 1,
      'POST /v1 201': 1,
      'GET /v1/shop/:shop/items/:item 200': 1,
      'GET /files/* 200': 1,
    })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0, HEAD: 0, POST: 0 })
  })

  it('counts what matches nothing as (unmatched), also where it never reaches a hook', async () => {
    const app = application()
    await app.register(
      async (scope) => {
        scope.setNotFoundHandler((_request, reply) => reply.code(404).send('nothing here'))
      },
      { prefix: '/scoped' },
    )
    const server = await serve(app)
    for (const path of ['/wp-login.php', '/scoped/none', '/%E0%A4%A']) await ask(server, 'GET', path)
    await ask(server, 'POST', '/users/1')
    expect(await counted(metrics, 4)).to.deep.equal({
      'GET (unmatched) 404': 2,
      'GET (unmatched) 400': 1,
      'POST (unmatched) 404': 1,
    })
  })

  it('keeps the route of a handler that answers 404, throws or refuses', async () => {
    const app = application()
    app.get('/missing/:id', async (_request, reply) => reply.code(404).send())
    app.get('/boom/:id', async () => {
      throw new Error('boom')
    })
    app.get('/denied/:id', { onRequest: async (_request, reply) => reply.code(401).send() }, async () => 'never')
    app.get<{ Params: { id: number } }>(
      '/valid/:id',
      { schema: { params: { type: 'object', properties: { id: { type: 'integer' } } } } },
      async () => 'ok',
    )
    const server = await serve(app)
    for (const path of ['/missing/1', '/boom/1', '/denied/1', '/valid/x']) await ask(server, 'GET', path)
    expect(await counted(metrics, 4)).to.deep.equal({
      'GET /missing/:id 404': 1,
      'GET /boom/:id 500': 1,
      'GET /denied/:id 401': 1,
      'GET /valid/:id 400': 1,
    })
  })

  it('counts a client that left under the route that it waited for', async () => {
    const app = application()
    app.get('/slow/:id', () => new Promise(() => {}))
    const socket = await fixture.socket(await serve(app))
    socket.write('GET /slow/1 HTTP/1.1\r\nHost: x\r\n\r\n')
    await inFlight(metrics, 1)
    socket.destroy()
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /slow/:id 499': 1 })
    expect(await inFlightOf(metrics)).to.deep.equal({ GET: 0 })
  })

  it('knows the routes of an application that was made before by the calls of its handlers', async () => {
    metrics.http.stop()
    const app = application()
    app.get('/denied/:id', { onRequest: async (_request, reply) => reply.code(401).send() }, async () => 'never')
    const server = await serve(app)
    const late = fixture.service()
    for (const path of ['/users/1', '/users/2', '/none', '/denied/1']) await ask(server, 'GET', path)
    expect(await counted(late, 4)).to.deep.equal({
      'GET /users/:id 200': 2,
      'GET (unmatched) 404': 1,
      'GET (unmatched) 401': 1,
    })
  })

  it('lets two services measure one application, and one that has stopped none', async () => {
    const other = fixture.service()
    const server = await serve(application())
    await ask(server, 'GET', '/users/1')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /users/:id 200': 1 })
    expect(await counted(other, 1)).to.deep.equal({ 'GET /users/:id 200': 1 })
    other.http.stop()
    await ask(server, 'GET', '/users/1')
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET /users/:id 200': 2 })
    expect(await counted(other, 1)).to.deep.equal({ 'GET /users/:id 200': 1 })
  })

  it('counts the route of the application where an Express application runs in a hook', async () => {
    const inner = express().use((_request, _response, next) => next())
    const app = application()
    app.addHook('onRequest', (request, reply, done) => inner(request.raw as Request, reply.raw as Response, done))
    const server = await serve(app)
    await ask(server, 'GET', '/users/1')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /users/:id 200': 1 })
  })

  it('keeps that route for what the application answers before its handler, and where middleware of Express does', async () => {
    const inner = express().use('/users', (_request, _response, next) => next())
    inner.use((request, response, next) => (request.url === '/users/0' ? response.sendStatus(401) : next()))
    inner.use('/inner/:id', (_request, response) => response.sendStatus(202))
    const app = application()
    app.addHook('onRequest', (request, reply, done) => inner(request.raw as Request, reply.raw as Response, done))
    app.get('/refused/:id', { preHandler: async (_request, reply) => reply.code(403).send() }, async () => 'never')
    const server = await serve(app)
    for (const path of ['/users/0', '/users/1', '/refused/1', '/inner/1', '/nowhere']) await ask(server, 'GET', path)
    expect(await counted(metrics, 5)).to.deep.equal({
      'GET /users/:id 401': 1,
      'GET /users/:id 200': 1,
      'GET /refused/:id 403': 1,
      'GET /inner/:id 202': 1,
      'GET (unmatched) 404': 1,
    })
  })

  it('counts as (unmatched) what a route for everything does not find', async () => {
    const app = application()
    app.get('*', async (request, reply) => reply.code(request.url === '/none' ? 404 : 200).send())
    const server = await serve(app)
    for (const path of ['/none', '/some']) await ask(server, 'GET', path)
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET (unmatched) 404': 1, 'GET * 200': 1 })
  })

  it('does not count injected requests, which no server has had', async () => {
    const app = application()
    const server = await serve(app)
    expect((await app.inject('/users/1')).statusCode).to.equal(200)
    await ask(server, 'GET', '/users/1')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /users/:id 200': 1 })
  })

  it('tells a bare server of the same process from an application', async () => {
    await serve(application())
    const bare = createServer((_request, response) => response.end())
    await fixture.started(bare)
    await ask(bare, 'GET', '/bare/1')
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /bare/:id 200': 1 })
  })
})
