import { overrideMethod } from '../override-method'
import type { BreakerSeries, Outcome } from './breaker-series'
import type { BreakerState } from './breaker-state'

interface Disposable {
  dispose(): void
}

type Event<T> = (listener: (value: T) => void) => Disposable

interface FailureEvent {
  /** In milliseconds. */
  readonly duration: number
  /** Whether the policy counts it as a failure. */
  readonly handled: boolean
  readonly reason: { readonly error: unknown } | { readonly value: unknown }
}

/** The part of any cockatiel policy that is used here. */
export interface CockatielPolicy {
  execute(...args: never[]): unknown
  readonly onFailure: Event<FailureEvent>
}

/** The part of cockatiel's `CircuitBreakerPolicy` that is used here. */
export interface CockatielBreaker extends CockatielPolicy {
  readonly state: number
  readonly onStateChange: Event<number>
  readonly onSuccess: Event<{ readonly duration: number }>
}

interface Bulkhead extends CockatielPolicy {
  readonly onReject: Event<void>
}

/** By the numbers of cockatiel's `CircuitState`. */
const STATES: readonly BreakerState[] = ['closed', 'open', 'half_open', 'isolated']
const OPEN = 1
const ISOLATED = 3

export function isCockatielBreaker(policy: object): policy is CockatielBreaker {
  return isPolicy(policy) && has(policy, 'onStateChange', 'function') && has(policy, 'state', 'number')
}

/** The policies that `wrap(…)` has put together, outermost first; any other policy alone. */
export function wrappedPolicies(policy: object): readonly CockatielPolicy[] {
  if ('wrapped' in policy && Array.isArray(policy.wrapped)) return policy.wrapped.flatMap(wrappedPolicies)
  return isPolicy(policy) ? [policy] : []
}

/**
 * The state as the next caller meets it. After the break cockatiel's `state` stays open until a call comes, which it then
 * lets through; an idle service would look broken for ever. When the break ends is kept in fields that are not public:
 * where they are not found, `state` stands.
 */
export function cockatielState(breaker: CockatielBreaker): BreakerState {
  const state = stateOf(breaker.state)
  return state === 'open' && isBreakOver(breaker) ? 'half_open' : state
}

function isBreakOver(breaker: CockatielBreaker): boolean {
  const inner: { openedAt?: unknown; backoff?: { duration?: unknown } } | undefined = Reflect.get(breaker, 'innerState')
  const openedAt = inner?.openedAt
  const durationMs = inner?.backoff?.duration
  // cockatiel decides by this clock, whatever the service's clock says.
  return typeof openedAt === 'number' && typeof durationMs === 'number' && Date.now() - openedAt >= durationMs
}

/**
 * Records the life of a cockatiel breaker, and returns what ends that. `policies` are those wrapped together with it.
 *
 * Outcomes and transitions come from its events. For a rejection it emits nothing; but it decides on one before `execute`
 * returns, and leaves its state open only then, so the state before and after tells. The returned promise is not
 * touched: listening to it would mark its rejection as handled.
 */
export function watchCockatiel(
  breaker: CockatielBreaker,
  policies: readonly CockatielPolicy[],
  series: BreakerSeries,
  what: string,
): () => void {
  let stopped = false
  const { execute } = breaker
  const override = overrideMethod(
    breaker,
    'execute',
    function (this: unknown, ...args) {
      if (stopped) return Reflect.apply(execute, this, args)
      const before = breaker.state
      const promise = Reflect.apply(execute, this, args)
      if (before === ISOLATED) series.countRejection('isolated')
      else if (before === OPEN && breaker.state === OPEN) series.countRejection('open')
      return promise
    },
    what,
  )

  let last = stateOf(breaker.state)
  const subscriptions = [
    breaker.onStateChange((value) => {
      const state = stateOf(value)
      series.countTransition(last, state)
      last = state
    }),
    breaker.onSuccess(({ duration }) => series.recordCall('success', duration)),
    breaker.onFailure((failure) => {
      const error = 'error' in failure.reason ? failure.reason.error : undefined
      if (isMarked(error, 'isBulkheadRejectedError')) series.countRejection('semaphore')
      else series.recordCall(outcomeOf(failure, error), failure.duration)
    }),
  ]
  // A bulkhead inside the breaker is seen as the error of a call.
  for (const policy of policies.slice(0, policies.indexOf(breaker))) {
    if (isBulkhead(policy)) subscriptions.push(policy.onReject(() => series.countRejection('semaphore')))
  }
  for (const policy of policies) {
    if (!isFallback(policy)) continue
    subscriptions.push(policy.onFailure(({ handled }) => void (handled && series.countFallback())))
  }
  return () => {
    stopped = true
    override.restore()
    for (const subscription of subscriptions) subscription.dispose()
  }
}

function stateOf(value: number): BreakerState {
  return STATES[value] ?? 'closed'
}

function outcomeOf(failure: FailureEvent, error: unknown): Outcome {
  // The same class of error says that the caller has cancelled, with this text.
  if (isMarked(error, 'isTaskCancelledError') && error.message !== 'Operation cancelled') return 'timeout'
  return failure.handled ? 'failure' : 'ignored'
}

/** cockatiel marks each of its errors with a property, so that it is known across copies of the library. */
function isMarked(error: unknown, mark: string): error is Error {
  return error instanceof Error && Reflect.get(error, mark) === true
}

function isPolicy(policy: unknown): policy is CockatielPolicy {
  return (
    typeof policy === 'object' &&
    policy !== null &&
    has(policy, 'execute', 'function') &&
    has(policy, 'onFailure', 'function')
  )
}

function isBulkhead(policy: CockatielPolicy): policy is Bulkhead {
  return has(policy, 'onReject', 'function') && has(policy, 'executionSlots', 'number')
}

function isFallback(policy: CockatielPolicy): boolean {
  return has(policy, 'value', 'function')
}

function has(object: object, key: string, type: 'function' | 'number'): boolean {
  return typeof Reflect.get(object, key) === type
}
