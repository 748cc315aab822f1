/** What gRPC calls DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED and UNAVAILABLE. */
const GRPC_RETRYABLE = new Set([4, 8, 14])

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
  const { code } = Object(error) as { readonly code?: unknown }
  // What is left over of 429, 502, 503 and 504, which are tried again, has no code.
  return typeof code === 'number' && !GRPC_RETRYABLE.has(code)
}

/** What an exporter's error comes to. Never throws. */
export function pushFailureOf(error: unknown): PushFailure {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown }
  if (name === 'TimeoutError' || code === 'ETIMEDOUT') return 'timeout'
  if (typeof code === 'string') return 'connection'
  if (typeof code !== 'number') return 'other'
  // gRPC has numbers below those of HTTP: 4 is a deadline, 8 and 14 what may be tried again.
  if (code < 100) return code === 4 ? 'timeout' : code === 8 || code === 14 ? 'unavailable' : 'refused'
  return code === 429 || code >= 500 ? 'unavailable' : 'refused'
}
