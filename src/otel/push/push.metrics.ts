/**
 * What exports come to:
 *
 * ```text
 * # HELP meterkit_push_bytes_total Bytes of the requests that arrived, before compression.
 * # TYPE meterkit_push_bytes_total counter
 * meterkit_push_bytes_total{exporter="otlp"} 24000
 * # HELP meterkit_push_duration_seconds Time an export took, from collecting to the last answer.
 * # TYPE meterkit_push_duration_seconds histogram
 * meterkit_push_duration_seconds_bucket{exporter="otlp",le="0.01"} 0
 * meterkit_push_duration_seconds_bucket{exporter="otlp",le="0.1"} 1
 * meterkit_push_duration_seconds_bucket{exporter="otlp",le="1"} 1
 * meterkit_push_duration_seconds_bucket{exporter="otlp",le="10"} 1
 * meterkit_push_duration_seconds_bucket{exporter="otlp",le="+Inf"} 1
 * meterkit_push_duration_seconds_sum{exporter="otlp"} 0.025
 * meterkit_push_duration_seconds_count{exporter="otlp"} 1
 * # HELP meterkit_push_failures_total Exports that failed.
 * # TYPE meterkit_push_failures_total counter
 * meterkit_push_failures_total{exporter="otlp",reason="refused"} 0
 * # HELP meterkit_push_last_success_timestamp_seconds When an export last arrived.
 * # TYPE meterkit_push_last_success_timestamp_seconds gauge
 * meterkit_push_last_success_timestamp_seconds{exporter="otlp"} 1767225600
 * # HELP meterkit_push_points_total Points that arrived.
 * # TYPE meterkit_push_points_total counter
 * meterkit_push_points_total{exporter="otlp"} 120
 * ```
 */
import type { HistogramOptions, InstrumentOptions } from '../../model/definition'

export const pushBytes = {
  name: 'meterkit_push_bytes_total',
  help: 'Bytes of the requests that arrived, before compression.',
  unit: 'By',
  labelNames: ['exporter'],
} as const satisfies InstrumentOptions<'exporter'>

export const pushDuration = {
  name: 'meterkit_push_duration_seconds',
  help: 'Time an export took, from collecting to the last answer.',
  unit: 's',
  labelNames: ['exporter'],
  buckets: [0.01, 0.1, 1, 10],
} as const satisfies HistogramOptions<'exporter'>

export const pushFailures = {
  name: 'meterkit_push_failures_total',
  help: 'Exports that failed.',
  labelNames: ['exporter', 'reason'],
} as const satisfies InstrumentOptions<'exporter' | 'reason'>

export const pushLastSuccess = {
  name: 'meterkit_push_last_success_timestamp_seconds',
  help: 'When an export last arrived.',
  unit: 's',
  labelNames: ['exporter'],
} as const satisfies InstrumentOptions<'exporter'>

export const pushPoints = {
  name: 'meterkit_push_points_total',
  help: 'Points that arrived.',
  labelNames: ['exporter'],
} as const satisfies InstrumentOptions<'exporter'>
