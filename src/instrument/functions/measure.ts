import type { BoundHistogram } from '../../facade/histogram'
import type { Instruments } from '../../facade/instruments'
import type { BoundUpDownCounter } from '../../facade/up-down-counter'
import { errorClass } from '../error-class'
import type { CallWatch } from './call-watch'
import { checkFunction, checkName } from './check-arguments'
import { functionCallDuration, functionCalls, functionCallsInFlight, functionErrors } from './functions.metrics'
import { type AnyFunction, wrap } from './wrap'

/**
 * A function that does what `fn` does, and counts its calls, errors and durations under `name`. Functions of one name add
 * up in the same series.
 *
 * @throws DefinitionError where `fn` is no function, or the name is none.
 */
export function measure<F extends AnyFunction>(metrics: Instruments, name: string, fn: F): F {
  const example = "metrics.measure('charge', charge)"
  checkName('function', name, example)
  checkFunction('function', name, fn, example)
  return wrap(fn, new FunctionWatch(metrics, name), metrics.clock)
}

class FunctionWatch implements CallWatch {
  readonly #duration: BoundHistogram
  readonly #inFlight: BoundUpDownCounter
  readonly #fail: (error: unknown) => void

  constructor(metrics: Instruments, name: string) {
    const labels = { function: name }
    const errors = metrics.counter(functionErrors)
    this.#duration = metrics.countedHistogram({ histogram: functionCallDuration, count: functionCalls }).bind(labels)
    this.#inFlight = metrics.upDownCounter(functionCallsInFlight).bind(labels)
    this.#fail = (error) => errors.add(1, { ...labels, error: errorClass(error) })
  }

  enter(): void {
    this.#inFlight.add(1)
  }

  leave(): void {
    this.#inFlight.add(-1)
  }

  record(elapsedMs: number, failed: boolean, error: unknown): void {
    this.#duration.record(elapsedMs / 1_000)
    if (failed) this.#fail(error)
  }
}
