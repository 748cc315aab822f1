import { overrideMethod } from '../override-method'
import { watchProperty } from '../watch-property'
import type { BreakerRecorder } from './breaker-adapter'

/** The part of brakes's `Circuit` that is used here: a function under a `Brakes`, which may have several of them. */
export interface BrakesCircuit {
  readonly _brakes: object
  readonly _opts: { isFailure(error: never): unknown }
  _execPromise(...args: never[]): PromiseLike<unknown>
}

type CircuitClass = new (brakes: object, main: () => void) => BrakesCircuit

/** Tells of a circuit's own fallback, and of the errors that its `isFailure` passes, of which brakes emits nothing. */
export function watchCircuit(circuit: BrakesCircuit, recorder: BreakerRecorder): () => void {
  const what = `breaker "${recorder.name}"`
  const unwatch = watchProperty(circuit, '_fallback', { onCall: () => recorder.fallback() }, what)
  const unfilter = circuit._opts.isFailure === defaultFilter(circuit) ? undefined : watchFilter(circuit, recorder, what)
  return () => {
    unwatch()
    unfilter?.()
  }
}

function watchFilter(circuit: BrakesCircuit, recorder: BreakerRecorder, what: string): () => void {
  const starts = new StartTimes()
  const { _execPromise: execPromise, _opts: options } = circuit
  const { isFailure } = options
  const overrides = [
    overrideMethod(
      circuit,
      '_execPromise',
      function (this: unknown, ...args) {
        const startMs = Date.now()
        const promise = Reflect.apply(execPromise, this, args)
        // brakes goes on with the promise itself, so this leaves no rejection handled that was not.
        promise.then(undefined, (error: unknown) => starts.add(error, startMs))
        return promise
      },
      what,
    ),
    overrideMethod(
      options,
      'isFailure',
      function (this: unknown, ...args) {
        const isOne = Reflect.apply(isFailure, this, args)
        const startMs = starts.take(args[0])
        if (!isOne && startMs !== undefined) recorder.call('ignored', Date.now() - startMs)
        return isOne
      },
      what,
    ),
  ]
  return () => {
    for (const override of overrides) override.restore()
  }
}

/** When the calls began that have failed, by error: calls that fail with the same one are told apart by their order. */
class StartTimes {
  readonly #ofObjects = new WeakMap<object, number[]>()
  readonly #ofValues = new Map<unknown, number[]>()

  add(error: unknown, startMs: number): void {
    const starts = this.#get(error)
    if (starts !== undefined) starts.push(startMs)
    else if (isObject(error)) this.#ofObjects.set(error, [startMs])
    else this.#ofValues.set(error, [startMs])
  }

  take(error: unknown): number | undefined {
    const starts = this.#get(error)
    const startMs = starts?.shift()
    if (starts?.length === 0) this.#ofValues.delete(error)
    return startMs
  }

  #get(error: unknown): number[] | undefined {
    return isObject(error) ? this.#ofObjects.get(error) : this.#ofValues.get(error)
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

const defaultFilters = new WeakMap<object, unknown>()

/** The `isFailure` of circuits that were given none, by their class: a circuit without options has it. */
function defaultFilter(circuit: BrakesCircuit): unknown {
  const Circuit = circuit.constructor as CircuitClass
  if (!defaultFilters.has(Circuit)) {
    defaultFilters.set(Circuit, new Circuit(circuit._brakes, () => undefined)._opts.isFailure)
  }
  return defaultFilters.get(Circuit)
}
