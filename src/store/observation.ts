import { type ObservationFailure, ObservationTurn, type Observer, type Registration } from './observation-turn'
import type { ObservedInstrument } from './observed-instrument'
import type { Stream } from './stream'

/** The callbacks of a registry, and their turn at each collection. */
export class Observation {
  readonly #instruments = new Set<ObservedInstrument>()
  readonly #registrations = new Set<Registration>()
  #turn: ObservationTurn | undefined

  addInstrument(instrument: ObservedInstrument): void {
    this.#instruments.add(instrument)
  }

  /** Adds a callback that may observe `instruments` and no others. The returned function takes it away. */
  add(instruments: readonly ObservedInstrument[], observer: Observer): () => void {
    const registration: Registration = { instruments: [...new Set(instruments)], observer, running: false }
    this.#registrations.add(registration)
    return () => void this.#registrations.delete(registration)
  }

  /**
   * Calls every callback once and drops what none of them observed. A callback that throws, rejects or is still at work
   * after `timeoutMs` fails alone; what it observed in time counts, what it observes later does not. With `only`, the
   * callbacks of other streams are left alone, and what they observed last stands.
   */
  collect(timeoutMs: number, only?: ReadonlySet<Stream>): Promise<readonly ObservationFailure[]> {
    this.#turn = new ObservationTurn(this.#registrations)
    this.join(timeoutMs, only)
    return this.#turn.over
  }

  /** Has the collection that is under way serve as {@link collect} would. False where there is none. */
  join(timeoutMs: number, only?: ReadonlySet<Stream>): boolean {
    if (this.#turn === undefined) return false
    if (only === undefined) return this.#turn.join(this.#instruments, this.#registrations, timeoutMs)
    const [instruments, registrations] = this.#concerned(only)
    return this.#turn.join(instruments, registrations, timeoutMs)
  }

  /** What has to do with some streams: their instruments, all callbacks of these, all that those observe, and so on. */
  #concerned(only: ReadonlySet<Stream>): [ReadonlySet<ObservedInstrument>, ReadonlySet<Registration>] {
    const instruments = new Set<ObservedInstrument>()
    for (const instrument of this.#instruments) {
      if (instrument.streams.some((stream) => only.has(stream))) instruments.add(instrument)
    }
    const registrations = new Set<Registration>()
    for (let count = -1; count < registrations.size; ) {
      count = registrations.size
      for (const registration of this.#registrations) {
        if (!registration.instruments.some((instrument) => instruments.has(instrument))) continue
        registrations.add(registration)
        for (const instrument of registration.instruments) instruments.add(instrument)
      }
    }
    return [instruments, registrations]
  }
}
