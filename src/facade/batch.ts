import { DefinitionError, received } from '../model/errors'
import type { ObservedInstrument } from '../store/observed-instrument'
import type { Registry } from '../store/registry'
import { AnyObservable, type BatchCallback } from './observable'

/** The instruments of a batch callback. Throws where the callback or one of its observables cannot be. */
export function checkedBatch(
  registry: Registry,
  callback: BatchCallback,
  observables: readonly AnyObservable[],
): ObservedInstrument[] {
  const cannot = 'Cannot observe "batch":'
  if (typeof callback !== 'function') {
    throw new DefinitionError(
      `${cannot} callback must be a function, got ${received(callback)}. Write (result) => result.observe(depth, 1).`,
    )
  }
  if (!Array.isArray(observables)) {
    throw new DefinitionError(
      `${cannot} observables must be a list of observables, got ${received(observables)}. Name those that the callback observes.`,
    )
  }
  return observables.map((observable: unknown) => {
    const instrument =
      observable instanceof AnyObservable ? AnyObservable.instrumentOf(observable, registry) : undefined
    if (instrument !== undefined) return instrument
    const what = observable instanceof AnyObservable ? 'one of another' : received(observable)
    throw new DefinitionError(
      `${cannot} observables must be of this service, got ${what}. Add the callback to the service that made them.`,
    )
  })
}
