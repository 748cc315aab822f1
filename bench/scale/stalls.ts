/** What kept the event loop from its timers for the longest, in milliseconds. */
export interface Stall {
  /** By the clock. */
  readonly wallMs: number
  /** Processor time of the loop's own thread meanwhile: what a neighbour on the machine takes is not counted. */
  readonly cpuMs: number
}

const PERIOD_MS = 1

/** Watches the event loop with a timer that should run every millisecond. */
export class StallWatch {
  #longest = { wallMs: 0, cpuMs: 0 }
  #at = 0
  #cpuAt = 0
  readonly #tick = () => this.#next()

  start(): void {
    this.#at = performance.now()
    this.#cpuAt = cpuMs()
    setTimeout(this.#tick, PERIOD_MS)
  }

  /** The longest stalls, each by its own measure, since this was asked last. */
  take(): Stall {
    const longest = this.#longest
    this.#longest = { wallMs: 0, cpuMs: 0 }
    return longest
  }

  #next(): void {
    const now = performance.now()
    const cpuNow = cpuMs()
    this.#longest.wallMs = Math.max(this.#longest.wallMs, now - this.#at - PERIOD_MS)
    this.#longest.cpuMs = Math.max(this.#longest.cpuMs, cpuNow - this.#cpuAt)
    this.#at = now
    this.#cpuAt = cpuNow
    setTimeout(this.#tick, PERIOD_MS)
  }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
