import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { printTable } from '../report'
import { buildNext } from './built-next'
import { compileChildren } from './children'
import type { LoadRequest } from './load'
import { forkPinned, isPinned } from './pinned'
import type { Scenario, Variant } from './scenarios'
import { SCENARIOS } from './scenarios'
import type { CpuAnswer } from './server'

/**
 * CPU time that measuring adds to a request, and requests a second, against the peers:
 * `ts-node bench/http/run.ts [scenario …] [--rounds=2]`, or `HTTP_ROUNDS=2 npm run bench http`.
 *
 * In every round each variant of a server runs in a new process, and one load process drives them in turn, in short slices.
 * Servers have one processor and the load has another, where there are two. Counted is a server's own CPU time, user and
 * system. A neighbour on the same core makes every instruction dearer, so a slice is compared with the uninstrumented server's
 * slice of the same moment, and a round is the median of its slices.
 */
const LABELS: Readonly<Record<Variant, string>> = {
  uninstrumented: 'uninstrumented',
  meterkit: 'meterkit',
  opentelemetry: 'stock OpenTelemetry (instrumentation-http and the framework’s)',
  'express-prom-bundle': 'prom-client (express-prom-bundle)',
  'fastify-metrics': '@prometheus-io/client (fastify-metrics)',
  'fastify-metrics (histogram only)': '@prometheus-io/client (fastify-metrics, histogram alone)',
  '@hono/prometheus': 'prom-client (@hono/prometheus)',
  'prometheus-api-metrics': 'prom-client (prometheus-api-metrics)',
}
const ROOT = join(__dirname, '../..')
const CONNECTIONS = 16
const WARM_UP_REQUESTS = 10_000
const SLICES = 16
const SLICE_REQUESTS = 1_000

const options = process.argv.slice(2)
const roundsText = options.find((option) => option.startsWith('--rounds='))?.slice('--rounds='.length)
const rounds = Number(roundsText ?? process.env.HTTP_ROUNDS ?? 2)
const asked = options.filter((option) => option in SCENARIOS) as Scenario[]
const scenarios = asked.length > 0 ? asked : (Object.keys(SCENARIOS) as Scenario[])

const children = compileChildren()

/** Of one slice, or the median of many. */
interface Slice {
  /** Microseconds of CPU time a request. */
  readonly cpuUs: number
  readonly requestsPerSecond: number
}

/** What a round found. */
interface Cost extends Slice {
  /** Microseconds of CPU time a request, over the uninstrumented server. */
  readonly addedUs: number
}

async function answer<T extends object>(child: ChildProcess): Promise<T> {
  const ended = new AbortController()
  const { signal } = ended
  try {
    const [message] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() => {
        throw new Error('A child process of the benchmark ended early.')
      }),
    ])) as [T & { error?: string }]
    if (message.error !== undefined) throw new Error(message.error)
    return message
  } finally {
    ended.abort()
  }
}

/** One variant's server in its process, warmed up. */
class MeasuredServer {
  private constructor(
    private readonly load: ChildProcess,
    private readonly process: ChildProcess,
    private readonly port: number,
    private readonly path: string,
  ) {}

  static async start(load: ChildProcess, scenario: Scenario, variant: Variant): Promise<MeasuredServer> {
    const child = forkPinned('server', join(children, 'server.js'), [scenario, variant, ROOT])
    const { port } = await answer<{ port: number }>(child)
    const server = new MeasuredServer(load, child, port, SCENARIOS[scenario].path)
    await server.#drive(WARM_UP_REQUESTS)
    return server
  }

  async slice(): Promise<Slice> {
    await this.#read('mark')
    const startMs = performance.now()
    await this.#drive(SLICE_REQUESTS)
    const seconds = (performance.now() - startMs) / 1000
    return { cpuUs: (await this.#read('read')) / SLICE_REQUESTS, requestsPerSecond: SLICE_REQUESTS / seconds }
  }

  async end(): Promise<void> {
    this.process.disconnect()
    if (this.process.exitCode === null) await once(this.process, 'exit')
  }

  async #drive(requests: number): Promise<void> {
    const { port, path } = this
    this.load.send({ port, path, connections: CONNECTIONS, requests } satisfies LoadRequest)
    await answer(this.load)
  }

  async #read(command: 'mark' | 'read'): Promise<number> {
    this.process.send(command)
    return (await answer<CpuAnswer>(this.process)).cpuUs
  }
}

