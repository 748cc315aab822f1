import { types } from 'node:util'
import { whenSettled } from '../../facade/settled'
import type { Clock } from '../../model/clock'
import type { CallWatch } from './call-watch'
import { measuredSteps } from './generator-steps'

/** Any function, as it is called by whoever has it. */
export type AnyFunction = (this: never, ...args: never[]) => unknown
type Callable = (this: unknown, ...args: unknown[]) => unknown

/**
 * A function that does what `fn` does, and has `watch` hear of it: same `this`, arguments, result and exception, same
 * name and length. What else `fn` has is inherited from it, metadata that frameworks keep by function included.
 *
 * A call with `new` is passed on and not measured. A call of a generator is what its steps take together.
 */
export function wrap<F extends AnyFunction>(fn: F, watch: CallWatch, clock: Clock): F {
  const call = fn as unknown as Callable
  function measured(this: unknown, ...args: unknown[]): unknown {
    if (new.target !== undefined) return Reflect.construct(call, args, new.target === measured ? call : new.target)
    watch.enter()
    const startMs = clock.monotonicMs()
    let result: unknown
    try {
      result = call.apply(this, args)
    } catch (error) {
      watch.leave()
      watch.record(clock.monotonicMs() - startMs, true, error)
      throw error
    }
    if ((typeof result === 'object' || typeof result === 'function') && result !== null) {
      return watchResult(result, startMs, watch, clock)
    }
    watch.leave()
    watch.record(clock.monotonicMs() - startMs, false, undefined)
    return result
  }
  return dressed(measured, call) as unknown as F
}

function watchResult(result: object, startMs: number, watch: CallWatch, clock: Clock): unknown {
  if (types.isGeneratorObject(result)) {
    watch.leave()
    return measuredSteps(result, watch, clock)
  }
  let inFlight = true
  const leave = () => {
    if (inFlight) watch.leave()
    inFlight = false
  }
  const given = whenSettled(result, (failed, outcome) => {
    leave()
    watch.record(clock.monotonicMs() - startMs, failed, outcome)
  })
  // A query starts when it is awaited, which may be never; what is measured then is no longer in flight.
  if (!types.isPromise(result)) leave()
  return given
}

/** `wrapper`, made to look like the function that it stands for. */
export function dressed(wrapper: Callable, fn: Callable): Callable {
  for (const key of ['name', 'length', 'prototype']) {
    const own = Object.getOwnPropertyDescriptor(fn, key)
    if (key === 'prototype') wrapper.prototype = own?.value
    else if (own !== undefined) Object.defineProperty(wrapper, key, own)
  }
  return Object.setPrototypeOf(wrapper, fn)
}
