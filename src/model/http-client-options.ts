/** A request that the application sends, as far as options may look at it. */
export interface OutgoingRequest {
  /** The method in capitals. */
  readonly method: string
  /** `http:` or `https:`. */
  readonly protocol: string
  /** The host as it is measured: in small letters, with a port that is not the protocol's own, without credentials. */
  readonly host: string
  /** The path, with its query. */
  readonly path: string
}

/** How the requests that the application sends are measured. */
export interface HttpClientOptions {
  /** Upper bounds of the duration histogram in seconds. Default: those OpenTelemetry advises, 5 ms to 10 s. */
  readonly buckets?: readonly number[] | undefined
  /**
   * Requests that are not measured at all: hosts as they are measured (a string must be equal, a regular expression must
   * match), or a predicate that is handed each request before it leaves. Default: none.
   */
  readonly ignore?: readonly (string | RegExp)[] | ((request: OutgoingRequest) => boolean) | undefined
  /**
   * Names the host of a request, to bring many under one name; called for each request before it leaves. `undefined`
   * leaves the host as it is. Default: none.
   */
  readonly host?: ((request: OutgoingRequest) => string | undefined) | undefined
  /** How many distinct hosts are measured before `(other)` takes the rest; 1 to 1,000. Default: 100. */
  readonly maxHosts?: number | undefined
}

/** Default of {@link HttpClientOptions.maxHosts}: with the usual methods and status codes within the cardinality limit. */
export const DEFAULT_MAX_HOSTS = 100

/** The most that {@link HttpClientOptions.maxHosts} may be. */
export const MAX_MAX_HOSTS = 1_000
