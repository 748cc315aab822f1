import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { newerProgram } from '../e2e/newer-debian'
import { until } from '../support/until'
import { startVictoriaMetrics, type VictoriaMetrics } from './victoria-metrics'

const root = join(__dirname, '../..')

/** The same application each time: what becomes of its metrics is for whoever starts it. It prints its page, where it has one. */
const APPLICATION = `
const metrics = require(${JSON.stringify(root)}).initMetrics({ http: false, runtime: false })
const placed = metrics.counter({ name: 'orders_placed_total', help: 'Orders placed', labelNames: ['region', 'tier'] })
placed.add(3, { region: 'eu', tier: 'gold' })
placed.add(0.5, { region: 'us', tier: 'free' })
metrics.upDownCounter({ name: 'orders_open' }).add(2)
metrics.gauge({ name: 'queue_jobs', labelNames: ['queue'] }).set(-4, { queue: 'mail' })
const charge = metrics.histogram({ name: 'charge_seconds', buckets: [0.1, 1] })
for (const seconds of [0.05, 0.5, 5]) charge.record(seconds)
metrics.observableGauge({ name: 'stock_items', callback: (result) => result.observe(7) })
metrics.ready().then(async ({ url }) => {
  const shown = url === '' ? '' : await (await fetch(url, { headers: { 'accept-encoding': 'identity' } })).text()
  await metrics.shutdown()
  process.stdout.write(shown)
})
`

/** The series of the application itself: each with its labels in order, and its number. */
type Series = Readonly<Record<string, number>>

const NAMES = /^(orders_|queue_|charge_|stock_)/
const EXPECTED_SERIES = 10

const seriesOf = (name: string, labels: Readonly<Record<string, string>>): string =>
  `${name}{${Object.entries(labels)
    // Whether a bound is written 1 or 1.0 is the format's affair.
    .map(([label, value]) => `${label}=${label === 'le' && value !== '+Inf' ? Number(value) : value}`)
    .sort()
    .join(',')}}`

function seriesOfPage(page: string): Series {
  const samples = [...page.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].filter(([, name = '']) => NAMES.test(name))
  return Object.fromEntries(
    samples.map(([, name = '', labels = '', value]) => {
      const pairs = [...labels.matchAll(/(\w+)="(.*?)"/g)].map(([, label = '', text = '']) => [label, text] as const)
      return [seriesOf(name, Object.fromEntries(pairs)), Number(value)]
    }),
  )
}

describe('The same application, run in five ways', function () {
  this.timeout(60_000)

  const { command, mend } = newerProgram('victoria-metrics', '1.132')
  let folder: string
  before(() => {
    if (command === undefined) throw new Error(`VictoriaMetrics is missing: ${mend}`)
    folder = mkdtempSync(join(tmpdir(), 'five-ways-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  async function run(env: Readonly<Record<string, string>>): Promise<string> {
    const child = spawn(process.execPath, ['-e', APPLICATION], {
      cwd: root,
      env: { PATH: process.env.PATH, NODE_PATH: process.env.NODE_PATH, OTEL_LOG_LEVEL: 'warn', ...env },
    })
    const [page, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    expect(errors).to.equal('')
    return page
  }

  /** What a new receiver has of the application once all of it is there. */
  async function pushedSeries(receiver: VictoriaMetrics): Promise<Series> {
    return until('the series that were pushed', async () => {
      const address = `${receiver.url}/api/v1/export?match[]=${encodeURIComponent('{__name__!=""}')}`
      await receiver.query('up')
      const lines = (await (await fetch(address)).text()).split('\n').filter((line) => line !== '')
      const found = lines
        .map((line) => JSON.parse(line) as { metric: Record<string, string>; values: number[] })
        .filter(({ metric }) => NAMES.test(metric.__name__ ?? ''))
        .map(({ metric: { __name__: name = '', ...labels }, values }) => {
          // Of the resource, as this receiver keeps it.
          const own = Object.entries(labels).filter(
            ([label]) => !/^(service|telemetry)[._]|^(job|instance|scope)/.test(label),
          )
          return [seriesOf(name, Object.fromEntries(own)), values.at(-1) as number] as const
        })
      return found.length >= EXPECTED_SERIES ? Object.fromEntries(found) : undefined
    })
  }

  async function pushing(configure: (endpoint: string) => Readonly<Record<string, string>>) {
    const receiver = await startVictoriaMetrics(command ?? '')
    try {
      const page = await run(configure(`${receiver.url}/opentelemetry/v1/metrics`))
      return { page, pushed: await pushedSeries(receiver) }
    } finally {
      await receiver.stop()
    }
  }

  let scraped: Series
  before(async () => {
    scraped = seriesOfPage(await run({ OTEL_EXPORTER_PROMETHEUS_PORT: '0' }))
  })

  it('scraped: it shows what it counted', () => {
    expect(scraped).to.deep.equal({
      'orders_placed_total{region=eu,tier=gold}': 3,
      'orders_placed_total{region=us,tier=free}': 0.5,
      'orders_open{}': 2,
      'queue_jobs{queue=mail}': -4,
      'charge_seconds_bucket{le=0.1}': 1,
      'charge_seconds_bucket{le=1}': 2,
      'charge_seconds_bucket{le=+Inf}': 3,
      'charge_seconds_sum{}': 5.55,
      'charge_seconds_count{}': 3,
      'stock_items{}': 7,
    })
  })

  it('pushing: the receiver has the same', async () => {
    const { page, pushed } = await pushing((endpoint) => ({
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint,
    }))
    expect(page).to.equal('')
    expect(pushed).to.deep.equal(scraped)
  })

  it('scraped and pushing: both have the same', async () => {
    const { page, pushed } = await pushing((endpoint) => ({
      OTEL_METRICS_EXPORTER: 'prometheus,otlp',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint,
    }))
    expect(seriesOfPage(page)).to.deep.equal(scraped)
    expect(pushed).to.deep.equal(scraped)
  })

  it('by a file: both have the same', async () => {
    const { page, pushed } = await pushing((endpoint) => {
      const file = join(folder, 'metrics.yaml')
      const pull = '{ pull: { exporter: { prometheus/development: { port: 0 } } } }'
      const periodic = `{ periodic: { exporter: { otlp_http: { endpoint: "${endpoint}", compression: gzip } } } }`
      writeFileSync(file, `file_format: "1.0"\nmeter_provider: { readers: [${pull}, ${periodic}] }\n`)
      return { OTEL_CONFIG_FILE: file }
    })
    expect(seriesOfPage(page)).to.deep.equal(scraped)
    expect(pushed).to.deep.equal(scraped)
  })

  it('by the environment, deltas and compressed: the receiver has the same', async () => {
    const { pushed } = await pushing((endpoint) => ({
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
      METERKIT_SELF_METRICS: 'false',
    }))
    expect(pushed).to.deep.equal(scraped)
  })
})
