const GRPC_EXHAUSTED = 8
/** With what gRPC calls DEADLINE_EXCEEDED and UNAVAILABLE. */
const GRPC_RETRYABLE = new Set<unknown>([4, GRPC_EXHAUSTED, 14])

/** Less than any receiver has for its limit. */
const LARGE_BYTES = 2 ** 20

/** Why an export failed: the receiver did not want it, or could not take it now; nobody answered in time, or at all. */
export const PUSH_FAILURES = ['refused', 'unavailable', 'timeout', 'connection', 'other'] as const

export type PushFailure = (typeof PUSH_FAILURES)[number]

/** Who is told of exports. */
export interface PushEvents {
  /** A request arrived, with so many points, in so many bytes before compression. */
  arrived(points: number, sizeBytes: number): void
  /** An export arrived, with all its requests. */
  sent(seconds: number): void
  failed(error: unknown): void
}

export const NO_PUSH_EVENTS: PushEvents = { arrived() {}, sent() {}, failed() {} }

/** Whether the receiver answered so that the same request, sent again, will be answered so again. Never throws. */
export function isRefusal(error: unknown): boolean {
  // What is left over of 429, 502, 503 and 504, which are tried again, has no code.
  return typeof codeOf(error) === 'number' && !isRetryable(error)
}

/** Whether gRPC says that a request may be sent again. */
export function isRetryable(error: unknown): boolean {
  return GRPC_RETRYABLE.has(codeOf(error))
}

/** Whether a request, of so many bytes before compression, may be one that the receiver does not take for its length. */
export function isTooLarge(error: unknown, sizeBytes: number): boolean {
  const code = codeOf(error)
  // gRPC calls it RESOURCE_EXHAUSTED, as what has nothing to do with length.
  return code === 413 || (code === GRPC_EXHAUSTED && sizeBytes > LARGE_BYTES)
}

/** What an exporter's error comes to. Never throws. */
export function pushFailureOf(error: unknown): PushFailure {
  const code = codeOf(error)
  const { name } = Object(error) as { readonly name?: unknown }
  if (name === 'TimeoutError' || code === 'ETIMEDOUT') return 'timeout'
  if (typeof code === 'string') return 'connection'
  // What is left over of answers that may be tried again, as is said above.
  if (code === undefined && name === 'OTLPExporterError') return 'unavailable'
  if (typeof code !== 'number') return 'other'
  // gRPC has numbers below those of HTTP: 4 is a deadline, 8 and 14 what may be tried again.
  if (code < 100) return code === 4 ? 'timeout' : code === 8 || code === 14 ? 'unavailable' : 'refused'
  return code === 429 || code >= 500 ? 'unavailable' : 'refused'
}

function codeOf(error: unknown): unknown {
  return (Object(error) as { readonly code?: unknown }).code
}
