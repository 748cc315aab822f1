import { DefinitionError } from '../../model/errors'
import { overrideMethod } from '../override-method'
import { watchProperty } from '../watch-property'
import type { BreakerOutcome, BreakerRecorder } from './breaker-adapter'
import type { BreakerState } from './breaker-state'
import {
  type CockatielPolicy,
  type Event,
  type FailureEvent,
  has,
  isMarked,
  isPolicy,
  policyParts,
  timedOut,
} from './cockatiel-policies'
import type { BreakerKind, Subject } from './subject'

/** What cockatiel keeps of a breaker's state. It is not public, but tells what the public parts do not. */
interface InnerState {
  readonly value: number
  readonly openedAt?: number
  readonly backoff?: { readonly duration: number }
}

/** The part of cockatiel's `CircuitBreakerPolicy` that is used here. */
interface CockatielBreaker extends CockatielPolicy {
  readonly state: number
  readonly innerState: InnerState
  readonly onStateChange: unknown
  readonly onSuccess: Event<{ readonly duration: number }>
}

/** By the numbers of cockatiel's `CircuitState`. */
const STATES: readonly BreakerState[] = ['closed', 'open', 'half_open', 'isolated']
const OPEN = 1
const ISOLATED = 3

/** cockatiel's `CircuitBreakerPolicy`, or a policy that `wrap` made with one breaker in it. */
export function cockatielSubject(policy: object, name: string): Subject | undefined {
  const policies = wrappedPolicies(policy)
  const breakers = policies.filter(isBreaker)
  const [breaker] = breakers
  if (breaker === undefined) return undefined
  if (breakers.length > 1) {
    throw new DefinitionError(
      `Cannot instrument breaker "${name}": policy must wrap one breaker, got ${breakers.length}. ` +
        `Instrument each breaker under a name of its own.`,
    )
  }
  return { breaker, kind: cockatiel, parts: policyParts(policies, policies.indexOf(breaker)) }
}

/** The policies that `wrap(…)` has put together, outermost first; any other policy alone. */
function wrappedPolicies(policy: object): readonly CockatielPolicy[] {
  if ('wrapped' in policy && Array.isArray(policy.wrapped)) return policy.wrapped.flatMap(wrappedPolicies)
  return isPolicy(policy) ? [policy] : []
}

function isBreaker(policy: CockatielPolicy): policy is CockatielBreaker {
  const inner: unknown = Reflect.get(policy, 'innerState')
  return (
    has(policy, 'onStateChange', 'function') &&
    has(policy, 'state', 'number') &&
    typeof inner === 'object' &&
    inner !== null &&
    has(inner, 'value', 'number')
  )
}

const cockatiel: BreakerKind<CockatielBreaker> = {
  /**
   * After the break cockatiel's `state` stays open until a call comes, which it then lets through; an idle service would
   * look broken for ever.
   */
  state: ({ innerState }) => (isBreakOver(innerState) ? 'half_open' : stateOf(innerState)),
  watch,
}

function stateOf({ value }: InnerState): BreakerState {
  return STATES[value] ?? 'closed'
}

function isBreakOver({ value, openedAt, backoff }: InnerState): boolean {
  // cockatiel decides by this clock, whatever the service's clock says.
  return value === OPEN && openedAt !== undefined && backoff !== undefined && Date.now() - openedAt >= backoff.duration
}

/**
 * Records the life of a breaker. Outcomes come from its events. Its state is watched where cockatiel keeps it: of a
 * listener to `onBreak` that isolates the breaker, `onStateChange` tells in the wrong order.
 *
 * For a rejection cockatiel emits nothing; but it decides on one before `execute` returns, and leaves its state open only
 * then, so the state before and after tells. The returned promise is not touched: listening to it would mark its
 * rejection as handled.
 */
function watch(breaker: CockatielBreaker, recorder: BreakerRecorder): () => void {
  const what = `breaker "${recorder.name}"`
  const { execute } = breaker
  const override = overrideMethod(
    breaker,
    'execute',
    // With parameters of its own: a rest would be an array for each call.
    function (this: unknown, run, signal) {
      const before = breaker.state
      const promise = execute.call(this as CockatielBreaker, run, signal)
      if (before === ISOLATED) recorder.rejection('isolated')
      else if (before === OPEN && breaker.state === OPEN) recorder.rejection('open')
      return promise
    },
    what,
  )
  const onWrite = (state: InnerState, before: InnerState) => recorder.transition(stateOf(before), stateOf(state))
  const unwatch = watchProperty(breaker, 'innerState', { onWrite: onWrite as (...states: unknown[]) => void }, what)
  const subscriptions = [
    breaker.onSuccess(({ duration }) => recorder.call('success', duration)),
    breaker.onFailure((failure) => {
      const error = 'error' in failure.reason ? failure.reason.error : undefined
      if (isMarked(error, 'isBulkheadRejectedError')) recorder.rejection('semaphore')
      else recorder.call(outcomeOf(failure, error), failure.duration)
    }),
  ]
  return () => {
    override.restore()
    unwatch()
    for (const subscription of subscriptions) subscription.dispose()
  }
}

function outcomeOf(failure: FailureEvent, error: unknown): BreakerOutcome {
  if (timedOut(error)) return 'timeout'
  return failure.handled ? 'failure' : 'ignored'
}
