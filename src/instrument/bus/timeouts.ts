import type { Clock } from '../../model/clock'

/** What may take too long. */
interface Timed {
  /** When it began, on the monotonic clock. */
  readonly startMs: number
  reject(reason: string): void
}

/** Fails deliveries that take too long: one timer for all of them, which never keeps the process alive. */
export class Timeouts {
  readonly #clock: Clock
  readonly #timeoutMs: number
  /** In the order in which they began, which is that of their deadlines. */
  readonly #open = new Set<Timed>()
  #timer: NodeJS.Timeout | undefined

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  add(delivery: Timed): void {
    this.#open.add(delivery)
    if (this.#timer === undefined) this.#arm(this.#timeoutMs)
  }

  delete(delivery: Timed): void {
    this.#open.delete(delivery)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#open.clear()
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => this.#expire(), Math.max(1, Math.ceil(delayMs)))
    this.#timer.unref()
  }

  #expire(): void {
    this.#timer = undefined
    const nowMs = this.#clock.monotonicMs()
    for (const delivery of this.#open) {
      const leftMs = delivery.startMs + this.#timeoutMs - nowMs
      if (leftMs > 0) {
        this.#arm(leftMs)
        return
      }
      delivery.reject('timeout')
    }
  }
}
