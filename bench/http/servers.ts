import type { RequestListener } from 'node:http'
import { startNest } from './nest'
import { nextHandler } from './next'
import type { Scenario, Variant } from './scenarios'

type Middleware = (...values: unknown[]) => unknown
type Parameters = { readonly params: unknown }

interface ExpressRouter {
  use(path: string | Middleware | ExpressRouter, handler?: Middleware | ExpressRouter): void
  get(path: string, handler: (request: Parameters, response: { json(body: unknown): void }) => void): void
}
interface FastifyInstance {
  register(plugin: unknown, options?: object): Promise<void>
  get(path: string, handler: (request: Parameters) => Promise<unknown>): void
  listen(options: { port: number; host: string }): Promise<string>
}
interface KoaContext extends Parameters {
  body: unknown
}
interface HonoContext {
  readonly req: { param(): unknown }
  json(body: unknown): unknown
}

/**
 * Starts a server on a free port of the loopback interface and gives the port. The instrumentation is in place already.
 * `root` is the directory of the project.
 */
export async function startServer(scenario: Scenario, variant: Variant, root: string): Promise<number> {
  switch (scenario) {
    case 'bare':
      return await listen((_request, response) => {
        response.setHeader('content-type', 'application/json')
        response.end('{"hello":"world"}')
      })
    case 'express':
    case 'express-nested':
      return await listen(expressApp(scenario, variant))
    case 'fastify':
      return await startFastify(variant)
    case 'koa':
      return await listen(koaApp(variant))
    case 'hono':
      return await startHono(variant)
    case 'hapi':
      return await startHapi()
    case 'nest-express':
      return await startNest('express')
    case 'nest-fastify':
      return await startNest('fastify')
    case 'restify':
      return await startRestify()
    case 'h3':
      return await listen(h3App())
    case 'next':
      return await listen(await nextHandler(root))
  }
}

function expressApp(scenario: Scenario, variant: Variant): RequestListener {
  const express = require('express') as (() => ExpressRouter & RequestListener) & {
    Router(options?: object): ExpressRouter
  }
  const app = express()
  if (variant === 'express-prom-bundle') {
    const bundle = require('express-prom-bundle') as (options: object) => Middleware
    app.use(bundle({ includeMethod: true, includePath: true }))
  }
  const routes = scenario === 'express' ? app : express.Router({ mergeParams: true })
  routes.get(scenario === 'express' ? '/users/:id' : '/users/:user', (request, response) =>
    response.json(request.params),
  )
  if (scenario === 'express') return app
  for (let i = 0; i < 5; i++) app.use((_request, _response, next) => (next as () => void)())
  app.use('/org/:id', routes)
  return app
}

async function startFastify(variant: Variant): Promise<number> {
  const fastify = require('fastify') as () => FastifyInstance
  const app = fastify()
  if (variant === 'fastify-metrics' || variant === 'fastify-metrics (histogram only)') {
    const plugin = (require('fastify-metrics') as { default: unknown }).default
    const enabled = variant === 'fastify-metrics' ? true : { histogram: true, summary: false }
    await app.register(plugin, { endpoint: '/metrics', defaultMetrics: { enabled: false }, routeMetrics: { enabled } })
  }
  app.get('/users/:id', async (request) => request.params)
  return Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
}

function koaApp(variant: Variant): RequestListener {
  const Koa = require('koa') as new () => { use(middleware: unknown): void; callback(): RequestListener }
  const { Router } = require('@koa/router') as {
    Router: new () => { get(path: string, handler: (context: KoaContext) => void): void; routes(): unknown }
  }
  const app = new Koa()
  if (variant === 'prometheus-api-metrics') {
    const { koaMiddleware } = require('prometheus-api-metrics') as { koaMiddleware(): unknown }
    app.use(koaMiddleware())
  }
  const router = new Router()
  router.get('/users/:id', (context) => {
    context.body = context.params
  })
  app.use(router.routes())
  return app.callback()
}

function startHono(variant: Variant): Promise<number> {
  const { Hono } = require('hono') as {
    Hono: new () => {
      readonly fetch: unknown
      use(path: string, middleware: unknown): void
      get(path: string, handler: (context: HonoContext) => unknown): void
    }
  }
  const { serve } = require('@hono/node-server') as {
    serve(options: object, listening: (address: { port: number }) => void): unknown
  }
  const app = new Hono()
  if (variant === '@hono/prometheus') {
    const { prometheus } = require('@hono/prometheus') as { prometheus(): { registerMetrics: unknown } }
    app.use('*', prometheus().registerMetrics)
  }
  app.get('/users/:id', (context) => context.json(context.req.param()))
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => resolve(port))
  })
}

async function startHapi(): Promise<number> {
  const hapi = require('@hapi/hapi') as {
    server(options: object): {
      readonly info: { readonly port: number }
      route(route: object): void
      start(): Promise<void>
    }
  }
  const server = hapi.server({ port: 0, host: '127.0.0.1' })
  server.route({ method: 'GET', path: '/users/{id}', handler: (request: Parameters) => request.params })
  await server.start()
  return server.info.port
}

function startRestify(): Promise<number> {
  const restify = require('restify') as {
    createServer(): {
      get(
        path: string,
        handler: (request: Parameters, response: { send(body: unknown): void }, next: () => void) => void,
      ): void
      listen(port: number, host: string, listening: () => void): void
      address(): { readonly port: number }
    }
  }
  const app = restify.createServer()
  app.get('/users/:id', (request, response, next) => {
    response.send(request.params)
    next()
  })
  return new Promise((resolve) => app.listen(0, '127.0.0.1', () => resolve(app.address().port)))
}

function h3App(): RequestListener {
  const { H3, toNodeHandler } = require('h3') as {
    H3: new () => { get(path: string, handler: (event: { readonly context: Parameters }) => unknown): void }
    toNodeHandler(app: object): RequestListener
  }
  const app = new H3()
  app.get('/users/:id', ({ context }) => context.params)
  return toNodeHandler(app)
}

function listen(handler: RequestListener): Promise<number> {
  // Loaded here and not on top: instrumentation-http must be in place before.
  const { createServer } = require('node:http') as typeof import('node:http')
  return new Promise((resolve) => {
    const server = createServer(handler)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
    })
  })
}
