import type { Attributes, Histogram, Meter, UpDownCounter } from '@opentelemetry/api'
import type { HttpOptions } from '../../model/http-options'
import { CLIENT_CLOSED_REQUEST, sentStatus } from './ending'
import { HTTP_BUCKETS, SIZE_BUCKETS } from './http.metrics'
import type { Path } from './paths'
import type { Measured } from './request-series'

/** `error.type` of a request whose response did not come to its end. */
const ABORTED = 'aborted'
const SERVER_ERROR = 500

const DURATION = 'http.server.request.duration'
const REQUEST_SIZE = 'http.server.request.body.size'
const RESPONSE_SIZE = 'http.server.response.body.size'

/** What instrumentations call the durations of requests: now, and before the conventions were stable. */
export const DURATIONS: readonly string[] = [DURATION, 'http.server.duration']
/** The sizes of bodies that {@link Conventions} has: whoever else records in these measures the same requests. */
export const SIZES: readonly string[] = [REQUEST_SIZE, RESPONSE_SIZE]

/**
 * The same measurements under the names and with the attributes of OpenTelemetry's semantic conventions for HTTP servers
 * (stable since 1.23; sizes of bodies and active requests are not stable yet).
 */
export class Conventions {
  readonly #duration: Histogram
  readonly #requestSize: Histogram | undefined
  readonly #responseSize: Histogram | undefined
  readonly #active: UpDownCounter
  /** The attributes of `http.server.active_requests`, by scheme and method, with how many are open. */
  readonly #open = new Map<Attributes, number>()
  readonly #activeAttributes = new Map<string, Attributes>()

  constructor(meter: Meter, { buckets = HTTP_BUCKETS, sizes = false }: HttpOptions) {
    const sizeAdvice = { explicitBucketBoundaries: [...(typeof sizes === 'object' ? sizes.buckets : SIZE_BUCKETS)] }
    this.#duration = meter.createHistogram(DURATION, {
      description: 'Duration of HTTP server requests.',
      unit: 's',
      advice: { explicitBucketBoundaries: [...buckets] },
    })
    this.#active = meter.createUpDownCounter('http.server.active_requests', {
      description: 'Number of active HTTP server requests.',
      unit: '{request}',
    })
    if (sizes === false) return
    this.#requestSize = meter.createHistogram(REQUEST_SIZE, {
      description: 'Size of HTTP server request bodies.',
      unit: 'By',
      advice: sizeAdvice,
    })
    this.#responseSize = meter.createHistogram(RESPONSE_SIZE, {
      description: 'Size of HTTP server response bodies.',
      unit: 'By',
      advice: sizeAdvice,
    })
  }

  enter(method: string, secure: boolean): void {
    this.#add(1, this.#activeOf(method, secure))
  }

  leave(method: string, secure: boolean): void {
    this.#add(-1, this.#activeOf(method, secure))
  }

  /** Takes out what is in flight. */
  leaveAll(): void {
    for (const [attributes, open] of this.#open) {
      this.#active.add(-open, attributes)
      this.#open.set(attributes, 0)
    }
  }

  /** The series of one method, path and status code, with the same labels of the application's. */
  seriesOf(
    method: string,
    path: Path,
    statusCode: number,
    labels: Readonly<Record<string, string>> | undefined,
  ): ConventionSeries {
    const attributes = { ...labels, 'http.request.method': method, ...(path.isRoute && { 'http.route': path.text }) }
    return new ConventionSeries(attributes, statusCode, this.#duration, this.#requestSize, this.#responseSize)
  }

  #add(value: number, attributes: Attributes): void {
    this.#open.set(attributes, (this.#open.get(attributes) ?? 0) + value)
    this.#active.add(value, attributes)
  }

  #activeOf(method: string, secure: boolean): Attributes {
    const scheme = schemeOf(secure)
    const key = `${scheme} ${method}`
    let attributes = this.#activeAttributes.get(key)
    if (attributes === undefined) {
      attributes = { 'http.request.method': method, 'url.scheme': scheme }
      this.#activeAttributes.set(key, attributes)
    }
    return attributes
  }
}

/** What the conventions tell apart within a series: the scheme, the version of HTTP, and the status that was sent before an abort. */
export class ConventionSeries {
  readonly #byKind = new Map<string, Attributes>()

  constructor(
    private readonly common: Attributes,
    private readonly statusCode: number,
    private readonly duration: Histogram,
    private readonly requestSize: Histogram | undefined,
    private readonly responseSize: Histogram | undefined,
  ) {}

  record(measured: Measured): void {
    const { seconds, requestBytes, responseBytes } = measured
    const attributes = this.#attributesOf(measured)
    this.duration.record(seconds, attributes)
    if (requestBytes !== undefined) this.requestSize?.record(requestBytes, attributes)
    if (responseBytes !== undefined) this.responseSize?.record(responseBytes, attributes)
  }

  #attributesOf({ secure, httpVersion, answer }: Measured): Attributes {
    const scheme = schemeOf(secure)
    const version = versionOf(httpVersion)
    const last = answer.headersSent ? sentStatus(answer) : undefined
    // Handlers may answer with that code, too.
    const aborted = this.statusCode === CLIENT_CLOSED_REQUEST && last !== CLIENT_CLOSED_REQUEST
    const sent = aborted ? last : this.statusCode
    const key = `${scheme} ${version} ${sent}`
    let attributes = this.#byKind.get(key)
    if (attributes === undefined) {
      attributes = {
        ...this.common,
        'url.scheme': scheme,
        'network.protocol.version': version,
        ...(sent !== undefined && sent > 0 && { 'http.response.status_code': sent }),
        ...errorOf(aborted, this.statusCode),
      }
      this.#byKind.set(key, attributes)
    }
    return attributes
  }
}

function errorOf(aborted: boolean, statusCode: number): Attributes {
  if (aborted) return { 'error.type': ABORTED }
  return statusCode >= SERVER_ERROR ? { 'error.type': String(statusCode) } : {}
}

function schemeOf(secure: boolean): string {
  return secure ? 'https' : 'http'
}

/** Versions are as the conventions write them: `2`, not `2.0`; one that is none of HTTP's is left at the usual one. */
function versionOf(httpVersion: string | undefined): string {
  if (httpVersion === '2.0') return '2'
  return httpVersion === '1.0' ? '1.0' : '1.1'
}
