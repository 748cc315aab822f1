import type {
  Attributes,
  BatchObservableCallback,
  Counter,
  Gauge,
  Histogram,
  Observable,
  ObservableCallback,
  UpDownCounter,
} from '@opentelemetry/api'
import type { ObservedInstrument } from '../store/observation'
import type { Registry } from '../store/registry'
import type { Sink } from '../store/stream'

/** A value as the instrument's `ValueType` wants it. What is no number is left for the store to reject. */
function typed(value: number, integer: boolean): number {
  return integer && typeof value === 'number' ? Math.trunc(value) : value
}

/** `Counter` and `UpDownCounter` of the API: what they may add is the sink's to say. */
export class AddingInstrument implements Counter, UpDownCounter {
  constructor(
    private readonly sink: Sink,
    private readonly integer: boolean,
  ) {}

  add(value: number, attributes?: Attributes): void {
    this.sink.record(typed(value, this.integer), attributes)
  }
}

/** `Gauge` and `Histogram` of the API. */
export class RecordingInstrument implements Gauge, Histogram {
  constructor(
    private readonly sink: Sink,
    private readonly integer: boolean,
  ) {}

  record(value: number, attributes?: Attributes): void {
    this.sink.record(typed(value, this.integer), attributes)
  }
}

/** The three observables of the API. */
export class ObservableInstrument implements Observable {
  readonly #callbacks = new Map<ObservableCallback, () => void>()

  constructor(
    private readonly registry: Registry,
    readonly instrument: ObservedInstrument,
    readonly integer: boolean,
  ) {}

  addCallback(callback: ObservableCallback): void {
    if (this.#callbacks.has(callback)) return
    const { instrument, integer } = this
    const remove = this.registry.observe([instrument], (observe) =>
      callback({ observe: (value, attributes) => observe(instrument, typed(value, integer), attributes) }),
    )
    this.#callbacks.set(callback, remove)
  }

  removeCallback(callback: ObservableCallback): void {
    this.#callbacks.get(callback)?.()
    this.#callbacks.delete(callback)
  }
}

interface BatchRegistration {
  readonly callback: BatchObservableCallback
  readonly observables: ReadonlySet<ObservableInstrument>
  readonly remove: () => void
}

/** The batch callbacks of a meter: each is known by itself together with the observables it was added for. */
export class BatchCallbacks {
  readonly #registry: Registry
  #registrations: BatchRegistration[] = []

  constructor(registry: Registry) {
    this.#registry = registry
  }

  add(callback: BatchObservableCallback, observables: readonly Observable[]): void {
    const own = ownObservables(observables)
    if (own.size === 0 || this.#registrations.some((known) => isSame(known, callback, own))) return
    const remove = this.#registry.observe(
      [...own].map(({ instrument }) => instrument),
      (observe) =>
        callback({
          observe: (observable, value, attributes) => {
            if (!(observable instanceof ObservableInstrument)) return
            observe(observable.instrument, typed(value, observable.integer), attributes)
          },
        }),
    )
    this.#registrations.push({ callback, observables: own, remove })
  }

  remove(callback: BatchObservableCallback, observables: readonly Observable[]): void {
    const own = ownObservables(observables)
    this.#registrations = this.#registrations.filter((known) => {
      if (!isSame(known, callback, own)) return true
      known.remove()
      return false
    })
  }
}

/** Observables of other providers are nothing that this one could collect. */
function ownObservables(observables: readonly Observable[]): Set<ObservableInstrument> {
  return new Set(observables.filter((observable) => observable instanceof ObservableInstrument))
}

function isSame(
  known: BatchRegistration,
  callback: BatchObservableCallback,
  observables: ReadonlySet<ObservableInstrument>,
): boolean {
  return (
    known.callback === callback &&
    known.observables.size === observables.size &&
    [...observables].every((observable) => known.observables.has(observable))
  )
}
