import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { AggregationType, MeterProvider, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { type Contestant, nanosecondsEach } from './measure'
import { printTable, rowsOf } from './report'
import { BUCKETS, quietService } from './services'

/** What a recording in an exponential (native) histogram costs, bound and labelled, against the stock aggregation. */

const views: ViewOptions[] = [{ instrumentName: '*', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }]
const service = quietService()
const viewed = quietService({ views })
const reader = new PrometheusExporter({ preventServerStart: true })
const stock = new MeterProvider({ readers: [reader], views }).getMeter('bench')

const labelNames = ['a', 'b', 'c'] as const
const labels = { a: 'x', b: 'y', c: 'z' }
/** 1 ms to 10 s, as many in each power of ten, in no order. */
const values = Float64Array.from({ length: 1_024 }, (_, index) => 10 ** (((index * 7_919) % 1_024) / 256 - 3))
const SERIES = 800
type Series = typeof labels
const series = Array.from({ length: SERIES }, (_, index) => ({
  a: `a${index % 8}`,
  b: `b${index % 100}`,
  c: `c${index}`,
}))

const native = service.histogram({ name: 'native', labelNames, native: true })
const explicit = service.histogram({ name: 'explicit', labelNames, buckets: BUCKETS })
const both = service.histogram({ name: 'both', labelNames, native: true, buckets: BUCKETS })
const ours = viewed.meterProvider.getMeter('bench').createHistogram('native')
const theirs = stock.createHistogram('native')

function boundHistograms(): Contestant[] {
  const boundNative = native.bind(labels)
  const boundExplicit = explicit.bind(labels)
  const boundBoth = both.bind(labels)
  return [
    {
      name: 'meterkit',
      run: (count) => {
        for (let index = 0; index < count; index++) boundNative.record(values[index & 1_023] as number)
      },
    },
    {
      name: 'meterkit, 11 explicit buckets instead',
      run: (count) => {
        for (let index = 0; index < count; index++) boundExplicit.record(values[index & 1_023] as number)
      },
    },
    {
      name: 'meterkit, 11 explicit buckets as well',
      run: (count) => {
        for (let index = 0; index < count; index++) boundBoth.record(values[index & 1_023] as number)
      },
    },
    {
      name: 'stock OpenTelemetry (same attributes object)',
      run: (count) => {
        for (let index = 0; index < count; index++) theirs.record(values[index & 1_023] as number, labels)
      },
    },
  ]
}

function labelledHistograms(): Contestant[] {
  return [
    {
      name: 'meterkit',
      run: (count) => {
        for (let index = 0; index < count; index++) {
          const { a, b, c } = series[index % SERIES] as Series
          native.record(values[index & 1_023] as number, { a, b, c })
        }
      },
    },
    {
      name: "meterkit through OpenTelemetry's API",
      run: (count) => {
        for (let index = 0; index < count; index++) {
          const { a, b, c } = series[index % SERIES] as Series
          ours.record(values[index & 1_023] as number, { a, b, c })
        }
      },
    },
    {
      name: 'meterkit, 11 explicit buckets instead',
      run: (count) => {
        for (let index = 0; index < count; index++) {
          const { a, b, c } = series[index % SERIES] as Series
          explicit.record(values[index & 1_023] as number, { a, b, c })
        }
      },
    },
    {
      name: 'meterkit, 11 explicit buckets as well',
      run: (count) => {
        for (let index = 0; index < count; index++) {
          const { a, b, c } = series[index % SERIES] as Series
          both.record(values[index & 1_023] as number, { a, b, c })
        }
      },
    },
    {
      name: 'stock OpenTelemetry',
      run: (count) => {
        for (let index = 0; index < count; index++) {
          const { a, b, c } = series[index % SERIES] as Series
          theirs.record(values[index & 1_023] as number, { a, b, c })
        }
      },
    },
  ]
}

printTable('Bound native histogram `record`', 'ns', rowsOf(nanosecondsEach(boundHistograms())))
printTable(
  'Native histogram `record` with a fresh literal of three labels, 800 series',
  'ns',
  rowsOf(nanosecondsEach(labelledHistograms())),
)
