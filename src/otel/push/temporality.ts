import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import type { Stream } from '../../store/stream'

/** Which metrics are told by what was added: see {@link isDelta}. */
export type TemporalityPreference = 'cumulative' | 'delta' | 'lowmemory'

/** The streams that metrics came from, where the store made them. */
const streams = new WeakMap<MetricData, Stream>()

/** Notes the stream that a metric came from. */
export function noteStream(metric: MetricData, stream: Stream): MetricData {
  streams.set(metric, stream)
  return metric
}

/** The stream that a metric came from; `undefined` for what is not of the store. */
export function streamOf(metric: MetricData): Stream | undefined {
  return streams.get(metric)
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
