import type { Histogram } from '../../facade/histogram'
import type { Instruments } from '../../facade/instruments'
import type { BoundUpDownCounter, UpDownCounter } from '../../facade/up-down-counter'
import type { HttpRequestLabel } from './http.metrics'
import { httpRequestDuration, httpRequests, httpRequestsInFlight } from './http.metrics'
import { KNOWN_METHODS, OTHER_METHOD } from './methods'
import type { Path } from './paths'

/** The status code of a request whose client left before the response was finished, as nginx has it. */
export const CLIENT_CLOSED_REQUEST = 499

const OTHER_STATUS = '_OTHER'
/** Above every status code, so that a method and a code fit into one small integer. */
const STATUS_RADIX = 1000

/** The series of one method. */
export class MethodSeries {
  /** How many requests of the method are in flight now. */
  open = 0

  constructor(
    readonly label: string,
    /** Its number times the radix of status codes: added to a code it is the key of a series. */
    readonly keyBase: number,
    private readonly inFlight: BoundUpDownCounter,
  ) {}

  enter(): void {
    this.open++
    this.inFlight.add(1)
  }

  leave(): void {
    this.open--
    this.inFlight.add(-1)
  }

  /** Takes out of the gauge what is in flight. */
  leaveAll(): void {
    this.inFlight.add(-this.open)
    this.open = 0
  }
}

/** The HTTP metrics of one service, with a bound handle for every series once it is met. */
export class HttpSeries {
  readonly #durations: Histogram<HttpRequestLabel>
  readonly #inFlight: UpDownCounter<'method'>
  readonly #methods = new Map<string, MethodSeries>()

  constructor(metrics: Instruments, buckets: readonly number[] = httpRequestDuration.buckets) {
    this.#durations = metrics.countedHistogram({ histogram: { ...httpRequestDuration, buckets }, count: httpRequests })
    this.#inFlight = metrics.upDownCounter(httpRequestsInFlight)
  }

  /** The series of a method; unknown ones share `_OTHER`. */
  ofMethod(method: string): MethodSeries {
    return this.#methods.get(method) ?? this.#addMethod(KNOWN_METHODS.includes(method) ? method : OTHER_METHOD)
  }

  record(method: MethodSeries, path: Path, statusCode: number, seconds: number): void {
    const key = method.keyBase + statusCode
    let duration = path.durations.get(key)
    if (duration === undefined) {
      const status_code = statusCode === 0 ? OTHER_STATUS : String(statusCode)
      duration = this.#durations.bind({ method: method.label, path: path.text, status_code })
      path.durations.set(key, duration)
    }
    duration.record(seconds)
  }

  leaveAll(): void {
    for (const method of this.#methods.values()) method.leaveAll()
  }

  #addMethod(label: string): MethodSeries {
    let method = this.#methods.get(label)
    if (method === undefined) {
      method = new MethodSeries(label, this.#methods.size * STATUS_RADIX, this.#inFlight.bind({ method: label }))
      this.#methods.set(label, method)
    }
    return method
  }
}

/** A response's status code where it is one, otherwise 0: the label must stay bounded. */
export function boundedStatus(statusCode: unknown): number {
  return typeof statusCode === 'number' && Number.isInteger(statusCode) && statusCode >= 100 && statusCode <= 599
    ? statusCode
    : 0
}
