import { hasTracerProvider, RareLook } from '../store/tracer-provider'

/** Whether the application traces: it has registered a tracer provider. Asked each time, as that may be at any time. */
export function isTraced(): boolean {
  return hasTracerProvider()
}

/** As {@link isTraced}, for what is asked with every request: it looks now and then, and no more once it has found that. */
export class TracedNow {
  #isTraced = false
  readonly #rareLook = new RareLook()

  /** `monotonicMs` is the time of a clock that never goes back, always of the same one. */
  at(monotonicMs: number): boolean {
    if (!this.#isTraced && this.#rareLook.isDue(monotonicMs)) this.#isTraced = isTraced()
    return this.#isTraced
  }
}
