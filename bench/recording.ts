import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import * as prometheusIo from '@prometheus-io/client'
import * as promClient from 'prom-client'
import { type Contestant, nanosecondsEach } from './measure'
import { printTable, rowsOf } from './report'
import { BUCKETS, quietService } from './services'

/** What a recording costs: bound and labelled, a counter and a histogram, against the peers in the same process. */

const service = quietService()
const stock = new MeterProvider({ readers: [new PrometheusExporter({ preventServerStart: true })] }).getMeter('bench')
const libraries = { 'prom-client': promClient, '@prometheus-io/client': prometheusIo }
const peers = Object.entries(libraries).map(([name, { Counter, Histogram }]) => {
  const options = { help: 'help', labelNames: ['a', 'b', 'c'], registers: [] }
  return {
    name,
    counter: new Counter({ name: 'c_total', ...options }),
    histogram: new Histogram({ name: 'h', buckets: BUCKETS, ...options }),
  }
})
const labels = { a: 'x', b: 'y', c: 'z' }
const values = Float64Array.from({ length: 1_024 }, (_, index) => ((index * 7_919) % 1_024) / 100)
const SERIES = 800
interface Series {
  readonly a: string
  readonly b: string
  readonly c: string
}
const series = Array.from({ length: SERIES }, (_, index) => ({
  a: `a${index % 8}`,
  b: `b${index % 100}`,
  c: `c${index}`,
}))

function boundCounters(): Contestant[] {
  const field = { x: 0.5 }
  const bound = service.counter({ name: 'c_total', labelNames: ['a', 'b', 'c'] }).bind(labels)
  const stockCounter = stock.createCounter('c')
  return [
    {
      name: 'an inlined `x += 1`',
      run: (count) => {
        for (let index = 0; index < count; index++) field.x += 1
      },
    },
    {
      name: 'meterkit',
      run: (count) => {
        for (let index = 0; index < count; index++) bound.add(1)
      },
    },
    ...peers.map(({ name, counter }) => {
      const child = counter.labels('x', 'y', 'z')
      return {
        name,
        run: (count: number) => {
          for (let index = 0; index < count; index++) child.inc(1)
        },
      }
    }),
    {
      name: 'stock OpenTelemetry (same attributes object)',
      run: (count) => {
        for (let index = 0; index < count; index++) stockCounter.add(1, labels)
      },
    },
  ]
}

function labelledCounters(): Contestant[] {
  const counter = service.counter({ name: 'l_total', labelNames: ['a', 'b', 'c'] })
  const stockCounter = stock.createCounter('l')
  const ours = service.meterProvider.getMeter('bench').createCounter('otel.l')
  return [
    {
      name: 'meterkit',
      run: (count) => {
        for (let index = 0; index < count; index++) {
          const { a, b, c } = series[index % SERIES] as Series
          counter.add(1, { a, b, c })
        }
      },
    },
    {
      name: "meterkit through OpenTelemetry's API",
      run: (count) => {
        for (let index = 0; index < count; index++) {
          const { a, b, c } = series[index % SERIES] as Series
          ours.add(1, { a, b, c })
        }
      },
    },
    ...peers.map(({ name, counter: peer }) => ({
      name,
      run: (count: number) => {
        for (let index = 0; index < count; index++) {
          const { a, b, c } = series[index % SERIES] as Series
          peer.inc({ a, b, c }, 1)
        }
      },
    })),
    {
      name: 'stock OpenTelemetry',
      run: (count) => {
        for (let index = 0; index < count; index++) {
          const { a, b, c } = series[index % SERIES] as Series
          stockCounter.add(1, { a, b, c })
        }
      },
    },
  ]
}

function boundHistograms(): Contestant[] {
  const bound = service.histogram({ name: 'h', labelNames: ['a', 'b', 'c'], buckets: BUCKETS }).bind(labels)
  const stockHistogram = stock.createHistogram('h', { advice: { explicitBucketBoundaries: BUCKETS } })
  return [
    {
      name: 'meterkit',
      run: (count) => {
        for (let index = 0; index < count; index++) bound.record(values[index & 1_023] as number)
      },
    },
    ...peers.map(({ name, histogram }) => {
      const child = histogram.labels('x', 'y', 'z')
      return {
        name,
        run: (count: number) => {
          for (let index = 0; index < count; index++) child.observe(values[index & 1_023] as number)
        },
      }
    }),
    {
      name: 'stock OpenTelemetry (same attributes object)',
      run: (count) => {
        for (let index = 0; index < count; index++) stockHistogram.record(values[index & 1_023] as number, labels)
      },
    },
  ]
}

printTable('Bound counter `add`', 'ns', rowsOf(nanosecondsEach(boundCounters())))
printTable(
  'Counter `add` with a fresh literal of three labels, 800 series',
  'ns',
  rowsOf(nanosecondsEach(labelledCounters())),
)
printTable('Bound histogram `record`, 11 buckets', 'ns', rowsOf(nanosecondsEach(boundHistograms())))
