import type { Scenario } from './scenarios'
import type { StartUp } from './start-ups'

/** One framework, as its application in `apps` serves it. */
export interface Row {
  readonly name: string
  /** The application's file, without its extension. */
  readonly app: string
  /** What the application's requests begin with. */
  readonly base: string
  /** The `path` of the routes, by the scenario that asks for them. */
  readonly paths: Readonly<Record<'nested' | 'error' | 'abort' | 'stream' | 'upgrade', string>>
  /** The same in a bundle that is made without the plugin, where its classes are out of reach. */
  readonly unannounced?: Row['paths']
  readonly http2?: boolean
  /** Combinations that make no sense, with the number of the note that says why. */
  readonly without?: Readonly<Partial<Record<Scenario | StartUp, Note>>>
}

/** What the numbers in the table stand for. */
export const NOTES = {
  1: 'HTTP/2 has no upgrades.',
  2: 'Next.js and Nitro bundle the application themselves: what they have built runs in the other columns.',
  3: 'With the plugin `meterkit/esbuild`. Without it, the classes of these frameworks are out of reach in a bundle, and requests count as on a server without routes.',
} as const

export type Note = keyof typeof NOTES

/** WebSockets are taken beside most frameworks. */
const routes = (base: string, user: string, upgrade = '/org/acme/socket') => ({
  nested: `${base}/users/${user}`,
  error: `${base}/boom`,
  abort: `${base}/slow`,
  stream: `${base}/stream`,
  upgrade,
})
const colons = routes('/org/:org', ':user')
const withSocket = routes('/org/:org', ':user', '/org/:org/socket')
/** Paths of a server whose routes nobody tells: those of the URLs, with what looks like an id taken out. */
const normalised = routes('/org/acme', ':id')

function row(name: string, app: string, paths: Row['paths'], more: Partial<Row> = {}): Row {
  return { name, app, base: '/org/acme', paths, ...more }
}

const ownBundle = { bundle: 2 } as const
const outOfReach = { unannounced: normalised }

export const ROWS: readonly Row[] = [
  row('node:http', 'bare', normalised),
  row('node:http2, request and response', 'http2-compat', normalised, { http2: true, without: { upgrade: 1 } }),
  row('node:http2, streams', 'http2-stream', normalised, { http2: true, without: { upgrade: 1 } }),
  row('Express 4', 'express4', colons),
  row('Express 5', 'express', colons),
  row('Fastify 5, @fastify/websocket', 'fastify', withSocket),
  row('Koa 3, @koa/router', 'koa', colons, outOfReach),
  row('Hono 4, @hono/node-server', 'hono', withSocket, outOfReach),
  row('NestJS 12 on Express', 'nest-express', colons),
  row('NestJS 12 on Fastify', 'nest-fastify', colons),
  row('hapi 21', 'hapi', routes('/org/{org}', '{user}'), outOfReach),
  row('restify 12', 'restify', colons),
  row('h3 2', 'h3', colons),
  row('Nitro 3', 'nitro', colons, { without: ownBundle }),
  row('Next.js 16, app', 'next', routes('/org/[org]', '[user]'), { without: ownBundle }),
  row('Next.js 16, pages', 'next', routes('/api/[org]', '[user]', '/api/acme/socket'), {
    base: '/api/acme',
    without: ownBundle,
  }),
]
