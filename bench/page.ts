import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import * as prometheusIo from '@prometheus-io/client'
import * as promClient from 'prom-client'
import { median } from './measure'
import { printTable, rowsOf } from './report'
import { BUCKETS, quietService } from './services'

/**
 * What a page of many label sets costs, each with a counter and an 11-bucket histogram, and what a label set holds in
 * memory after a page was written.
 */
const LABEL_SETS = 10_000
const WARM_UP_ROUNDS = 10
const ROUNDS = 15

interface Contestant {
  /** Records a value in every label set. */
  record(): void
  /** Writes a page and gives its size. */
  page(): Promise<number>
}

const labelsOf = (index: number) => ({
  method: `m${index % 10}`,
  path: `/path/${index}`,
  status_code: `${200 + (index % 5)}`,
})

function meterkit(): Contestant {
  const service = quietService()
  const labelNames = ['method', 'path', 'status_code'] as const
  const counter = service.counter({ name: 'requests_total', help: 'Requests', labelNames })
  const histogram = service.histogram({ name: 'duration_seconds', help: 'Duration', labelNames, buckets: BUCKETS })
  return {
    record() {
      for (let index = 0; index < LABEL_SETS; index++) {
        counter.add(1, labelsOf(index))
        histogram.record(index % 11, labelsOf(index))
      }
    },
    page: async () => (await service.render()).body.length,
  }
}

function promStyle(library: typeof promClient | typeof prometheusIo): Contestant {
  const registry = new library.Registry()
  const labelNames = ['method', 'path', 'status_code']
  const registers = [registry]
  // The two libraries have the same interface, but types of their own.
  const { Counter, Histogram } = library as typeof promClient
  const options = { help: 'help', labelNames, registers: registers as promClient.Registry[] }
  const counter = new Counter({ name: 'requests_total', ...options })
  const histogram = new Histogram({ name: 'duration_seconds', buckets: BUCKETS, ...options })
  return {
    record() {
      for (let index = 0; index < LABEL_SETS; index++) {
        counter.inc(labelsOf(index), 1)
        histogram.observe(labelsOf(index), index % 11)
      }
    },
    page: async () => (await registry.metrics()).length,
  }
}

function stock(): Contestant {
  const reader = new PrometheusExporter({ preventServerStart: true })
  const limits = [{ instrumentName: '*', aggregationCardinalityLimit: 200_000 }]
  const meter = new MeterProvider({ readers: [reader], views: limits }).getMeter('bench')
  const counter = meter.createCounter('requests')
  const histogram = meter.createHistogram('duration_seconds', { advice: { explicitBucketBoundaries: BUCKETS } })
  return {
    record() {
      for (let index = 0; index < LABEL_SETS; index++) {
        counter.add(1, labelsOf(index))
        histogram.record(index % 11, labelsOf(index))
      }
    },
    page: () =>
      new Promise((resolve) => {
        const response = { statusCode: 0, setHeader() {}, end: (text: string) => resolve(text.length) }
        reader.getMetricsRequestHandler({} as never, response as never)
      }),
  }
}

const CONTESTANTS: Readonly<Record<string, () => Contestant>> = {
  meterkit,
  '@prometheus-io/client': () => promStyle(prometheusIo),
  'prom-client': () => promStyle(promClient),
  'stock OpenTelemetry': stock,
}

/** What a contestant's process answers: bytes held per label set at first, then CPU milliseconds of a page. */
type Answer = number

function heldBytes(): number {
  for (let pass = 0; pass < 3; pass++) global.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** A contestant's process: one page when it starts, then one for each message. */
async function contend(name: string): Promise<void> {
  const make = CONTESTANTS[name]
  if (make === undefined) throw new Error(`There is no contestant "${name}".`)
  const before = heldBytes()
  const contestant = make()
  contestant.record()
  await contestant.page()
  process.send?.((heldBytes() - before) / LABEL_SETS)
  process.on('message', async () => {
    contestant.record()
    const start = process.cpuUsage()
    await contestant.page()
    const { user, system } = process.cpuUsage(start)
    process.send?.((user + system) / 1_000)
  })
}

/** Starts each contestant in a process of its own, so that none collects the garbage of another, and has them take turns. */
async function compare(): Promise<void> {
  const held = new Map<string, number>()
  const times = new Map<string, number[]>()
  const children = new Map<string, ChildProcess>()
  for (const name of Object.keys(CONTESTANTS)) {
    const child = fork(__filename, [name], { execArgv: ['--expose-gc', ...process.execArgv] })
    children.set(name, child)
    times.set(name, [])
    held.set(name, await answer(child))
  }
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const [name, child] of children) {
      child.send('page')
      const taken = await answer(child)
      if (round >= 0) times.get(name)?.push(taken)
    }
  }
  for (const child of children.values()) child.disconnect()
  const costs = new Map([...times].map(([name, taken]) => [name, median(taken)]))
  printTable(`Page of ${LABEL_SETS} label sets × (counter + 11-bucket histogram)`, 'ms of CPU', rowsOf(costs))
  printTable('Memory held per label set after a page', 'bytes', rowsOf(held))
}

async function answer(child: ChildProcess): Promise<Answer> {
  const [value] = (await once(child, 'message')) as [Answer]
  return value
}

const [contestantName] = process.argv.slice(2)
void (contestantName === undefined ? compare() : contend(contestantName))
