import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import type { InstrumentKind } from '../../model/definition'

/** Which metrics are told by what was added: see {@link isDelta}. */
export type TemporalityPreference = 'cumulative' | 'delta' | 'lowmemory'

/** The instruments that metrics came from, where the store made them. */
const kinds = new WeakMap<MetricData, InstrumentKind>()

/** Notes the instrument that a metric came from. */
export function noteKind(metric: MetricData, kind: InstrumentKind): MetricData {
  kinds.set(metric, kind)
  return metric
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
      return metric.isMonotonic && (preference === 'delta' || kinds.get(metric) !== 'observableCounter')
    default:
      return true
  }
}
