import type { Clock } from '../../src/model/clock'

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #epochMs = Date.UTC(2026, 0, 2, 3, 4, 5)
  #monotonicMs = 1_000

  nowMs(): number {
    return this.#epochMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  advance(ms: number): void {
    this.#epochMs += ms
    this.#monotonicMs += ms
  }

  /** Sets the time of day, as an operator or NTP would; durations do not change. */
  setTimeOfDay(epochMs: number): void {
    this.#epochMs = epochMs
  }
}
