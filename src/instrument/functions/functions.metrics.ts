/**
 * Measured functions, after one call that took 30 ms, one that threw after 200 ms, and while a third goes on.
 *
 * ```text
 * # HELP function_call_duration_seconds Time a call took, until the promise that it returned settled where there is one.
 * # TYPE function_call_duration_seconds histogram
 * function_call_duration_seconds_bucket{function="charge",le="0.001"} 0
 * function_call_duration_seconds_bucket{function="charge",le="0.005"} 0
 * function_call_duration_seconds_bucket{function="charge",le="0.01"} 0
 * function_call_duration_seconds_bucket{function="charge",le="0.025"} 0
 * function_call_duration_seconds_bucket{function="charge",le="0.05"} 1
 * function_call_duration_seconds_bucket{function="charge",le="0.1"} 1
 * function_call_duration_seconds_bucket{function="charge",le="0.25"} 2
 * function_call_duration_seconds_bucket{function="charge",le="0.5"} 2
 * function_call_duration_seconds_bucket{function="charge",le="1"} 2
 * function_call_duration_seconds_bucket{function="charge",le="2.5"} 2
 * function_call_duration_seconds_bucket{function="charge",le="5"} 2
 * function_call_duration_seconds_bucket{function="charge",le="10"} 2
 * function_call_duration_seconds_bucket{function="charge",le="+Inf"} 2
 * function_call_duration_seconds_sum{function="charge"} 0.23
 * function_call_duration_seconds_count{function="charge"} 2
 * # HELP function_calls_in_flight Calls that have begun and not ended.
 * # TYPE function_calls_in_flight gauge
 * function_calls_in_flight{function="charge"} 1
 * # HELP function_calls_total Calls that have ended, well or not; read from the counts of the durations.
 * # TYPE function_calls_total counter
 * function_calls_total{function="charge"} 2
 * # HELP function_errors_total Calls that threw or rejected, by class of error.
 * # TYPE function_errors_total counter
 * function_errors_total{function="charge",error="RangeError"} 1
 * ```
 */
import type { HistogramOptions, InstrumentOptions } from '../../model/definition'

export const functionCallDuration = {
  name: 'function_call_duration_seconds',
  help: 'Time a call took, until the promise that it returned settled where there is one.',
  unit: 's',
  labelNames: ['function'],
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
} as const satisfies HistogramOptions<'function'>

export const functionCalls = {
  name: 'function_calls_total',
  help: 'Calls that have ended, well or not; read from the counts of the durations.',
} as const

export const functionErrors = {
  name: 'function_errors_total',
  help: 'Calls that threw or rejected, by class of error.',
  labelNames: ['function', 'error'],
} as const satisfies InstrumentOptions<'function' | 'error'>

export const functionCallsInFlight = {
  name: 'function_calls_in_flight',
  help: 'Calls that have begun and not ended.',
  labelNames: ['function'],
} as const satisfies InstrumentOptions<'function'>
