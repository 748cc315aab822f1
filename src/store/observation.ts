import { errorOf } from '../model/errors'
import type { LabelsInput } from '../model/labels'
import type { MeasurementEvents } from './measurement-events'
import { ObservedStream } from './observed'
import type { Sink, Stream } from './stream'

/** An observable instrument as the store sees it: the streams that its observations go to. */
export class ObservedInstrument {
  readonly streams: readonly Stream[]

  constructor(
    readonly name: string,
    private readonly targets: readonly (ObservedStream | Sink)[],
    private readonly events: MeasurementEvents,
  ) {
    this.streams = targets.flatMap((target) => (target instanceof ObservedStream ? [target] : target.streams))
  }

  begin(): void {
    for (const target of this.targets) if (target instanceof ObservedStream) target.begin()
  }

  observe(value: number, labels: LabelsInput | undefined): void {
    this.events.begin()
    for (const target of this.targets) {
      if (target instanceof ObservedStream) target.observe(value, labels)
      else target.record(value, labels)
    }
  }

  end(): void {
    for (const target of this.targets) if (target instanceof ObservedStream) target.end()
  }
}

/** Gives an instrument a value; does nothing once the collection that it belongs to is over. */
export type Observe = (instrument: ObservedInstrument, value: number, labels: LabelsInput | undefined) => void

/** Reads values and observes them. */
export type Observer = (observe: Observe) => void | Promise<void>

interface Registration {
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

/** The callbacks of a registry, and their turn at each collection. */
export class Observation {
  readonly #instruments = new Set<ObservedInstrument>()
  readonly #registrations = new Set<Registration>()

  addInstrument(instrument: ObservedInstrument): void {
    this.#instruments.add(instrument)
  }

  /** Adds a callback that may observe `instruments` and no others. The returned function takes it away. */
  add(instruments: readonly ObservedInstrument[], observer: Observer): () => void {
    const registration: Registration = { instruments, observer, running: false }
    this.#registrations.add(registration)
    return () => void this.#registrations.delete(registration)
  }

  /**
   * Calls every callback once and drops what none of them observed. A callback that throws, rejects or is still at work
   * after `timeoutMs` fails alone; what it observed in time counts, what it observes later does not.
   */
  async collect(timeoutMs: number): Promise<ObservationFailure[]> {
    for (const instrument of this.#instruments) instrument.begin()
    const failures: ObservationFailure[] = []
    const turn = { open: true }
    const pending: Promise<void>[] = []
    const overdue = new Set<Registration>()
    // A callback that a callback adds has its turn with the next collection.
    for (const registration of [...this.#registrations]) {
      // A callback that hangs is not called again on top of itself.
      if (registration.running) overdue.add(registration)
      else {
        const running = this.#call(registration, turn, failures)
        if (running !== undefined) pending.push(running)
      }
    }
    if (pending.length > 0) await settledWithin(pending, timeoutMs)
    turn.open = false
    for (const registration of this.#registrations) {
      if (!registration.running && !overdue.has(registration)) continue
      const error = new Error(`the callback did not finish within ${timeoutMs} ms`)
      for (const { name } of registration.instruments) failures.push({ metric: name, reason: 'timeout', error })
    }
    for (const instrument of this.#instruments) instrument.end()
    return failures
  }

  #call(
    registration: Registration,
    turn: { open: boolean },
    failures: ObservationFailure[],
  ): Promise<void> | undefined {
    const { instruments, observer } = registration
    const fail = (thrown: unknown) => {
      const error = errorOf(thrown)
      if (turn.open) for (const { name } of instruments) failures.push({ metric: name, reason: 'error', error })
    }
    try {
      const result = observer((instrument, value, labels) => {
        if (turn.open && instruments.includes(instrument)) instrument.observe(value, labels)
      })
      if (typeof result?.then !== 'function') return undefined
      registration.running = true
      const done = () => {
        registration.running = false
      }
      return Promise.resolve(result).then(done, (error) => {
        done()
        fail(error)
      })
    } catch (error) {
      fail(error)
      return undefined
    }
  }
}

async function settledWithin(pending: readonly Promise<void>[], timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs)
    // A callback that hangs is no reason for the process to stay; whoever must have the answer stays by itself.
    timer.unref()
  })
  await Promise.race([Promise.all(pending), deadline])
  clearTimeout(timer)
}
