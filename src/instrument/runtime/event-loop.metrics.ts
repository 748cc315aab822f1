/**
 * How busy the event loop is and how late it runs what is due.
 *
 * ```text
 * # HELP nodejs_eventloop_lag_seconds Lag of event loop in seconds.
 * # TYPE nodejs_eventloop_lag_seconds gauge
 * nodejs_eventloop_lag_seconds 0.000041
 * # HELP nodejs_eventloop_lag_min_seconds The minimum recorded event loop delay.
 * # TYPE nodejs_eventloop_lag_min_seconds gauge
 * nodejs_eventloop_lag_min_seconds 0
 * # HELP nodejs_eventloop_lag_max_seconds The maximum recorded event loop delay.
 * # TYPE nodejs_eventloop_lag_max_seconds gauge
 * nodejs_eventloop_lag_max_seconds 0.012091391
 * # HELP nodejs_eventloop_lag_mean_seconds The mean of the recorded event loop delays.
 * # TYPE nodejs_eventloop_lag_mean_seconds gauge
 * nodejs_eventloop_lag_mean_seconds 0.000113246
 * # HELP nodejs_eventloop_lag_stddev_seconds The standard deviation of the recorded event loop delays.
 * # TYPE nodejs_eventloop_lag_stddev_seconds gauge
 * nodejs_eventloop_lag_stddev_seconds 0.000398217
 * # HELP nodejs_eventloop_lag_p50_seconds The 50th percentile of the recorded event loop delays.
 * # TYPE nodejs_eventloop_lag_p50_seconds gauge
 * nodejs_eventloop_lag_p50_seconds 0.000085503
 * # HELP nodejs_eventloop_lag_p90_seconds The 90th percentile of the recorded event loop delays.
 * # TYPE nodejs_eventloop_lag_p90_seconds gauge
 * nodejs_eventloop_lag_p90_seconds 0.000174335
 * # HELP nodejs_eventloop_lag_p99_seconds The 99th percentile of the recorded event loop delays.
 * # TYPE nodejs_eventloop_lag_p99_seconds gauge
 * nodejs_eventloop_lag_p99_seconds 0.001058687
 * # HELP nodejs_eventloop_utilization_ratio Share of time the event loop was not idle, from 0 to 1.
 * # TYPE nodejs_eventloop_utilization_ratio gauge
 * nodejs_eventloop_utilization_ratio 0.083
 * # HELP nodejs_eventloop_time_seconds_total Time the event loop has spent, by state: active or idle.
 * # TYPE nodejs_eventloop_time_seconds_total counter
 * nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="active"} 12.408
 * nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="idle"} 137.09
 * ```
 *
 * The lag names are those of prom-client and Grafana dashboard 11159; utilisation and time are named as OpenTelemetry's
 * `nodejs.eventloop.utilization` and `nodejs.eventloop.time` read in Prometheus.
 */
import type { InstrumentOptions } from '../../model/definition'

export const lag = {
  name: 'nodejs_eventloop_lag_seconds',
  help: 'Lag of event loop in seconds.',
  unit: 's',
} as const satisfies InstrumentOptions

export const lagMin = {
  name: 'nodejs_eventloop_lag_min_seconds',
  help: 'The minimum recorded event loop delay.',
  unit: 's',
} as const satisfies InstrumentOptions

export const lagMax = {
  name: 'nodejs_eventloop_lag_max_seconds',
  help: 'The maximum recorded event loop delay.',
  unit: 's',
} as const satisfies InstrumentOptions

export const lagMean = {
  name: 'nodejs_eventloop_lag_mean_seconds',
  help: 'The mean of the recorded event loop delays.',
  unit: 's',
} as const satisfies InstrumentOptions

export const lagStddev = {
  name: 'nodejs_eventloop_lag_stddev_seconds',
  help: 'The standard deviation of the recorded event loop delays.',
  unit: 's',
} as const satisfies InstrumentOptions

export const lagP50 = {
  name: 'nodejs_eventloop_lag_p50_seconds',
  help: 'The 50th percentile of the recorded event loop delays.',
  unit: 's',
} as const satisfies InstrumentOptions

export const lagP90 = {
  name: 'nodejs_eventloop_lag_p90_seconds',
  help: 'The 90th percentile of the recorded event loop delays.',
  unit: 's',
} as const satisfies InstrumentOptions

export const lagP99 = {
  name: 'nodejs_eventloop_lag_p99_seconds',
  help: 'The 99th percentile of the recorded event loop delays.',
  unit: 's',
} as const satisfies InstrumentOptions

export const utilization = {
  name: 'nodejs_eventloop_utilization_ratio',
  help: 'Share of time the event loop was not idle, from 0 to 1.',
  unit: '1',
} as const satisfies InstrumentOptions

export const loopTime = {
  name: 'nodejs_eventloop_time_seconds_total',
  help: 'Time the event loop has spent, by state: active or idle.',
  unit: 's',
  labelNames: ['nodejs_eventloop_state'],
} as const satisfies InstrumentOptions<'nodejs_eventloop_state'>