/** What each variant took in one round, and what it took more than the uninstrumented server. */
async function measureRound(load: ChildProcess, scenario: Scenario): Promise<Map<Variant, Cost>> {
  const { variants } = SCENARIOS[scenario]
  const servers = new Map<Variant, MeasuredServer>()
  const slices = new Map<Variant, Slice[]>(variants.map((variant) => [variant, []]))
  try {
    for (const variant of variants) servers.set(variant, await MeasuredServer.start(load, scenario, variant))
    for (let slice = 0; slice < SLICES; slice++) {
      // Every other time the other way round, so that no variant always follows the same one.
      for (const variant of slice % 2 === 0 ? variants : variants.toReversed()) {
        const measured = await servers.get(variant)?.slice()
        if (measured !== undefined) slices.get(variant)?.push(measured)
      }
    }
  } finally {
    for (const server of servers.values()) await server.end()
  }
  const base = slices.get('uninstrumented') ?? []
  return new Map([...slices].map(([variant, values]) => [variant, costOf(values, base)]))
}

function costOf(slices: readonly Slice[], base: readonly Slice[]): Cost {
  const middle = (values: readonly number[]) => quantile(values, 0.5)
  return {
    cpuUs: middle(slices.map(({ cpuUs }) => cpuUs)),
    requestsPerSecond: middle(slices.map(({ requestsPerSecond }) => requestsPerSecond)),
    addedUs: middle(slices.map(({ cpuUs }, at) => cpuUs - (base[at]?.cpuUs ?? Number.NaN))),
  }
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)] ?? Number.NaN
  return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at))
}

async function measure(load: ChildProcess, scenario: Scenario): Promise<void> {
  const { title, variants } = SCENARIOS[scenario]
  const measured: Map<Variant, Cost>[] = []
  for (let round = 0; round < rounds; round++) measured.push(await measureRound(load, scenario))
  const costs = (variant: Variant, key: keyof Cost) => measured.map((round) => round.get(variant)?.[key] ?? Number.NaN)
  const added = (variant: Variant, q: number) => quantile(costs(variant, 'addedUs'), q)
  const own = added('meterkit', 0.5)
  printTable(
    `HTTP: ${title}, CPU time added a request`,
    'µs, and half of the rounds; requests a second',
    variants.map((variant) => {
      const cpu =
        variant === 'uninstrumented'
          ? `takes ${quantile(costs(variant, 'cpuUs'), 0.5).toFixed(1)}`
          : `${added(variant, 0.5).toFixed(2)} (${added(variant, 0.25).toFixed(2)} to ${added(variant, 0.75).toFixed(2)})`
      const perSecond = Math.round(quantile(costs(variant, 'requestsPerSecond'), 0.5) / 100) * 100
      return {
        contestant: LABELS[variant],
        measured: `${cpu}; ${perSecond.toLocaleString('en')} / s`,
        ratio: ratioText(variant, added(variant, 0.5) / own, own),
      }
    }),
  )
}

/** A difference this small is noise, and what is divided by it says nothing. */
const NOISE_US = 0.2

function ratioText(variant: Variant, ratio: number, own: number): string {
  if (variant === 'uninstrumented') return ''
  if (variant === 'meterkit') return own < NOISE_US ? 'noise' : '1'
  return own < NOISE_US ? '' : ratio.toFixed(ratio < 10 ? 1 : 0)
}

async function main(): Promise<void> {
  if (!isPinned) console.error('Servers and load share the processors: taskset, or a second processor, is missing.')
  const load = forkPinned('load', join(children, 'load.js'))
  try {
    for (const scenario of scenarios) {
      if (scenario === 'next' && !buildNext(ROOT)) {
        console.error('Next.js is not measured without the frameworks of the tests: npm ci --prefix test/frameworks')
        continue
      }
      await measure(load, scenario)
    }
  } finally {
    load.disconnect()
  }
}

void main()
