import type { BreakerRecorder } from './breaker-adapter'
import type { BreakerPart } from './subject'

interface Disposable {
  dispose(): void
}

export type Event<T> = (listener: (value: T) => void) => Disposable

export interface FailureEvent {
  /** In milliseconds. */
  readonly duration: number
  /** Whether the policy counts it as a failure. */
  readonly handled: boolean
  readonly reason: { readonly error: unknown } | { readonly value: unknown }
}

/** The part of any cockatiel policy that is used here. */
export interface CockatielPolicy {
  execute(run: never, signal?: never): unknown
  readonly onFailure: Event<FailureEvent>
}

interface Bulkhead extends CockatielPolicy {
  readonly onReject: Event<void>
}

interface Timeout extends CockatielPolicy {
  /** In milliseconds. */
  readonly duration: number
}

export function isPolicy(policy: unknown): policy is CockatielPolicy {
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

function isTimeout(policy: CockatielPolicy): policy is Timeout {
  return has(policy, 'onTimeout', 'function') && has(policy, 'duration', 'number')
}

export function has(object: object, key: string, type: 'function' | 'number'): boolean {
  return typeof Reflect.get(object, key) === type
}

/** cockatiel marks each of its errors with a property, so that it is known across copies of the library. */
export function isMarked(error: unknown, mark: string): error is Error {
  return error instanceof Error && Reflect.get(error, mark) === true
}

/** What the policies that are wrapped together with the breaker at `index` have to tell. */
export function policyParts(policies: readonly CockatielPolicy[], index: number): BreakerPart[] {
  const innermost = policies.findLastIndex(isTimeout)
  return policies.flatMap((policy, at): BreakerPart[] => {
    if (isFallback(policy)) return [part(policy, fallbackOf)]
    // What a bulkhead inside the breaker refuses is seen as the error of a call.
    if (isBulkhead(policy) && at < index) return [part(policy, rejectionOf)]
    if (isTimeout(policy) && at > index) return [part(policy, judgeTimeouts(at === innermost))]
    return []
  })
}

function part<P extends object>(
  target: P,
  subscribe: (policy: P, recorder: BreakerRecorder) => Disposable,
): BreakerPart {
  return {
    target,
    watch: (recorder) => {
      const subscription = subscribe(target, recorder)
      return () => subscription.dispose()
    },
  }
}

const fallbackOf = (policy: CockatielPolicy, recorder: BreakerRecorder): Disposable =>
  policy.onFailure(({ handled }) => {
    if (handled) recorder.fallback()
  })

const rejectionOf = (policy: Bulkhead, recorder: BreakerRecorder): Disposable =>
  policy.onReject(() => recorder.rejection('semaphore'))

/** Whether a timeout policy's time was up when it let an error through, by error. */
const verdicts = new WeakMap<object, boolean>()

/** A timer of Node.js ends up to one millisecond early by the clock that cockatiel measures with. */
const TIMER_SLACK_MS = 1

/**
 * A cooperative timeout lets through whatever the function throws when it is told to stop, and so does an aggressive one
 * where the function is the quicker; its own error speaks of a timeout also where the caller has cancelled: only the time
 * that it took tells.
 */
const judgeTimeouts =
  (isInnermost: boolean) =>
  (policy: Timeout): Disposable =>
    policy.onFailure(({ duration, reason }) => {
      if (!('error' in reason) || typeof reason.error !== 'object' || reason.error === null) return
      // One inside it may have stopped the call. What was said of an earlier call with the same error is over.
      if (!isInnermost && verdicts.get(reason.error) === true) return
      verdicts.set(reason.error, duration + TIMER_SLACK_MS >= policy.duration)
    })

/** Whether an error comes of a timeout policy inside the breaker, be it wrapped together with it or called in its function. */
export function timedOut(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  // The same class of error says that the caller has cancelled, with this text.
  return verdicts.get(error) ?? (isMarked(error, 'isTaskCancelledError') && error.message !== 'Operation cancelled')
}
