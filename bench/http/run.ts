import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { printTable } from '../report'
import { compileChildren } from './children'
import type { LoadRequest } from './load'
import type { Scenario, Variant } from './scenarios'
import { SCENARIOS } from './scenarios'
import type { CpuAnswer } from './server'

/**
 * CPU time that measuring adds to a request, against the peers: `ts-node bench/http/run.ts [scenario …] [--rounds=3]`.
 *
 * In every round each variant of a server runs in a new process, and one load process drives them in turn, in short slices.
 * Counted is a server's own CPU time, user and system. A neighbour on the same core makes every instruction dearer, so a slice
 * is compared with the uninstrumented server's slice of the same moment, and a round is the median of its slices.
 */
const TITLES: Readonly<Record<Scenario, string>> = {
  bare: 'bare server',
  express: 'Express route',
  'express-nested': 'Express, five middlewares and a nested router',
  fastify: 'Fastify route',
}
const LABELS: Readonly<Record<Variant, string>> = {
  uninstrumented: 'uninstrumented',
  meterkit: 'meterkit',
  'instrumentation-http': 'stock OpenTelemetry (instrumentation-http)',
  'express-prom-bundle': 'prom-client (express-prom-bundle)',
  'fastify-metrics': 'prom-client (fastify-metrics)',
  'fastify-metrics (histogram only)': 'prom-client (fastify-metrics, histogram alone)',
}
const LIBRARY = join(__dirname, '../../dist/index.js')
const CONNECTIONS = 16
const WARM_UP_REQUESTS = 20_000
const SLICES = 16
const SLICE_REQUESTS = 2_000

const options = process.argv.slice(2)
const rounds = Number(options.find((option) => option.startsWith('--rounds='))?.slice('--rounds='.length) ?? 3)
const asked = options.filter((option) => option in SCENARIOS) as Scenario[]
const scenarios = asked.length > 0 ? asked : (Object.keys(SCENARIOS) as Scenario[])

const children = compileChildren()

/** Microseconds of CPU time a request. */
interface Cost {
  readonly total: number
  readonly added: number
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
    const child = fork(join(children, 'server.js'), [scenario, variant, LIBRARY], { execArgv: [] })
    const { port } = await answer<{ port: number }>(child)
    const server = new MeasuredServer(load, child, port, SCENARIOS[scenario].path)
    await server.#drive(WARM_UP_REQUESTS)
    return server
  }

  /** Microseconds of CPU time that a request takes now. */
  async slice(): Promise<number> {
    await this.#read('mark')
    await this.#drive(SLICE_REQUESTS)
    return (await this.#read('read')) / SLICE_REQUESTS
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
  const slices = new Map<Variant, number[]>(variants.map((variant) => [variant, []]))
  try {
    for (const variant of variants) servers.set(variant, await MeasuredServer.start(load, scenario, variant))
    for (let slice = 0; slice < SLICES; slice++) {
      // Every other time the other way round, so that no variant always follows the same one.
      for (const variant of slice % 2 === 0 ? variants : variants.toReversed()) {
        slices.get(variant)?.push((await servers.get(variant)?.slice()) ?? Number.NaN)
      }
    }
  } finally {
    for (const server of servers.values()) await server.end()
  }
  const base = slices.get('uninstrumented') ?? []
  return new Map(
    [...slices].map(([variant, values]) => {
      const added = values.map((value, slice) => value - (base[slice] ?? Number.NaN))
      return [variant, { total: quantile(values, 0.5), added: quantile(added, 0.5) }]
    }),
  )
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)] ?? Number.NaN
  return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at))
}

async function measure(load: ChildProcess, scenario: Scenario): Promise<void> {
  const { variants } = SCENARIOS[scenario]
  const measured: Map<Variant, Cost>[] = []
  for (let round = 0; round < rounds; round++) measured.push(await measureRound(load, scenario))
  const costs = (variant: Variant, key: keyof Cost) => measured.map((round) => round.get(variant)?.[key] ?? Number.NaN)
  const added = (variant: Variant, q: number) => quantile(costs(variant, 'added'), q)
  const own = added('meterkit', 0.5)
  printTable(
    `HTTP: ${TITLES[scenario]}, CPU time added a request`,
    'µs, and half of the rounds',
    variants.map((variant) => ({
      contestant: LABELS[variant],
      measured:
        variant === 'uninstrumented'
          ? `takes ${quantile(costs(variant, 'total'), 0.5).toFixed(1)}`
          : `${added(variant, 0.5).toFixed(2)} (${added(variant, 0.25).toFixed(2)} to ${added(variant, 0.75).toFixed(2)})`,
      ratio: ratioText(variant, added(variant, 0.5) / own, own),
    })),
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
  const load = fork(join(children, 'load.js'), { execArgv: [] })
  try {
    for (const scenario of scenarios) await measure(load, scenario)
  } finally {
    load.disconnect()
  }
}

void main()
