import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Observed, Reading } from './observe'
import { ROWS, type Row } from './rows'
import { expected, type Scenario } from './scenarios'
import { BUILT, compile, type Program } from './start-ups'

/** How an application that OpenTelemetry's own instrumentations measure is made and started. */
type StockStart = 'cjs' | 'esm' | 'late' | 'bundle'

/** A library that measures servers as well. */
interface Peer {
  readonly name: string
  /** Its file in `peers`, without the extension. */
  readonly file: string
  /** The applications that it can be put into. */
  readonly apps: readonly string[]
}

/** Histograms all of them have; they count as soon as an application notices that a request has ended, or not at all. */
export const PEER_READING: Reading = {
  counts: /^http_(server_)?request_duration(_seconds)?_count\{/,
  looks: 50,
}

const PEERS: readonly Peer[] = [
  {
    name: 'express-prom-bundle',
    file: 'express-prom-bundle',
    apps: ['express4', 'express', 'nest-express'],
  },
  { name: 'fastify-metrics', file: 'fastify-metrics', apps: ['fastify', 'nest-fastify'] },
  { name: '@hono/prometheus', file: 'hono-prometheus', apps: ['hono'] },
  {
    name: 'prometheus-api-metrics',
    file: 'prometheus-api-metrics',
    apps: ['express4', 'express', 'koa', 'nest-express'],
  },
]

/** A library's middleware or plugin stands in the application's code. */
function programWith({ file }: Peer, app: string): Program {
  const source = join(BUILT, `${app}.${file}.mjs`)
  writeFileSync(
    source,
    `import { options, page } from '../peers/${file}.mjs'
import { serve } from '../apps/${app}.mjs'
import { attend } from '../attend.mjs'

Promise.resolve(serve(options('${app}'))).then((server) => attend(server, page))
`,
  )
  return { file: source, flags: [] }
}

/** OpenTelemetry's instrumentations are started by a flag, as their documentation says; or when the server listens. */
async function programWithStock(app: string, start: StockStart): Promise<Program> {
  const source = join(BUILT, `${app}.stock-${start}.mjs`)
  const listening = start === 'late' ? `import('../peers/stock.mjs').then(() => server)` : 'server'
  writeFileSync(
    source,
    `import { serve } from '../apps/${app}.mjs'
import { attend } from '../attend.mjs'

Promise.resolve(serve()).then((server) => ${listening}).then((server) => attend(server, () => globalThis.stockPage()))
`,
  )
  if (start === 'late') return { file: source, flags: [] }
  if (start === 'esm') return { file: source, flags: [...LOADER, '--import', './peers/stock.mjs'] }
  const setup = join(BUILT, `${app}.stock-${start}-setup.cjs`)
  await compile(join(__dirname, 'peers/stock.mjs'), setup, 'outside')
  const file = source.replace(/mjs$/, 'cjs')
  await compile(source, file, start === 'bundle' ? 'inside' : 'outside')
  return { file, flags: [...LOADER, '--require', setup] }
}

/** What ES modules need, those of a CommonJS application as well. */
const LOADER = ['--import', './peers/hook.mjs']

const STOCK: Readonly<Record<StockStart, string>> = {
  cjs: 'OpenTelemetry, CommonJS',
  esm: 'OpenTelemetry, ES modules',
  late: 'OpenTelemetry, late',
  bundle: 'OpenTelemetry, bundled',
}
/** Express 4 has a name of its own here, by which OpenTelemetry does not know it. */
const RENAMED = 'express4'
/** Of the ways that are not its best, these tell enough. */
const STARTED_OTHERWISE = ['bare', 'express', 'fastify', 'koa']

/** A library on a framework. */
export interface Case {
  readonly library: string
  readonly row: Row
  readonly program: () => Program | Promise<Program>
}

export const CASES: readonly Case[] = [
  ...PEERS.flatMap((peer) =>
    ROWS.filter(({ app }) => peer.apps.includes(app)).map((row) => ({
      library: peer.name,
      row,
      program: () => programWith(peer, row.app),
    })),
  ),
  ...(Object.keys(STOCK) as StockStart[]).flatMap((start) =>
    ROWS.filter(({ app }) => (start === 'cjs' ? app !== RENAMED : STARTED_OTHERWISE.includes(app))).map((row) => ({
      library: STOCK[start],
      row,
      program: () => programWithStock(row.app, start),
    })),
  ),
]

/** What is wrong with a count; `undefined` where it is right. The template may be written in any way, and be none where nothing matched. */
export function faultOf(scenario: Scenario, row: Row, found: Observed[Scenario] = 'not counted'): string | undefined {
  const wanted = expected(scenario, row)
  if (found === wanted) return undefined
  const [, path, status] = /^(\S+) (\d+|)$/.exec(found) ?? []
  if (path === undefined || status === undefined) return found.replace(/^\S+ \d+, /, '')
  const faults: string[] = []
  const isUrl = /acme|nowhere|42/.test(path)
  const isRoute = wanted.startsWith('/org/:') || wanted.startsWith('/org/{') || wanted.includes('[')
  if (isUrl && (isRoute || scenario.startsWith('notFound'))) faults.push(`\`${path}\``)
  else if (isRoute && path === '(none)') faults.push('no path')
  else if (isRoute && !wanted.startsWith(`${path} `)) faults.push(`\`${path}\``)
  if (!wanted.endsWith(` ${status}`)) faults.push(status === '' ? 'no status' : status)
  return faults.length === 0 ? undefined : faults.join(' ')
}
