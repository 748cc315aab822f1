import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import type { Heir } from '../../store/heirs'
import type { Stream } from '../../store/stream'

/** Which metrics are told by what was added: see {@link isDelta}. */
export type TemporalityPreference = 'cumulative' | 'delta' | 'lowmemory'

/** The points of a stream, as an heir of that stream has them. */
export type Inherit = (points: readonly DataPoint<unknown>[], heir: Heir) => readonly DataPoint<unknown>[]

/** The streams that metrics came from, where the store made them. */
const origins = new WeakMap<MetricData, { readonly stream: Stream; readonly inherit: Inherit }>()

/** Notes the stream that a metric came from, and how its points are handed on. */
export function noteStream(metric: MetricData, stream: Stream, inherit: Inherit): MetricData {
  origins.set(metric, { stream, inherit })
  return metric
}

/** The stream that a metric came from; `undefined` for what is not of the store. */
export function streamOf(metric: MetricData): Stream | undefined {
  return origins.get(metric)?.stream
}

/** How points are handed on by what made a metric. */
export function inheritOf(metric: MetricData): Inherit | undefined {
  return origins.get(metric)?.inherit
}

/**
 * Whether a metric is to be told by what was added since the last time (OTLP metrics exporter specification, "Additional
 * configuration"): with `'delta'` all that only rises, with `'lowmemory'` only what is counted as it happens, as the totals
 * of what is observed would have to be kept for it.
 */
export function isDelta(metric: MetricData, preference: TemporalityPreference): boolean {
  if (preference === 'cumulative' || metric.aggregationTemporality !== AggregationTemporality.CUMULATIVE) return false
  switch (metric.dataPointType) {
    case DataPointType.GAUGE:
      return false
    case DataPointType.SUM:
      return (
        metric.isMonotonic && (preference === 'delta' || streamOf(metric)?.identity.instrument !== 'observableCounter')
      )
    default:
      return true
  }
}
