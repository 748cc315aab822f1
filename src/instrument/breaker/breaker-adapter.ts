import type { BreakerState } from './breaker-state'

/** How a call ended that the breaker let through, as the breaker judges it. */
export type BreakerOutcome = 'success' | 'failure' | 'timeout' | 'ignored'

/** Why the breaker did not let a call through. */
export type BreakerRejection = 'open' | 'semaphore' | 'isolated'

/** Where an adapter tells what happens to its breaker. No method throws, and after the measurement they do nothing. */
export interface BreakerRecorder {
  /** The `breaker` label. */
  readonly name: string
  /** A call that was let through has ended, `durationMs` milliseconds after it began. One for each such call. */
  call(outcome: BreakerOutcome, durationMs: number): void
  /** A call was not let through. */
  rejection(reason: BreakerRejection): void
  /** The state has changed. Nothing is counted where both are the same. */
  transition(from: BreakerState, to: BreakerState): void
  /** A call was answered by a fallback, beside its outcome or rejection. */
  fallback(): void
  /** The breaker is out of use: the measurement ends, as by `stop()` of its handle. */
  end(): void
}

/**
 * Teaches `instrumentBreaker` a kind of circuit breaker that it does not know. One adapter serves all breakers of its
 * kind. It works on the breaker that it is handed: one that keeps a hold on a breaker of its own keeps it in memory.
 */
export interface BreakerAdapter<B extends object = object> {
  /** The state as the next caller meets it. Read whenever metrics are collected. */
  state(breaker: B): BreakerState
  /** Starts to tell `recorder` what happens from now on, and returns what ends that and leaves the breaker as it was. */
  watch(breaker: B, recorder: BreakerRecorder): () => void
}
