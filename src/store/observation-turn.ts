import { errorOf } from '../model/errors'
import type { LabelsInput } from '../model/labels'
import type { ObservedInstrument } from './observed-instrument'

/** Gives an instrument a value; does nothing once the collection that it belongs to is over. */
export type Observe = (instrument: ObservedInstrument, value: number, labels: LabelsInput | undefined) => void

/** Reads values and observes them. */
export type Observer = (observe: Observe) => void | Promise<void>

/** A callback, and what it may observe. */
export interface Registration {
  readonly instruments: readonly ObservedInstrument[]
  readonly observer: Observer
  /** A call that outlived its collection and has not come back. */
  running: boolean
}

/** A callback that failed, with the metrics it was to observe. */
export interface ObservationFailure {
  readonly metric: string
  readonly reason: 'error' | 'timeout'
  readonly error: Error
}

/**
 * One collection of observed values. While it waits for callbacks, others may join it: they share what was called
 * already, and have it go on with what they want beside.
 */
export class ObservationTurn {
  /** Resolves when the collection is over; never rejects. */
  readonly over: Promise<readonly ObservationFailure[]>
  readonly #registrations: ReadonlySet<Registration>
  readonly #instruments = new Set<ObservedInstrument>()
  readonly #called = new Set<Registration>()
  /** Callbacks that an earlier collection waits for still. */
  readonly #overdue = new Set<Registration>()
  readonly #failures: ObservationFailure[] = []
  readonly #resolve: (failures: readonly ObservationFailure[]) => void
  #unfinished = 0
  #isOpen = true
  readonly #startMs = performance.now()
  #timer: NodeJS.Timeout | undefined
  /** When the deadline is, as {@link #startMs} tells time. */
  #untilMs = 0
  #timeoutMs = 0

  /** `registrations` are all that there are, as they come and go. */
  constructor(registrations: ReadonlySet<Registration>) {
    this.#registrations = registrations
    const { promise, resolve } = Promise.withResolvers<readonly ObservationFailure[]>()
    this.over = promise
    this.#resolve = resolve
  }

  /**
   * Has the values of `instruments` observed, and calls those of `registrations` that were not called yet. Callbacks have
   * the longest of the times that those who joined give them. False where the collection is over.
   */
  join(instruments: Iterable<ObservedInstrument>, registrations: Iterable<Registration>, timeoutMs: number): boolean {
    if (!this.#isOpen) return false
    for (const instrument of instruments) {
      if (this.#instruments.has(instrument)) continue
      this.#instruments.add(instrument)
      instrument.begin()
    }
    const pending = this.#unfinished
    this.#timeoutMs = Math.max(this.#timeoutMs, timeoutMs)
    // A callback that a callback adds has its turn with the next collection.
    for (const registration of [...registrations]) {
      if (this.#called.has(registration)) continue
      this.#called.add(registration)
      // A callback that hangs is not called again on top of itself.
      if (registration.running) this.#overdue.add(registration)
      else this.#call(registration)
    }
    if (this.#unfinished === 0) this.#close()
    // Those that were called already have had some of their time: whoever joins must not have all others wait on.
    else this.#extend((this.#unfinished > pending ? performance.now() : this.#startMs) + timeoutMs)
    return true
  }

  #call(registration: Registration): void {
    const { instruments, observer } = registration
    const fail = (thrown: unknown) => {
      const error = errorOf(thrown)
      if (this.#isOpen)
        for (const { name } of instruments) this.#failures.push({ metric: name, reason: 'error', error })
    }
    try {
      const result = observer((instrument, value, labels) => {
        if (this.#isOpen && instruments.includes(instrument)) instrument.observe(value, labels)
      })
      if (typeof result?.then !== 'function') return
      registration.running = true
      this.#unfinished++
      const done = () => {
        registration.running = false
        if (--this.#unfinished === 0) this.#close()
      }
      Promise.resolve(result).then(done, (error) => {
        fail(error)
        done()
      })
    } catch (error) {
      fail(error)
    }
  }

  #extend(untilMs: number): void {
    if (untilMs <= this.#untilMs) return
    this.#untilMs = untilMs
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#close(), untilMs - performance.now())
    // A callback that hangs is no reason for the process to stay; whoever must have the answer stays by itself.
    this.#timer.unref()
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    clearTimeout(this.#timer)
    for (const registration of this.#registrations) {
      if (!this.#called.has(registration)) continue
      if (!registration.running && !this.#overdue.has(registration)) continue
      const error = new Error(`the callback did not finish within ${this.#timeoutMs} ms`)
      for (const { name } of registration.instruments) this.#failures.push({ metric: name, reason: 'timeout', error })
    }
    for (const instrument of this.#instruments) instrument.end()
    this.#resolve(this.#failures)
  }
}
