import type { BatchObservableCallback, Observable } from '@opentelemetry/api'
import type { Registry } from '../store/registry'
import { elementsOf } from './api-input'
import { isCallback, ObservableInstrument } from './observable-instrument'

interface BatchRegistration {
  readonly callback: BatchObservableCallback
  readonly observables: ReadonlySet<ObservableInstrument>
  readonly remove: () => void
}

/** The batch callbacks of a meter: each is known by itself together with the set of observables it was added for. */
export class BatchCallbacks {
  readonly #registry: Registry
  #registrations: BatchRegistration[] = []

  constructor(registry: Registry) {
    this.#registry = registry
  }

  add(callback: BatchObservableCallback, observables: readonly Observable[]): void {
    const own = this.#own(observables)
    const names = [...own].map(({ instrument }) => instrument.name).join(', ')
    if (!isCallback(callback, names, this.#registry)) return
    if (own.size === 0) {
      this.#registry.warn(
        'Cannot observe a batch: observables must be some of this provider, got none. It is left out.',
      )
      return
    }
    if (this.#registrations.some((known) => isSame(known, callback, own))) return
    const remove = this.#registry.observe(
      [...own].map(({ instrument }) => instrument),
      (observe) =>
        callback({
          observe: (observable, value, attributes) => {
            if (ObservableInstrument.isOf(this.#registry, observable)) observable.put(observe, value, attributes)
          },
        }),
    )
    this.#registrations.push({ callback, observables: own, remove })
  }

  remove(callback: BatchObservableCallback, observables: readonly Observable[]): void {
    const own = this.#own(observables)
    this.#registrations = this.#registrations.filter((known) => {
      if (!isSame(known, callback, own)) return true
      known.remove()
      return false
    })
  }

  #own(observables: readonly Observable[]): Set<ObservableInstrument> {
    return new Set(
      elementsOf(observables).filter((observable) => ObservableInstrument.isOf(this.#registry, observable)),
    )
  }
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
