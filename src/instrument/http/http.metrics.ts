/**
 * HTTP servers, after one GET that took 30 ms and while a POST waits for its answer.
 *
 * ```text
 * # HELP http_request_duration_seconds Time from the arrival of a request to the end of its response, by matched route.
 * # TYPE http_request_duration_seconds histogram
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="0.005"} 0
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="0.01"} 0
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="0.025"} 0
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="0.05"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="0.075"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="0.1"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="0.25"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="0.5"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="0.75"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="1"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="2.5"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="5"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="7.5"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="10"} 1
 * http_request_duration_seconds_bucket{method="GET",path="/users/:id",status_code="200",le="+Inf"} 1
 * http_request_duration_seconds_sum{method="GET",path="/users/:id",status_code="200"} 0.03
 * http_request_duration_seconds_count{method="GET",path="/users/:id",status_code="200"} 1
 * # HELP http_requests_in_flight Requests that have arrived and are not answered yet.
 * # TYPE http_requests_in_flight gauge
 * http_requests_in_flight{method="GET"} 0
 * http_requests_in_flight{method="POST"} 1
 * # HELP http_requests_total Requests answered or left, by matched route; read from the counts of the durations.
 * # TYPE http_requests_total counter
 * http_requests_total{method="GET",path="/users/:id",status_code="200"} 1
 * ```
 */
import type { HistogramOptions, InstrumentOptions } from '../../model/definition'

/** Upper bounds in seconds that OpenTelemetry's semantic conventions advise for `http.server.request.duration`. */
export const HTTP_BUCKETS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

export type HttpRequestLabel = 'method' | 'path' | 'status_code'

export const httpRequestDuration = {
  name: 'http_request_duration_seconds',
  help: 'Time from the arrival of a request to the end of its response, by matched route.',
  unit: 's',
  labelNames: ['method', 'path', 'status_code'],
  buckets: HTTP_BUCKETS,
} as const satisfies HistogramOptions<HttpRequestLabel>

/** Upper bounds in bytes: an empty body, and from a quarter of a KiB to 16 MiB in steps of four. */
export const SIZE_BUCKETS: readonly number[] = [0, ...Array.from({ length: 9 }, (_, step) => 256 * 4 ** step)]

export const httpRequestSize = {
  name: 'http_request_size_bytes',
  help: 'Size of the bodies of requests, by matched route.',
  unit: 'By',
  labelNames: ['method', 'path', 'status_code'],
  buckets: SIZE_BUCKETS,
} as const satisfies HistogramOptions<HttpRequestLabel>

export const httpResponseSize = {
  name: 'http_response_size_bytes',
  help: 'Size of the bodies of responses, as sent, by matched route.',
  unit: 'By',
  labelNames: ['method', 'path', 'status_code'],
  buckets: SIZE_BUCKETS,
} as const satisfies HistogramOptions<HttpRequestLabel>

export const httpRequests = {
  name: 'http_requests_total',
  help: 'Requests answered or left, by matched route; read from the counts of the durations.',
} as const

export const httpRequestsInFlight = {
  name: 'http_requests_in_flight',
  help: 'Requests that have arrived and are not answered yet.',
  labelNames: ['method'],
} as const satisfies InstrumentOptions<'method'>
