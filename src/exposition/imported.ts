import { DataPointType, type MetricData, type ScopeMetrics } from '@opentelemetry/sdk-metrics'
import type { Definition, InstrumentKind } from '../model/definition'
import { HistogramStream } from '../store/histogram'
import { Vocabulary } from '../store/label-values'
import { makeStream, type StreamHost } from '../store/make-stream'
import type { Stream } from '../store/stream'
import { explicitPoints, type ImportedPoint } from './exponential'

/** Metrics that another SDK or producer collected, as streams that a page can be written from. */
export function importedStreams(scopeMetrics: readonly ScopeMetrics[]): Stream[] {
  // The data was bounded by whoever collected it, and lives for one page.
  const host: StreamHost = {
    events: { rejected() {}, overflowed() {} },
    cardinalityLimit: Number.POSITIVE_INFINITY,
    vocabulary: new Vocabulary(),
    nowMs: () => 0,
  }
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

function importedStream(metric: MetricData, definition: Definition, host: StreamHost): readonly Stream[] {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
    case DataPointType.GAUGE: {
      // A counter can be neither NaN nor negative, whatever its producer let happen to it; a page that says so is not valid.
      const points =
        definition.kind === 'counter' ? metric.dataPoints.filter(({ value }) => value >= 0) : metric.dataPoints
      return filled(
        definition,
        points.map(({ attributes, value }) => ({ labels: attributes, numbers: [value] })),
        host,
      )
    }
    case DataPointType.HISTOGRAM: {
      const { boundaries = [] } = metric.dataPoints[0]?.value.buckets ?? {}
      // Some producers write the closing bound, which is always there.
      const buckets = boundaries.filter((bound) => bound !== Number.POSITIVE_INFINITY)
      const points = metric.dataPoints.map(({ attributes, value }) => ({
        labels: attributes,
        numbers: [...value.buckets.counts.slice(0, buckets.length + 1), value.sum ?? Number.NaN],
      }))
      return filled({ ...definition, buckets }, points, host)
    }
    case DataPointType.EXPONENTIAL_HISTOGRAM: {
      const { buckets, points } = explicitPoints(metric.dataPoints)
      return filled({ ...definition, buckets }, points, host)
    }
  }
}

function filled(definition: Definition, points: readonly ImportedPoint[], host: StreamHost): readonly Stream[] {
  const plan = {
    name: definition.name,
    help: definition.help,
    aggregation: 'default' as const,
    buckets: definition.buckets,
    cardinalityLimit: undefined,
    processors: [],
  }
  const { streams } = makeStream(definition, plan, host)
  for (const stream of streams) {
    for (const { labels, numbers } of points) {
      const series = stream.table.resolve(labels)
      if (series === undefined) continue
      const { group, row } = series
      if (stream instanceof HistogramStream) stream.load(group, row, numbers)
      else group.chunkOf(row).set(numbers, group.offsetOf(row))
    }
  }
  return streams
}
