/** Hears of the calls of one function. Never throws. */
export interface CallWatch {
  /** A call has begun, or goes on. */
  enter(): void
  /** A call has ended, or pauses. */
  leave(): void
  /** What a call that has ended took, and whether it failed with `error`, which may be anything. */
  record(elapsedMs: number, failed: boolean, error: unknown): void
}
