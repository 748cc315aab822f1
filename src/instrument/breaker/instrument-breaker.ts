import type { Instruments } from '../../facade/instruments'
import { DefinitionError, received } from '../../model/errors'
import { BreakerRegistry, type InstrumentedBreaker } from './breaker-registry'
import type { BreakerSeries } from './breaker-series'
import { cockatielState, isCockatielBreaker, watchCockatiel, wrappedPolicies } from './cockatiel'
import { isOpossum, opossumState, watchOpossum } from './opossum'

export interface InstrumentBreakerOptions {
  /** The `breaker` label. Breakers of one name add up in the same series, and the worst of their states is shown. */
  readonly name: string
}

const registries = new WeakMap<Instruments, BreakerRegistry>()

/**
 * Measures a circuit breaker: its state, its calls by outcome, what it refuses, its transitions and its fallbacks.
 *
 * The breaker is an opossum `CircuitBreaker`, a cockatiel `CircuitBreakerPolicy`, or a policy that cockatiel's `wrap` made
 * with one breaker in it; it is recognised by its shape. Of a wrapped policy, fallbacks and bulkheads are measured too;
 * a fallback or bulkhead policy that several wraps share counts for each of them. Results and errors of calls stay
 * untouched. Instrumenting late is fine: the state is read when it is collected.
 *
 * Instrumenting the same breaker again under the same name returns the same handle. The service holds breakers weakly;
 * the handle holds its breaker.
 *
 * @throws DefinitionError when the breaker is of another kind, frozen, or already instrumented under another name.
 */
export function instrumentBreaker(
  metrics: Instruments,
  breaker: object,
  options: InstrumentBreakerOptions,
): InstrumentedBreaker {
  const name: unknown = options?.name
  if (typeof name !== 'string' || name === '') {
    throw new DefinitionError(
      `Cannot instrument breaker ${received(name)}: name must be a text, got ${received(name)}. ` +
        `Write instrumentBreaker(breaker, { name: 'payments' }).`,
    )
  }
  let registry = registries.get(metrics)
  if (registry === undefined) {
    registry = new BreakerRegistry(metrics)
    registries.set(metrics, registry)
  }
  return instrument(registry, breaker, name)
}

/** Ends the measurement of every breaker that the service has instrumented. */
export function stopBreakers(metrics: Instruments): void {
  registries.get(metrics)?.stop()
}

function instrument(registry: BreakerRegistry, breaker: object, name: string): InstrumentedBreaker {
  const what = `breaker "${name}"`
  if (typeof breaker !== 'object' || breaker === null) throw unknownKind(what, received(breaker))
  if (isOpossum(breaker)) {
    const watch = (series: BreakerSeries) => watchOpossum(breaker, series, what)
    return existing(registry, breaker, name) ?? registry.add(name, breaker, opossumState, watch)
  }
  const policies = wrappedPolicies(breaker)
  const breakers = policies.filter(isCockatielBreaker)
  const [inner] = breakers
  if (inner === undefined) throw unknownKind(what, received(breaker))
  if (breakers.length > 1) {
    throw new DefinitionError(
      `Cannot instrument ${what}: policy must wrap one breaker, got ${breakers.length}. ` +
        `Instrument each breaker under a name of its own.`,
    )
  }
  const watch = (series: BreakerSeries) => watchCockatiel(inner, policies, series, what)
  return existing(registry, inner, name) ?? registry.add(name, inner, cockatielState, watch)
}

/** The handle of a breaker that is already instrumented under this name. Throws when it is under another one. */
function existing(registry: BreakerRegistry, breaker: object, name: string): InstrumentedBreaker | undefined {
  const handle = registry.handleOf(breaker)
  if (handle === undefined || handle.name === name) return handle
  throw new DefinitionError(
    `Cannot instrument breaker "${name}": breaker must not be instrumented yet, got one instrumented as "${handle.name}". ` +
      `Call stop() on its handle first.`,
  )
}

function unknownKind(what: string, got: string): DefinitionError {
  return new DefinitionError(
    `Cannot instrument ${what}: breaker must be one of opossum or cockatiel, got ${got}. ` +
      `Pass the CircuitBreaker, the CircuitBreakerPolicy or a policy that wraps one.`,
  )
}
