import type { Histogram } from '../../facade/histogram'
import type { Instruments } from '../../facade/instruments'
import type { UpDownCounter } from '../../facade/up-down-counter'
import type { HttpOptions } from '../../model/http-options'
import type { Exchange } from './exchange'
import {
  httpRequestDuration,
  httpRequestSize,
  httpRequests,
  httpRequestsInFlight,
  httpResponseSize,
} from './http.metrics'
import { InFlight } from './in-flight'
import { KNOWN_METHODS, OTHER_METHOD } from './methods'
import type { LabelSet } from './own-labels'
import type { Path } from './paths'
import type { RequestSeries } from './request-series'
import type { Conventions } from './semantic-conventions'

const OTHER_STATUS = '_OTHER'
/** Above every status code, so that a method and a code fit into one small integer. */
const STATUS_RADIX = 1_000
/** Above every number of a method and a code: more than 50 methods cannot be listed. */
const SET_RADIX = 1_000_000
type RequestHistogram = Histogram<string>

/** The HTTP metrics of one service, with bound handles for every series once it is met. */
export class HttpSeries {
  readonly #methods = new Map<string, InFlight>()
  readonly #known: ReadonlySet<string>
  readonly #inFlight: UpDownCounter<'method'>
  readonly #durations: RequestHistogram
  readonly #requestSizes: RequestHistogram | undefined
  readonly #responseSizes: RequestHistogram | undefined

  /** Throws a `DefinitionError` where the names of the application's own labels cannot be. */
  constructor(
    metrics: Instruments,
    { buckets = httpRequestDuration.buckets, sizes = false, methods = KNOWN_METHODS, labels }: HttpOptions,
    private readonly conventions: Conventions | undefined,
  ) {
    this.#known = new Set(methods)
    const labelNames: readonly string[] = [...httpRequestDuration.labelNames, ...(labels?.names ?? [])]
    const sizeBuckets = typeof sizes === 'object' ? { buckets: sizes.buckets } : {}
    this.#durations = metrics.countedHistogram({
      histogram: { ...httpRequestDuration, buckets, labelNames },
      count: httpRequests,
    })
    if (sizes !== false) {
      this.#requestSizes = metrics.histogram({ ...httpRequestSize, ...sizeBuckets, labelNames })
      this.#responseSizes = metrics.histogram({ ...httpResponseSize, ...sizeBuckets, labelNames })
    }
    this.#inFlight = metrics.upDownCounter(httpRequestsInFlight)
  }

  /** Whether the sizes of bodies are asked for. */
  get hasSizes(): boolean {
    return this.#requestSizes !== undefined
  }

  /** The requests of a method; unknown ones share `_OTHER`. */
  ofMethod(method: string): InFlight {
    return this.#methods.get(method) ?? this.#addMethod(this.#known.has(method) ? method : OTHER_METHOD)
  }

  record(exchange: Exchange, path: Path, statusCode: number, set: LabelSet | undefined, seconds: number): void {
    const key = exchange.inFlight.keyBase + statusCode + (set === undefined ? 0 : set.id * SET_RADIX)
    let series = path.series.get(key)
    if (series === undefined) {
      series = this.#bind(exchange, path, statusCode, set)
      path.series.set(key, series)
    }
    series.duration.record(seconds)
    if (exchange.sizes !== undefined || series.conventions !== undefined) more(exchange, series, statusCode, seconds)
  }

  leaveAll(): void {
    for (const method of this.#methods.values()) method.leaveAll()
  }

  #bind({ inFlight }: Exchange, path: Path, statusCode: number, set: LabelSet | undefined): RequestSeries {
    const labels = {
      method: inFlight.method,
      path: path.text,
      status_code: statusCode === 0 ? OTHER_STATUS : String(statusCode),
      ...set?.values,
    }
    return {
      duration: this.#durations.bind(labels),
      requestSize: this.#requestSizes?.bind(labels),
      responseSize: this.#responseSizes?.bind(labels),
      conventions: this.conventions?.seriesOf(inFlight.method, path, statusCode, set?.values),
    }
  }

  #addMethod(label: string): InFlight {
    let method = this.#methods.get(label)
    if (method === undefined) {
      method = new InFlight(label, this.#methods.size * STATUS_RADIX, this.#inFlight.bind({ method: label }))
      this.#methods.set(label, method)
    }
    return method
  }
}

/** Records what was asked for besides the duration. */
function more(exchange: Exchange, series: RequestSeries, statusCode: number, seconds: number): void {
  const { sizes, request, answer, secure } = exchange
  const requestBytes = sizes?.request
  const responseBytes = sizes?.responseTo(request.method, statusCode, answer)
  if (requestBytes !== undefined) series.requestSize?.record(requestBytes)
  if (responseBytes !== undefined) series.responseSize?.record(responseBytes)
  series.conventions?.record({ seconds, secure, httpVersion: request.httpVersion, answer, requestBytes, responseBytes })
}
