import { type DataPoint, DataPointType, type MetricData, type ScopeMetrics } from '@opentelemetry/sdk-metrics'
import type { Definition, InstrumentKind } from '../model/definition'
import { toEpochMs } from '../model/hr-time'
import { HistogramStream } from '../store/histogram'
import { Vocabulary } from '../store/label-values'
import { makeStream, type StreamHost } from '../store/make-stream'
import type { SeriesGroup } from '../store/series-group'
import type { Stream } from '../store/stream'
import { ImportedExponential } from './imported-exponential'

type Series = Omit<DataPoint<unknown>, 'value'>

interface ImportedPoint extends Series {
  /** The first cells of a series, as its shape lays them out: a number, or the buckets and the sum (NaN for none). */
  readonly numbers: readonly number[]
}

/** Holds streams whose series began when the point began that they are made of. */
class ImportHost implements StreamHost {
  readonly events = { rejected() {}, overflowed() {} }
  // The data was bounded by whoever collected it, and lives for one page.
  readonly cardinalityLimit = Number.POSITIVE_INFINITY
  readonly vocabulary = new Vocabulary()
  #createdMs = 0

  /** Takes the time when a point began for the series that is made next. A point that has no duration does not know it. */
  begin({ startTime, endTime }: Series): void {
    const startMs = toEpochMs(startTime)
    this.#createdMs = startMs < toEpochMs(endTime) ? startMs : 0
  }

  nowMs(): number {
    return this.#createdMs
  }
}

/** Metrics that another SDK or producer collected, as streams that a page can be written from. */
export function importedStreams(scopeMetrics: readonly ScopeMetrics[]): Stream[] {
  const host = new ImportHost()
  return scopeMetrics.flatMap(({ scope, metrics }) =>
    metrics.flatMap((metric) => importedStream(metric, definitionOf(metric, scope), host)),
  )
}

function definitionOf(metric: MetricData, scope: Definition['scope']): Definition {
  const { name, description, unit } = metric.descriptor
  return {
    kind: kindOf(metric),
    name,
    help: description,
    unit,
    scope,
    naming: 'otel',
    labelNames: undefined,
    integer: false,
    buckets: undefined,
    cardinalityLimit: undefined,
    expireAfterMs: undefined,
  }
}

function kindOf(metric: MetricData): InstrumentKind {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'upDownCounter'
    case DataPointType.GAUGE:
      return 'gauge'
    default:
      return 'histogram'
  }
}

function importedStream(metric: MetricData, definition: Definition, host: ImportHost): readonly Stream[] {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
    case DataPointType.GAUGE: {
      // A counter can be neither NaN nor negative, whatever its producer let happen to it; a page that says so is not valid.
      const points =
        definition.kind === 'counter' ? metric.dataPoints.filter(({ value }) => value >= 0) : metric.dataPoints
      return filled(
        definition,
        points.map(({ value, ...series }) => ({ ...series, numbers: [value] })),
        host,
      )
    }
    case DataPointType.HISTOGRAM: {
      const { boundaries = [] } = metric.dataPoints[0]?.value.buckets ?? {}
      // Some producers write the closing bound, which is always there.
      const buckets = boundaries.filter((bound) => bound !== Number.POSITIVE_INFINITY)
      const points = metric.dataPoints.map(({ value, ...series }) => ({
        ...series,
        numbers: [...value.buckets.counts.slice(0, buckets.length + 1), value.sum ?? Number.NaN],
      }))
      return filled({ ...definition, buckets }, points, host)
    }
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return emptyStreams({ ...definition, buckets: [] }, host).map((empty) => {
        const stream = new ImportedExponential(empty)
        eachSeries(stream, metric.dataPoints, host, (group, row, { value }) => stream.load(group, row, value))
        return stream
      })
  }
}

function emptyStreams(definition: Definition, host: ImportHost): readonly Stream[] {
  const plan = {
    name: definition.name,
    help: definition.help,
    aggregation: 'default' as const,
    buckets: definition.buckets,
    cardinalityLimit: undefined,
    processors: [],
  }
  return makeStream(definition, plan, host).streams
}

function filled(definition: Definition, points: readonly ImportedPoint[], host: ImportHost): readonly Stream[] {
  const streams = emptyStreams(definition, host)
  for (const stream of streams) {
    eachSeries(stream, points, host, (group, row, { numbers }) => {
      if (stream instanceof HistogramStream) stream.load(group, row, numbers)
      else group.chunkOf(row).set(numbers, group.offsetOf(row))
    })
  }
  return streams
}

/** Makes the series of points. */
function eachSeries<P extends Series>(
  { table }: Stream,
  points: readonly P[],
  host: ImportHost,
  load: (group: SeriesGroup, row: number, point: P) => void,
): void {
  for (const point of points) {
    host.begin(point)
    const series = table.resolve(point.attributes)
    if (series !== undefined) load(series.group, series.row, point)
  }
}
