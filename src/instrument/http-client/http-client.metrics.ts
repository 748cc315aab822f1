/**
 * Requests that the application sends, after one GET that took 30 ms and one POST whose connection broke after 30 ms.
 *
 * ```text
 * # HELP http_client_failures_total Requests whose response did not come, or broke off, by class of error.
 * # TYPE http_client_failures_total counter
 * http_client_failures_total{method="POST",host="api.example",error="ECONNRESET"} 1
 * # HELP http_client_request_duration_seconds Time from sending a request to the end of its response, by host.
 * # TYPE http_client_request_duration_seconds histogram
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="0.005"} 0
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="0.01"} 0
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="0.025"} 0
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="0.05"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="0.075"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="0.1"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="0.25"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="0.5"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="0.75"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="1"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="2.5"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="5"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="7.5"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="10"} 1
 * http_client_request_duration_seconds_bucket{method="GET",host="api.example",status_code="200",le="+Inf"} 1
 * http_client_request_duration_seconds_sum{method="GET",host="api.example",status_code="200"} 0.03
 * http_client_request_duration_seconds_count{method="GET",host="api.example",status_code="200"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="0.005"} 0
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="0.01"} 0
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="0.025"} 0
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="0.05"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="0.075"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="0.1"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="0.25"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="0.5"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="0.75"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="1"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="2.5"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="5"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="7.5"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="10"} 1
 * http_client_request_duration_seconds_bucket{method="POST",host="api.example",status_code="(none)",le="+Inf"} 1
 * http_client_request_duration_seconds_sum{method="POST",host="api.example",status_code="(none)"} 0.03
 * http_client_request_duration_seconds_count{method="POST",host="api.example",status_code="(none)"} 1
 * # HELP http_client_requests_total Requests sent, by host; status_code is "(none)" where no response came. Read from the counts of the durations.
 * # TYPE http_client_requests_total counter
 * http_client_requests_total{method="GET",host="api.example",status_code="200"} 1
 * http_client_requests_total{method="POST",host="api.example",status_code="(none)"} 1
 * ```
 */
import type { HistogramOptions, InstrumentOptions } from '../../model/definition'

/** Upper bounds in seconds that OpenTelemetry's semantic conventions advise for `http.client.request.duration`. */
export const HTTP_CLIENT_BUCKETS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

export type HttpClientLabel = 'method' | 'host' | 'status_code'

export const httpClientRequestDuration = {
  name: 'http_client_request_duration_seconds',
  help: 'Time from sending a request to the end of its response, by host.',
  unit: 's',
  labelNames: ['method', 'host', 'status_code'],
  buckets: HTTP_CLIENT_BUCKETS,
} as const satisfies HistogramOptions<HttpClientLabel>

/**
 * What OpenTelemetry's instrumentations call the same measurement, now and before the conventions were stable. The first reads
 * on a page as ours does, so that of the two only one can be there.
 */
export const CONVENTIONAL_DURATIONS: readonly string[] = ['http.client.request.duration', 'http.client.duration']

export const httpClientRequests = {
  name: 'http_client_requests_total',
  help: 'Requests sent, by host; status_code is "(none)" where no response came. Read from the counts of the durations.',
} as const

export const httpClientFailures = {
  name: 'http_client_failures_total',
  help: 'Requests whose response did not come, or broke off, by class of error.',
  labelNames: ['method', 'host', 'error'],
} as const satisfies InstrumentOptions<'method' | 'host' | 'error'>
