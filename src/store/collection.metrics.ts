/**
 * What collections come to:
 *
 * ```text
 * # HELP meterkit_collection_duration_seconds Time to bring all metrics up to date, callbacks of observable instruments included.
 * # TYPE meterkit_collection_duration_seconds histogram
 * meterkit_collection_duration_seconds_bucket{le="0.001"} 0
 * meterkit_collection_duration_seconds_bucket{le="0.01"} 1
 * meterkit_collection_duration_seconds_bucket{le="0.1"} 1
 * meterkit_collection_duration_seconds_bucket{le="1"} 1
 * meterkit_collection_duration_seconds_bucket{le="10"} 1
 * meterkit_collection_duration_seconds_bucket{le="+Inf"} 1
 * meterkit_collection_duration_seconds_sum 0.0025
 * meterkit_collection_duration_seconds_count 1
 * # HELP meterkit_series Label sets of the 20 metrics that have the most.
 * # TYPE meterkit_series gauge
 * meterkit_series{metric="meterkit_collection_duration_seconds"} 1
 * meterkit_series{metric="orders_placed_total"} 2
 * ```
 */
import type { HistogramOptions, InstrumentOptions } from '../model/definition'

/** How many metrics are told of. */
export const TOP_METRICS = 20

export const collectionDuration = {
  name: 'meterkit_collection_duration_seconds',
  help: 'Time to bring all metrics up to date, callbacks of observable instruments included.',
  unit: 's',
  buckets: [0.001, 0.01, 0.1, 1, 10],
} as const satisfies HistogramOptions

export const series = {
  name: 'meterkit_series',
  help: `Label sets of the ${TOP_METRICS} metrics that have the most.`,
  labelNames: ['metric'],
  cardinalityLimit: TOP_METRICS,
} as const satisfies InstrumentOptions<'metric'>
