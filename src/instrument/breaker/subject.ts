import type { BreakerAdapter, BreakerRecorder } from './breaker-adapter'

/** Something beside a breaker that tells of its calls, such as a fallback around it. It may outlive the breaker. */
export interface BreakerPart {
  readonly target: object
  /** Starts to tell `recorder`, and returns what ends that. */
  watch(recorder: BreakerRecorder): () => void
}

export interface PartRecorder extends BreakerRecorder {
  /** Watches those parts that are not watched yet. */
  join(parts: readonly BreakerPart[]): void
}

/** How a kind of circuit breaker is measured. */
export interface BreakerKind<B extends object = object> extends BreakerAdapter<B> {
  /** Whether the breaker refuses every call for good. Default: never. */
  isRetired?(breaker: B): boolean
  watch(breaker: B, recorder: PartRecorder): () => void
}

/** What was found in an object that is to be instrumented. */
export interface Subject {
  readonly breaker: object
  readonly kind: BreakerKind
  readonly parts: readonly BreakerPart[]
}
