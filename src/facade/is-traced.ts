import { hasTracerProvider } from '../store/tracer-provider'

/** Whether the application traces: it has registered a tracer provider. Asked each time, as that may be at any time. */
export function isTraced(): boolean {
  return hasTracerProvider()
}

/** How long a look is taken for true, in milliseconds. */
const LOOK_EVERY_MS = 100

/** As {@link isTraced}, for what is asked with every request: it looks every 100 ms at most, and no more once it has found that. */
export class TracedNow {
  #isTraced = false
  #lookedAtMs = Number.NEGATIVE_INFINITY

  /** `monotonicMs` is the time of a clock that never goes back, always of the same one. */
  at(monotonicMs: number): boolean {
    if (!this.#isTraced && monotonicMs - this.#lookedAtMs >= LOOK_EVERY_MS) {
      this.#lookedAtMs = monotonicMs
      this.#isTraced = isTraced()
    }
    return this.#isTraced
  }
}
