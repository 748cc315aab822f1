import type { IncomingMessage, ServerResponse } from 'node:http'
import { DefinitionError, received } from './errors'
import type { HttpClientOptions } from './http-client-options'
import type { LabelValue } from './labels'

/** Labels of the application's own on the HTTP metrics. */
export interface HttpLabels {
  /** Their names. */
  readonly names: readonly string[]
  /**
   * Their values for a request, once it has been answered or left; called once a request. What is missing, or what it throws
   * for, has the empty value. An upgrade has no response. Over HTTP/2, request and response are those of its API; a handler of
   * streams has no response, and a request with `method`, `url` and `headers` alone.
   */
  readonly of: (request: IncomingMessage, response: ServerResponse) => Readonly<Record<string, LabelValue | undefined>>
  /** How many distinct values each of them may have before `(other)` takes the rest; 1 to 1,000. Default: 50. */
  readonly limit?: number | undefined
}

/** Who follows HTTP requests, see {@link HttpOptions.engine}. */
export type HttpEngine = 'channels' | 'opentelemetry'

export const HTTP_ENGINES: readonly HttpEngine[] = ['channels', 'opentelemetry']

/** How HTTP servers are measured. */
export interface HttpOptions {
  /**
   * `'opentelemetry'` has requests traced as well, by `@opentelemetry/instrumentation-http` and `-undici`, where nobody
   * else traces them; they must be installed. `'channels'` makes no spans. The metrics are the same either way, and carry
   * the trace of whoever traces. Default: `'opentelemetry'` in `initMetrics`, once a tracer provider is registered and
   * where nothing else traces requests; else `'channels'`.
   */
  readonly engine?: HttpEngine | undefined
  /** Upper bounds of the duration histogram in seconds. Default: those OpenTelemetry advises, 5 ms to 10 s. */
  readonly buckets?: readonly number[] | undefined
  /**
   * Requests that are not measured at all: paths without their query (a string must be equal, a regular expression must
   * match), or a predicate that is handed each request as it arrives. Default: none.
   */
  readonly ignore?: readonly (string | RegExp)[] | ((request: IncomingMessage) => boolean) | undefined
  /**
   * Names the route of a request, for a router that meterkit does not know; called once, when the response has closed.
   * `undefined` leaves the decision to meterkit. Give a template, never a URL: each text is a series. Default: none.
   */
  readonly route?: ((request: IncomingMessage) => string | undefined) | undefined
  /** How many distinct paths a server without a known framework may have before `(other)` takes the rest; 1 to 1,000. Default: 100. */
  readonly maxPaths?: number | undefined
  /** How the requests that the application sends are measured; `false` leaves them alone. Default: all are measured. */
  readonly client?: HttpClientOptions | false | undefined
  /** The methods that have a label of their own, in capitals; others are `_OTHER`. Default: those of RFC 9110, PATCH and QUERY. */
  readonly methods?: readonly string[] | undefined
  /** Labels of the application's own, each bounded: a tenant, a version of the API. Default: none. */
  readonly labels?: HttpLabels | undefined
  /**
   * Whether bodies are measured as well, in `http_request_size_bytes` and `http_response_size_bytes`; or the upper bounds of
   * these histograms in bytes. Default: false.
   */
  readonly sizes?: boolean | { readonly buckets: readonly number[] } | undefined
}

/** Default of {@link HttpOptions.maxPaths}: with the ten methods still within the default cardinality limit of a metric. */
export const DEFAULT_MAX_PATHS = 100

/** The most that {@link HttpOptions.maxPaths} may be. */
export const MAX_MAX_PATHS = 1_000

/** Default of {@link HttpLabels.limit}. */
export const DEFAULT_LABEL_LIMIT = 50

/** The most that {@link HttpLabels.limit} may be. */
export const MAX_LABEL_LIMIT = 1_000

/** The limit of paths as it is used. Throws a `DefinitionError` for a limit that is none. */
export function checkedMaxPaths(maxPaths: number = DEFAULT_MAX_PATHS): number {
  if (Number.isInteger(maxPaths) && maxPaths >= 1 && maxPaths <= MAX_MAX_PATHS) return maxPaths
  throw new DefinitionError(
    `Cannot instrument "http": maxPaths must be a whole number from 1 to 1000, got ${received(maxPaths)}. Leave it out for ${DEFAULT_MAX_PATHS}.`,
  )
}
