import type { Instruments } from '../../facade/instruments'
import { DefinitionError, quoted, received } from '../../model/errors'
import { mend } from '../../model/mend'
import { brakesSubject } from './brakes'
import type { BreakerAdapter } from './breaker-adapter'
import { BreakerRegistry, type InstrumentedBreaker } from './breaker-registry'
import { STATES } from './breaker-state'
import { cockatielSubject } from './cockatiel'
import { fastifySubject } from './fastify-circuit-breaker'
import { mollitiaSubject } from './mollitia'
import { opossumSubject } from './opossum'
import type { Subject } from './subject'

export interface InstrumentBreakerOptions<B extends object = object> {
  /** The `breaker` label. Breakers of one name add up in the same series, and the worst of their states is shown. */
  readonly name: string
  /** Measures a breaker of a kind that is not known by itself. Default: the breaker is recognised by its shape. */
  readonly adapter?: BreakerAdapter<B> | undefined
  /**
   * The options that @fastify/circuit-breaker was registered with, which it tells nobody: `threshold`, `resetTimeout`
   * (in milliseconds), `onCircuitOpen` and `onTimeout` are used. Default: the plugin's defaults.
   */
  readonly plugin?: object | undefined
}

const OPTIONS: readonly (keyof InstrumentBreakerOptions)[] = ['name', 'adapter', 'plugin']

const registries = new WeakMap<Instruments, BreakerRegistry>()

/**
 * Measures a circuit breaker: its state, its calls by outcome, what it refuses, its transitions and its fallbacks.
 *
 * The breaker is one of opossum, cockatiel, mollitia or brakes, a cockatiel policy or a mollitia circuit with one in it,
 * a Fastify application with @fastify/circuit-breaker, or any other with an adapter. What else stands in the policy or
 * circuit, such as a fallback, is measured too; one that several of them share counts for each. Results and errors of
 * calls stay untouched. Instrumenting late is fine: the state is read when it is collected.
 *
 * Instrumenting the same breaker again under the same name returns the same handle. The service holds breakers weakly;
 * the handle holds its breaker.
 *
 * @throws DefinitionError when the breaker is of another kind, frozen, or already instrumented under another name, and for
 *   an option that there is not.
 */
export function instrumentBreaker<B extends object>(
  metrics: Instruments,
  breaker: B,
  options: InstrumentBreakerOptions<B>,
): InstrumentedBreaker {
  const name: unknown = options?.name
  if (typeof name !== 'string' || name === '') {
    throw new DefinitionError(
      `Cannot instrument breaker ${quoted(name)}: name must be a text, got ${received(name)}. ` +
        `Write instrumentBreaker(breaker, { name: 'payments' }).`,
    )
  }
  const unknown = Object.keys(options).find((key) => !OPTIONS.some((known) => known === key))
  if (unknown !== undefined) {
    throw new DefinitionError(
      `Cannot instrument breaker "${name}": an option must be one of ${OPTIONS.join(', ')}, got ${received(unknown)}. ` +
        `${mend(unknown, OPTIONS) ?? 'Remove it or correct its name.'}`,
    )
  }
  const subject = subjectOf(metrics, breaker, options)
  let registry = registries.get(metrics)
  if (registry === undefined) {
    registry = new BreakerRegistry(metrics)
    registries.set(metrics, registry)
  }
  return registry.add(name, subject)
}

/** Ends the measurement of every breaker that the service has instrumented. */
export function stopBreakers(metrics: Instruments): void {
  registries.get(metrics)?.stop()
}

function subjectOf<B extends object>(metrics: Instruments, breaker: B, options: InstrumentBreakerOptions<B>): Subject {
  const { name, adapter, plugin = {} } = options
  if ((typeof breaker !== 'object' && typeof breaker !== 'function') || breaker === null)
    throw unknownKind(name, breaker)
  if (adapter !== undefined) return adaptedSubject(name, breaker, adapter)
  if (typeof plugin !== 'object' || plugin === null) {
    throw new DefinitionError(
      `Cannot instrument breaker "${name}": plugin must be an object, got ${received(plugin)}. ` +
        `Pass the options that @fastify/circuit-breaker was registered with.`,
    )
  }
  const subject =
    opossumSubject(breaker) ??
    cockatielSubject(breaker, name) ??
    brakesSubject(breaker) ??
    mollitiaSubject(breaker, name) ??
    fastifySubject(breaker, plugin, metrics.log)
  if (subject === undefined) throw unknownKind(name, breaker)
  return subject
}

function adaptedSubject<B extends object>(name: string, breaker: B, adapter: BreakerAdapter<B>): Subject {
  if (typeof adapter?.state !== 'function' || typeof adapter.watch !== 'function') {
    throw new DefinitionError(
      `Cannot instrument breaker "${name}": adapter must have the functions state and watch, got ${received(adapter)}. ` +
        `See BreakerAdapter.`,
    )
  }
  const state: unknown = adapter.state(breaker)
  if (!STATES.some((known) => known === state)) {
    throw new DefinitionError(
      `Cannot instrument breaker "${name}": state of its adapter must be one of ${STATES.join(', ')}, got ` +
        `${received(state)}. Have it return one of these.`,
    )
  }
  return { breaker, kind: adapter as BreakerAdapter, parts: [] }
}

function unknownKind(name: string, got: unknown): DefinitionError {
  return new DefinitionError(
    `Cannot instrument breaker "${name}": breaker must be one of opossum, cockatiel, mollitia, brakes or ` +
      `@fastify/circuit-breaker, got ${received(got)}. Pass the breaker itself or what wraps it, or an adapter for its kind.`,
  )
}
