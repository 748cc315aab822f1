import type { Counter } from '../../facade/counter'
import type { Histogram } from '../../facade/histogram'
import type { Instruments } from '../../facade/instruments'
import { KNOWN_METHODS, OTHER_METHOD } from '../http/methods'
import { FailureClasses } from './failure-class'
import type { HttpClientLabel } from './http-client.metrics'
import { httpClientFailures, httpClientRequestDuration, httpClientRequests } from './http-client.metrics'
import type { Outgoing } from './outgoing'

/** The `status_code` of a request to which no response came. */
const NO_STATUS = '(none)'
const OTHER_STATUS = '_OTHER'
/** Above every status code, so that a method and a code fit into one small integer. */
const STATUS_RADIX = 1000

/** The metrics of one service about the requests that it sends. */
export class ClientSeries {
  readonly #durations: Histogram<HttpClientLabel>
  readonly #failures: Counter<'method' | 'host' | 'error'>
  readonly #classes = new FailureClasses()
  readonly #methods = new Map(
    [...KNOWN_METHODS, OTHER_METHOD].map((method, at) => [method, at * STATUS_RADIX] as const),
  )

  constructor(metrics: Instruments, buckets: readonly number[] = httpClientRequestDuration.buckets) {
    this.#durations = metrics.countedHistogram({
      histogram: { ...httpClientRequestDuration, buckets },
      count: httpClientRequests,
    })
    this.#failures = metrics.counter(httpClientFailures)
  }

  /** Counts a request that has ended, after so many seconds. */
  record({ method, host, statusCode }: Outgoing, seconds: number): void {
    const label = this.#methods.has(method) ? method : OTHER_METHOD
    const key = (this.#methods.get(label) as number) + statusCode
    let duration = host.durations.get(key)
    if (duration === undefined) {
      duration = this.#durations.bind({ method: label, host: host.text, status_code: statusText(statusCode) })
      host.durations.set(key, duration)
    }
    duration.record(seconds)
  }

  /** Counts what a request failed with. */
  fail({ method, host }: Outgoing, error: unknown): void {
    const label = this.#methods.has(method) ? method : OTHER_METHOD
    this.#failures.add(1, { method: label, host: host.text, error: this.#classes.of(error) })
  }
}

function statusText(statusCode: number): string {
  if (statusCode === 0) return NO_STATUS
  return statusCode >= 100 && statusCode <= 599 ? String(statusCode) : OTHER_STATUS
}
