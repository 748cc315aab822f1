import type { Attributes, Observable, ObservableCallback } from '@opentelemetry/api'
import { type Definition, isNonNegative } from '../model/definition'
import { received } from '../model/errors'
import type { Observe } from '../store/observation-turn'
import type { ObservedInstrument } from '../store/observed-instrument'
import type { Registry } from '../store/registry'
import { wholeNumber } from './whole-number'

/** The three observables of the API. */
export class ObservableInstrument implements Observable {
  readonly instrument: ObservedInstrument
  readonly #registry: Registry
  readonly #integer: boolean
  readonly #nonNegative: boolean
  readonly #callbacks = new Map<ObservableCallback, () => void>()

  constructor(registry: Registry, instrument: ObservedInstrument, definition: Definition) {
    this.#registry = registry
    this.instrument = instrument
    this.#integer = definition.integer
    this.#nonNegative = isNonNegative(definition)
  }

  addCallback(callback: ObservableCallback): void {
    if (this.#callbacks.has(callback) || !isCallback(callback, this.instrument.name, this.#registry)) return
    const remove = this.#registry.observe([this.instrument], (observe) =>
      callback({ observe: (value, attributes) => this.put(observe, value, attributes) }),
    )
    this.#callbacks.set(callback, remove)
  }

  removeCallback(callback: ObservableCallback): void {
    this.#callbacks.get(callback)?.()
    this.#callbacks.delete(callback)
  }

  /** Whether `value` is an observable that `registry` collects; those of other providers it cannot. Never throws. */
  static isOf(registry: Registry, value: unknown): value is ObservableInstrument {
    return typeof value === 'object' && value !== null && #registry in value && value.#registry === registry
  }

  /** Observes one value as this instrument takes it. */
  put(observe: Observe, value: number, attributes: Attributes | undefined): void {
    observe(this.instrument, this.#integer ? wholeNumber(value, this.#nonNegative) : value, attributes)
  }
}

/** Whether a callback can be called; says so where it cannot. */
export function isCallback(callback: unknown, name: string, registry: Registry): boolean {
  if (typeof callback === 'function') return true
  registry.warn(`Cannot observe "${name}": callback must be a function, got ${received(callback)}. It is left out.`)
  return false
}
