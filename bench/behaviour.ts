import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import * as prometheusIo from '@prometheus-io/client'
import * as promClient from 'prom-client'
import { quietService } from './services'

/** What the contestants do with what a service may not expect to matter: tried out, not read. */
interface Contestant {
  readonly name: string
  /** Adds 1 to the series with one label. */
  add(value: unknown, label: string, text: unknown): void
  page(): Promise<string>
}

const LABEL_SETS = 100_000

function meterkit(): Contestant {
  const service = quietService({ cardinalityLimit: 2_000 })
  const counter = service.counter({ name: 'c_total', labelNames: ['a'] })
  return {
    name: 'meterkit',
    add: (value, label, text) => counter.add(value as number, { [label]: text } as { a: string }),
    page: async () => (await service.render()).body,
  }
}

function promStyle(name: string, library: typeof promClient | typeof prometheusIo): Contestant {
  const registry = new library.Registry()
  const { Counter } = library as typeof promClient
  const registers = [registry] as promClient.Registry[]
  const counter = new Counter({ name: 'c_total', help: 'help', labelNames: ['a'], registers })
  return {
    name,
    add: (value, label, text) => counter.inc({ [label]: text as string }, value as number),
    page: () => registry.metrics(),
  }
}

function stock(): Contestant {
  const reader = new PrometheusExporter({ preventServerStart: true })
  const counter = new MeterProvider({ readers: [reader] }).getMeter('bench').createCounter('c')
  return {
    name: 'stock OpenTelemetry',
    add: (value, label, text) => counter.add(value as number, { [label]: text as string }),
    page: () =>
      new Promise((resolve) => {
        reader.getMetricsRequestHandler({} as never, { setHeader() {}, end: resolve } as never)
      }),
  }
}

function linesOf(page: string): number {
  return page.split('\n').filter((line) => line.startsWith('c_total{')).length
}

async function afterNaN({ add, page }: Contestant): Promise<string> {
  if (throws(() => add(Number.NaN, 'a', 'x')) === 'throws') return 'throws'
  add(1, 'a', 'x')
  return /c_total\{a="x".*\} (\S+)/.exec(await page())?.[1] ?? 'nothing'
}

function throws(act: () => void): string {
  try {
    act()
    return 'does not throw'
  } catch {
    return 'throws'
  }
}

async function compare(): Promise<void> {
  const contestants = [
    meterkit(),
    promStyle('@prometheus-io/client', prometheusIo),
    promStyle('prom-client', promClient),
    stock(),
  ]
  const rows: [string, ...string[]][] = [
    ['a counter after `add(NaN)` and `add(1)`', ...(await Promise.all(contestants.map(afterNaN)))],
    ['`add(Infinity)`', ...contestants.map(({ add }) => throws(() => add(Number.POSITIVE_INFINITY, 'a', 'y')))],
    ['a label that was not declared', ...contestants.map(({ add }) => throws(() => add(1, 'b', 'x')))],
    ['a BigInt as label value', ...contestants.map(({ add }) => throws(() => add(1, 'a', 1n)))],
  ]
  const series: string[] = []
  for (const contestant of contestants) {
    // Scraped now and then, as services are.
    for (let index = 0; index < LABEL_SETS; index++) {
      contestant.add(1, 'a', `value-${index}`)
      if (index % 1_000 === 999) await contestant.page()
    }
    series.push(String(linesOf(await contestant.page())))
  }
  rows.push([`series of one metric after ${LABEL_SETS} label sets, scraped every 1,000`, ...series])
  console.log('\n### Behaviour\n')
  console.log(`| | ${contestants.map(({ name }) => name).join(' | ')} |`)
  console.log('|---|---|---|---|---|')
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
}

void compare()
