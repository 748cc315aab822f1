/**
 * Measured jobs, after a run that took 45 s and one that failed after 2 s.
 *
 * ```text
 * # HELP job_duration_seconds Time a run took.
 * # TYPE job_duration_seconds histogram
 * job_duration_seconds_bucket{job_name="clean-up",le="0.1"} 0
 * job_duration_seconds_bucket{job_name="clean-up",le="0.5"} 0
 * job_duration_seconds_bucket{job_name="clean-up",le="1"} 0
 * job_duration_seconds_bucket{job_name="clean-up",le="5"} 1
 * job_duration_seconds_bucket{job_name="clean-up",le="10"} 1
 * job_duration_seconds_bucket{job_name="clean-up",le="30"} 1
 * job_duration_seconds_bucket{job_name="clean-up",le="60"} 2
 * job_duration_seconds_bucket{job_name="clean-up",le="120"} 2
 * job_duration_seconds_bucket{job_name="clean-up",le="300"} 2
 * job_duration_seconds_bucket{job_name="clean-up",le="600"} 2
 * job_duration_seconds_bucket{job_name="clean-up",le="1800"} 2
 * job_duration_seconds_bucket{job_name="clean-up",le="3600"} 2
 * job_duration_seconds_bucket{job_name="clean-up",le="+Inf"} 2
 * job_duration_seconds_sum{job_name="clean-up"} 47
 * job_duration_seconds_count{job_name="clean-up"} 2
 * # HELP job_failures_total Runs that threw or rejected, by class of error.
 * # TYPE job_failures_total counter
 * job_failures_total{job_name="clean-up",error="RangeError"} 1
 * # HELP job_last_success_timestamp_seconds When a run last ended well, in seconds since the epoch.
 * # TYPE job_last_success_timestamp_seconds gauge
 * job_last_success_timestamp_seconds{job_name="clean-up"} 1767323090.23
 * # HELP job_running Runs that are under way.
 * # TYPE job_running gauge
 * job_running{job_name="clean-up"} 0
 * # HELP job_runs_total Runs that have ended, well or not; read from the counts of the durations.
 * # TYPE job_runs_total counter
 * job_runs_total{job_name="clean-up"} 2
 * ```
 *
 * The label is `job_name`, because Prometheus gives `job` to what it scrapes. A job that has never succeeded has no
 * `job_last_success_timestamp_seconds`: 0 would be a success in 1970.
 */
import type { HistogramOptions, InstrumentOptions } from '../../model/definition'

export const jobDuration = {
  name: 'job_duration_seconds',
  help: 'Time a run took.',
  unit: 's',
  labelNames: ['job_name'],
  buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
} as const satisfies HistogramOptions<'job_name'>

export const jobRuns = {
  name: 'job_runs_total',
  help: 'Runs that have ended, well or not; read from the counts of the durations.',
} as const

export const jobFailures = {
  name: 'job_failures_total',
  help: 'Runs that threw or rejected, by class of error.',
  labelNames: ['job_name', 'error'],
} as const satisfies InstrumentOptions<'job_name' | 'error'>

export const jobRunning = {
  name: 'job_running',
  help: 'Runs that are under way.',
  labelNames: ['job_name'],
} as const satisfies InstrumentOptions<'job_name'>

export const jobLastSuccess = {
  name: 'job_last_success_timestamp_seconds',
  help: 'When a run last ended well, in seconds since the epoch.',
  unit: 's',
  labelNames: ['job_name'],
} as const satisfies InstrumentOptions<'job_name'>
