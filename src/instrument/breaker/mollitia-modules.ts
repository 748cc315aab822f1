import { overrideMethod } from '../override-method'
import type { BreakerRecorder } from './breaker-adapter'
import type { BreakerPart } from './subject'

/** The part of any of mollitia's modules that is used here. */
interface Module {
  execute(circuit: MollitiaCircuit, ...args: never[]): PromiseLike<unknown>
}

interface MollitiaCircuit {
  readonly modules: readonly unknown[]
}

const BULKHEAD_ERRORS: readonly string[] = ['Circuit is overloaded', 'Waiting for too long in queue']

/** mollitia's errors have neither names nor codes: a class of their own and a text is all that tells them. */
function isOwnError(error: unknown, texts: readonly string[]): boolean {
  return error instanceof Error && Object.getPrototypeOf(error) !== Error.prototype && texts.includes(error.message)
}

export function isBulkheadError(error: unknown): boolean {
  return isOwnError(error, BULKHEAD_ERRORS)
}

export function isTimeoutError(error: unknown): boolean {
  return isOwnError(error, ['Timed out'])
}

/** What the modules of a circuit beside the breaker at `index` have to tell. */
export function moduleParts(modules: readonly object[], index: number): BreakerPart[] {
  const breaker = modules[index]
  return modules.flatMap((module, at): BreakerPart[] => {
    if (typeof Reflect.get(module, 'execute') !== 'function') return []
    // A fallback makes another error of the one that it gets, so each call that it is asked about fails.
    if (typeof Reflect.get(module, 'callback') === 'function') {
      return [rejectionPart(module as Module, breaker, (recorder) => recorder.fallback())]
    }
    // What a bulkhead inside the breaker refuses is seen as the error of a call.
    if (!Array.isArray(Reflect.get(module, 'queueBuffer')) || at > index) return []
    return [
      rejectionPart(module as Module, breaker, (recorder, error) => {
        if (isBulkheadError(error)) recorder.rejection('semaphore')
      }),
    ]
  })
}

/** Tells of the calls that a module rejects, of the circuits with that breaker: others may use the module, too. */
function rejectionPart(
  module: Module,
  breaker: unknown,
  tell: (recorder: BreakerRecorder, error: unknown) => void,
): BreakerPart {
  const watch = (recorder: BreakerRecorder): (() => void) => {
    const { execute } = module
    const onRejection = (error: unknown): void => tell(recorder, error)
    const override = overrideMethod(
      module,
      'execute',
      function (this: unknown, circuit: MollitiaCircuit, ...args: never[]) {
        const promise = Reflect.apply(execute, this, [circuit, ...args])
        // The circuit waits for the promise itself, so this leaves no rejection handled that was not.
        if (circuit.modules.includes(breaker)) promise.then(undefined, onRejection)
        return promise
      },
      `breaker "${recorder.name}"`,
    )
    return () => override.restore()
  }
  return { target: module, watch }
}
