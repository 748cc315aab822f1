import type { ObservableCallback } from '../model/definition'
import { DefinitionError, received } from '../model/errors'
import type { LabelsArgument, LabelsInput } from '../model/labels'
import type { ObservedInstrument } from '../store/observed-instrument'
import type { Registry } from '../store/registry'

/** An observable, whichever labels it has. */
export class AnyObservable {
  protected readonly registry: Registry
  protected readonly instrument: ObservedInstrument

  constructor(registry: Registry, instrument: ObservedInstrument) {
    this.registry = registry
    this.instrument = instrument
  }

  /** The store's side of an observable; `undefined` where `registry` has none of it. */
  static instrumentOf(observable: AnyObservable, registry: Registry): ObservedInstrument | undefined {
    return observable instanceof AnyObservable && observable.registry === registry ? observable.instrument : undefined
  }
}

/** An instrument whose values are read at collection. What a collection does not observe is not exported. */
export class Observable<in out L extends string = never> extends AnyObservable {
  readonly #callbacks = new Map<ObservableCallback<L>, () => void>()
  #defined: ObservableCallback<L> | undefined

  /** Adds a callback, once: it is called at each collection. It may be async; what it observes past the deadline is left out. */
  addCallback(callback: ObservableCallback<L>): void {
    if (typeof callback !== 'function') {
      throw new DefinitionError(
        `Cannot observe "${this.instrument.name}": callback must be a function, got ${received(callback)}. Write (result) => result.observe(value).`,
      )
    }
    if (this.#callbacks.has(callback)) return
    const { instrument } = this
    const remove = this.registry.observe([instrument], (observe) =>
      callback({ observe: (value: number, labels?: LabelsInput) => observe(instrument, value, labels) }),
    )
    this.#callbacks.set(callback, remove)
  }

  /** Has the callback of the options be `callback`, in the place of the one that an earlier definition gave. */
  define(callback: ObservableCallback<L>): void {
    const before = this.#defined
    this.addCallback(callback)
    if (before !== undefined && before !== callback) this.removeCallback(before)
    this.#defined = callback
  }

  /** Takes a callback away again. */
  removeCallback(callback: ObservableCallback<L>): void {
    this.#callbacks.get(callback)?.()
    this.#callbacks.delete(callback)
  }
}

/** What a callback that reads several observables at once is handed. */
export interface BatchResult {
  /** Gives one series of `observable` its value for this collection. */
  observe<L extends string>(observable: Observable<L>, value: number, ...labels: LabelsArgument<L>): void
}

/** Reads the values of several observables at once; may be async. */
export type BatchCallback = (result: BatchResult) => void | Promise<void>
