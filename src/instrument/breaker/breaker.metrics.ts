/**
 * Circuit breakers. A scripted breaker `payments` with a fallback, which served one call in 20 ms, failed one, timed one
 * out after 100 ms, opened, and rejected one:
 *
 * ```text
 * # HELP circuit_breaker_call_duration_seconds Time of the calls that a circuit breaker let through.
 * # TYPE circuit_breaker_call_duration_seconds histogram
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="0.005"} 0
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="0.01"} 0
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="0.025"} 0
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="0.05"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="0.1"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="0.25"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="0.5"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="1"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="2.5"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="5"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="10"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="failure",le="+Inf"} 1
 * circuit_breaker_call_duration_seconds_sum{breaker="payments",outcome="failure"} 0.04
 * circuit_breaker_call_duration_seconds_count{breaker="payments",outcome="failure"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="0.005"} 0
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="0.01"} 0
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="0.025"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="0.05"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="0.1"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="0.25"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="0.5"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="1"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="2.5"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="5"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="10"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="success",le="+Inf"} 1
 * circuit_breaker_call_duration_seconds_sum{breaker="payments",outcome="success"} 0.02
 * circuit_breaker_call_duration_seconds_count{breaker="payments",outcome="success"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="0.005"} 0
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="0.01"} 0
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="0.025"} 0
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="0.05"} 0
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="0.1"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="0.25"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="0.5"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="1"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="2.5"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="5"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="10"} 1
 * circuit_breaker_call_duration_seconds_bucket{breaker="payments",outcome="timeout",le="+Inf"} 1
 * circuit_breaker_call_duration_seconds_sum{breaker="payments",outcome="timeout"} 0.1
 * circuit_breaker_call_duration_seconds_count{breaker="payments",outcome="timeout"} 1
 * # HELP circuit_breaker_calls_total Calls that a circuit breaker let through, by outcome.
 * # TYPE circuit_breaker_calls_total counter
 * circuit_breaker_calls_total{breaker="payments",outcome="failure"} 1
 * circuit_breaker_calls_total{breaker="payments",outcome="success"} 1
 * circuit_breaker_calls_total{breaker="payments",outcome="timeout"} 1
 * # HELP circuit_breaker_fallbacks_total Calls that were answered by a fallback.
 * # TYPE circuit_breaker_fallbacks_total counter
 * circuit_breaker_fallbacks_total{breaker="payments"} 3
 * # HELP circuit_breaker_rejections_total Calls that a circuit breaker did not let through, by reason.
 * # TYPE circuit_breaker_rejections_total counter
 * circuit_breaker_rejections_total{breaker="payments",reason="open"} 1
 * # HELP circuit_breaker_state State of a circuit breaker: 0 closed, 1 open, 2 half-open, 3 isolated.
 * # TYPE circuit_breaker_state gauge
 * circuit_breaker_state{breaker="payments"} 1
 * # HELP circuit_breaker_transitions_total Changes of state of a circuit breaker.
 * # TYPE circuit_breaker_transitions_total counter
 * circuit_breaker_transitions_total{breaker="payments",from="closed",to="open"} 1
 * ```
 *
 * The state is read when it is collected, so it is right also for a breaker that had opened before it was instrumented:
 * 0 closed, 1 open, 2 half-open, 3 isolated. Transitions are counted when they happen, so an opening that falls between
 * two scrapes is not lost. A call that the breaker lets through has exactly one outcome, and one that it does not let
 * through has exactly one reason of rejection instead. `calls_total` is read from the histogram's own counts.
 *
 * What each of these is in each library is told in docs/BREAKERS.md.
 */
import type { HistogramOptions, InstrumentOptions, ObservableOptions } from '../../model/definition'

export const state = {
  name: 'circuit_breaker_state',
  help: 'State of a circuit breaker: 0 closed, 1 open, 2 half-open, 3 isolated.',
  labelNames: ['breaker'],
} as const satisfies ObservableOptions<'breaker'>

export const calls = {
  histogram: {
    name: 'circuit_breaker_call_duration_seconds',
    help: 'Time of the calls that a circuit breaker let through.',
    unit: 's',
    labelNames: ['breaker', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  count: {
    name: 'circuit_breaker_calls_total',
    help: 'Calls that a circuit breaker let through, by outcome.',
  },
} as const satisfies {
  readonly histogram: HistogramOptions<'breaker' | 'outcome'>
  readonly count: { readonly name: string; readonly help: string }
}

export const rejections = {
  name: 'circuit_breaker_rejections_total',
  help: 'Calls that a circuit breaker did not let through, by reason.',
  labelNames: ['breaker', 'reason'],
} as const satisfies InstrumentOptions<'breaker' | 'reason'>

export const transitions = {
  name: 'circuit_breaker_transitions_total',
  help: 'Changes of state of a circuit breaker.',
  labelNames: ['breaker', 'from', 'to'],
} as const satisfies InstrumentOptions<'breaker' | 'from' | 'to'>

export const fallbacks = {
  name: 'circuit_breaker_fallbacks_total',
  help: 'Calls that were answered by a fallback.',
  labelNames: ['breaker'],
} as const satisfies InstrumentOptions<'breaker'>
