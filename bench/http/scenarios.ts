import type { RequestListener } from 'node:http'

/** The kinds of server that are measured. */
export type Scenario = 'bare' | 'express' | 'express-nested' | 'fastify'

/** What instruments the server, by the name that the table shows. */
export type Variant =
  | 'uninstrumented'
  | 'meterkit'
  | 'instrumentation-http'
  | 'express-prom-bundle'
  | 'fastify-metrics'
  | 'fastify-metrics (histogram only)'

/** What is compared with what. */
export const SCENARIOS: Readonly<Record<Scenario, { readonly path: string; readonly variants: readonly Variant[] }>> = {
  bare: { path: '/hello', variants: ['uninstrumented', 'meterkit', 'instrumentation-http'] },
  express: {
    path: '/users/42',
    variants: ['uninstrumented', 'meterkit', 'instrumentation-http', 'express-prom-bundle'],
  },
  'express-nested': {
    path: '/org/1/users/42',
    variants: ['uninstrumented', 'meterkit', 'instrumentation-http', 'express-prom-bundle'],
  },
  fastify: {
    path: '/users/42',
    variants: [
      'uninstrumented',
      'meterkit',
      'instrumentation-http',
      'fastify-metrics',
      'fastify-metrics (histogram only)',
    ],
  },
}

interface ExpressResponse {
  json(body: unknown): void
}
type ExpressHandler = (request: { params: unknown }, response: ExpressResponse, next: () => void) => void
interface ExpressRouter {
  use(path: string | ExpressHandler | ExpressRouter, handler?: ExpressHandler | ExpressRouter): void
  get(path: string, handler: ExpressHandler): void
}
interface FastifyInstance {
  register(plugin: unknown, options?: object): Promise<void>
  get(path: string, handler: (request: { params: unknown }) => Promise<unknown>): void
  listen(options: { port: number; host: string }): Promise<string>
}

/** Starts a server on a free port of the loopback interface and gives the port. The instrumentation is in place already. */
export async function startServer(scenario: Scenario, variant: Variant): Promise<number> {
  if (scenario === 'fastify') return await startFastify(variant)
  return await listen(scenario === 'bare' ? bareHandler() : expressApp(scenario, variant))
}

function bareHandler(): RequestListener {
  return (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end('{"hello":"world"}')
  }
}

function expressApp(scenario: Scenario, variant: Variant): RequestListener {
  const express = require('express') as (() => ExpressRouter & RequestListener) & {
    Router(options?: object): ExpressRouter
  }
  const app = express()
  if (variant === 'express-prom-bundle') {
    const bundle = require('express-prom-bundle') as (options: object) => ExpressHandler
    app.use(bundle({ includeMethod: true, includePath: true }))
  }
  const user: ExpressHandler = (request, response) => response.json(request.params)
  if (scenario === 'express') {
    app.get('/users/:id', user)
    return app
  }
  for (let i = 0; i < 5; i++) app.use((_request, _response, next) => next())
  const users = express.Router({ mergeParams: true })
  users.get('/users/:user', user)
  app.use('/org/:id', users)
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
