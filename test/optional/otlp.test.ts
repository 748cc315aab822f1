import { expect } from 'chai'
import type { OtlpOptions } from '../../src/config/options'
import { createMetrics } from '../../src/init'
import { newerProgram } from '../e2e/newer-debian'
import type { Sample } from '../e2e/prometheus'
import { until } from '../support/until'
import { startVictoriaMetrics, type VictoriaMetrics } from './victoria-metrics'

/** Has a service push twice, with recordings before and between, as `name` for the job. */
async function push(name: string, otlp: OtlpOptions): Promise<void> {
  const metrics = createMetrics({
    exporters: ['otlp'],
    otlp: { ...otlp, intervalMs: 2 ** 31 - 1 },
    constantLabels: { run: name },
    http: false,
    runtime: false,
    logger: { info() {}, warn: fail, error: fail },
  })
  const labelNames = ['region'] as const
  const counter = metrics.counter({ name: 'orders_placed_total', labelNames })
  const gauge = metrics.gauge({ name: 'queue_jobs', labelNames })
  const explicit = metrics.histogram({ name: 'charge_seconds', labelNames, buckets: [1, 10] })
  const native = metrics.histogram({ name: 'lookup_seconds', labelNames, native: true })
  for (const [value, region] of [
    [3, 'eu'],
    [20, 'us'],
    [0.5, 'eu'],
  ] as const) {
    counter.add(value, { region })
    gauge.set(value, { region })
    explicit.record(value, { region })
    native.record(value, { region })
    await metrics.flush()
  }
  await metrics.shutdown()
}

function fail(message: string): never {
  throw new Error(message)
}

/** What the pushes above come to. */
const EXPECTED = {
  counter: { eu: 3.5, us: 20 },
  gauge: { eu: 0.5, us: 20 },
  'histogram, count': { eu: 2, us: 1 },
  'histogram, sum': { eu: 3.5, us: 20 },
  'histogram, up to 1': { eu: 1, us: 0 },
  'exponential, count': { eu: 2, us: 1 },
  'exponential, sum': { eu: 3.5, us: 20 },
}

type Queries = { readonly [K in keyof typeof EXPECTED]: string }

async function answers(query: (expression: string) => Promise<Sample[]>, queries: Queries): Promise<object> {
  const found: Record<string, Record<string, number>> = {}
  for (const [what, expression] of Object.entries(queries)) {
    const samples = await query(expression)
    found[what] = Object.fromEntries(samples.map(({ labels, value }) => [labels.region, value]))
  }
  return found
}

const WAYS: readonly OtlpOptions[] = (['cumulative', 'delta'] as const).flatMap((temporality) =>
  (['http/protobuf', 'http/json'] as const).flatMap((protocol) =>
    (['none', 'gzip'] as const).map((compression) => ({ temporality, protocol, compression })),
  ),
)
const nameOf = ({ temporality, protocol, compression }: OtlpOptions) => `${temporality}, ${protocol}, ${compression}`

describe('OTLP to VictoriaMetrics', () => {
  const { command, mend } = newerProgram('victoria-metrics', '1.132')
  let receiver: VictoriaMetrics
  before(async () => {
    if (command === undefined) throw new Error(`VictoriaMetrics is missing: ${mend}`)
    receiver = await startVictoriaMetrics(command)
  })
  after(() => receiver?.stop())

  // It takes protobuf alone.
  for (const way of WAYS.filter(({ protocol }) => protocol === 'http/protobuf')) {
    it(`arrives to the last one: ${nameOf(way)}`, async () => {
      const run = nameOf(way)
      await push(run, { ...way, endpoint: `${receiver.url}/opentelemetry/v1/metrics` })
      // It stores deltas as they come.
      const isDelta = way.temporality === 'delta'
      const total = (name: string, more = '') => {
        const selector = `${name}{run="${run}"${more}}`
        return `sum by (region) (${isDelta ? `sum_over_time(${selector}[1h])` : `last_over_time(${selector}[1h])`})`
      }
      const queries: Queries = {
        counter: total('orders_placed_total'),
        gauge: `last_over_time(queue_jobs{run="${run}"}[1h])`,
        'histogram, count': total('charge_seconds_count'),
        'histogram, sum': total('charge_seconds_sum'),
        'histogram, up to 1': total('charge_seconds_bucket', ',le="1"'),
        'exponential, count': total('lookup_seconds_count'),
        'exponential, sum': total('lookup_seconds_sum'),
      }
      const found = await until('the pushed totals', async () => {
        const all = await answers(receiver.query, queries)
        return JSON.stringify(all) === JSON.stringify(EXPECTED) ? all : undefined
      }).catch(() => answers(receiver.query, queries))
      expect(found).to.deep.equal(EXPECTED)
    })
  }
})
