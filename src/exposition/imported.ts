import { DataPointType, type MetricData, type ScopeMetrics } from '@opentelemetry/sdk-metrics'
import type { Definition, InstrumentKind } from '../model/definition'
import { makeStream, type StreamHost } from '../store/make-stream'
import type { Stream } from '../store/stream'
import { explicitPoints, type ImportedPoint } from './exponential'

/** Imported data was bounded by whoever collected it, and lives for one page. */
const HOST: StreamHost = {
  events: { rejected() {}, overflowed() {} },
  cardinalityLimit: Number.POSITIVE_INFINITY,
  nowMs: () => 0,
}

/** Metrics that another SDK or producer collected, as streams that a page can be written from. */
export function importedStreams(scopeMetrics: readonly ScopeMetrics[]): Stream[] {
  return scopeMetrics.flatMap(({ scope, metrics }) =>
    metrics.flatMap((metric) => importedStream(metric, definitionOf(metric, scope))),
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

function importedStream(metric: MetricData, definition: Definition): readonly Stream[] {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
    case DataPointType.GAUGE: {
      // A counter can be neither NaN nor negative, whatever its producer let happen to it; a page that says so is not valid.
      const points =
        definition.kind === 'counter' ? metric.dataPoints.filter(({ value }) => value >= 0) : metric.dataPoints
      return filled(
        definition,
        points.map(({ attributes, value }) => ({ labels: attributes, numbers: [value] })),
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
      return filled({ ...definition, buckets }, points)
    }
    case DataPointType.EXPONENTIAL_HISTOGRAM: {
      const { buckets, points } = explicitPoints(metric.dataPoints)
      return filled({ ...definition, buckets }, points)
    }
  }
}

function filled(definition: Definition, points: readonly ImportedPoint[]): readonly Stream[] {
  const plan = {
    name: definition.name,
    help: definition.help,
    aggregation: 'default' as const,
    buckets: definition.buckets,
    cardinalityLimit: undefined,
    processors: [],
  }
  const { streams } = makeStream(definition, plan, HOST)
  for (const { table } of streams) {
    for (const { labels, numbers } of points) {
      const at = table.locate(labels)
      if (at >= 0) table.cells.set(numbers, at)
    }
  }
  return streams
}
