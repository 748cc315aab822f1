/** The kinds of server that are measured. */
export type Scenario =
  | 'bare'
  | 'express'
  | 'express-nested'
  | 'fastify'
  | 'koa'
  | 'hono'
  | 'hapi'
  | 'nest-express'
  | 'nest-fastify'
  | 'restify'
  | 'h3'
  | 'next'

/** What instruments the server, by the name that the table shows. */
export type Variant =
  | 'uninstrumented'
  | 'meterkit'
  /** With the framework's own instrumentation and a context manager: without them it knows no route. */
  | 'opentelemetry'
  | 'express-prom-bundle'
  | 'fastify-metrics'
  | 'fastify-metrics (histogram only)'
  | '@hono/prometheus'
  | 'prometheus-api-metrics'

interface Measured {
  readonly title: string
  readonly path: string
  readonly variants: readonly Variant[]
}

const ours: readonly Variant[] = ['uninstrumented', 'meterkit', 'opentelemetry']

/** What is compared with what. */
export const SCENARIOS: Readonly<Record<Scenario, Measured>> = {
  bare: { title: 'bare server', path: '/hello', variants: ours },
  express: { title: 'Express route', path: '/users/42', variants: [...ours, 'express-prom-bundle'] },
  'express-nested': {
    title: 'Express, five middlewares and a nested router',
    path: '/org/1/users/42',
    variants: [...ours, 'express-prom-bundle'],
  },
  fastify: {
    title: 'Fastify route',
    path: '/users/42',
    variants: [...ours, 'fastify-metrics', 'fastify-metrics (histogram only)'],
  },
  koa: { title: 'Koa route', path: '/users/42', variants: [...ours, 'prometheus-api-metrics'] },
  hono: { title: 'Hono route', path: '/users/42', variants: [...ours, '@hono/prometheus'] },
  hapi: { title: 'hapi route', path: '/users/42', variants: ours },
  'nest-express': { title: 'NestJS on Express route', path: '/users/42', variants: ours },
  'nest-fastify': { title: 'NestJS on Fastify route', path: '/users/42', variants: ours },
  restify: { title: 'restify route', path: '/users/42', variants: ours },
  h3: { title: 'h3 route', path: '/users/42', variants: ours },
  next: { title: 'Next.js API route', path: '/api/1/users/42', variants: ours },
}
