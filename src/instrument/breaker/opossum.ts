import { type LimitedEmitter, makeListenerRoom } from '../listener-room'
import { assertExtensible, type Override, overrideMethod } from '../override-method'
import type { BreakerRecorder } from './breaker-adapter'
import type { BreakerState } from './breaker-state'
import { type OpossumOptions, passedErrors } from './passed-errors'
import type { BreakerKind, BreakerPart, Subject } from './subject'

type Handler = (...args: never[]) => void

/** The part of opossum's `CircuitBreaker` that is used here. */
interface OpossumBreaker extends LimitedEmitter {
  readonly closed: boolean
  readonly opened: boolean
  readonly halfOpen: boolean
  readonly enabled: boolean
  readonly isShutdown: boolean
  readonly options: OpossumOptions
  call(...args: never[]): unknown
  prependListener(event: string, handler: Handler): unknown
  removeListener(event: string, handler: Handler): unknown
}

const METHODS = ['fire', 'call', 'prependListener', 'removeListener', 'getMaxListeners', 'setMaxListeners'] as const
const FLAGS = ['closed', 'opened', 'halfOpen', 'enabled', 'isShutdown'] as const

/** An opossum `CircuitBreaker`. */
export function opossumSubject(breaker: object): Subject | undefined {
  if (!isOpossum(breaker)) return undefined
  return { breaker, kind: opossum, parts: [filterPart(breaker.options)] }
}

function isOpossum(breaker: object): breaker is OpossumBreaker {
  const options: unknown = Reflect.get(breaker, 'options')
  return (
    METHODS.every((key) => typeof Reflect.get(breaker, key) === 'function') &&
    FLAGS.every((key) => typeof Reflect.get(breaker, key) === 'boolean') &&
    typeof options === 'object' &&
    options !== null &&
    typeof Reflect.get(options, 'errorFilter') === 'function'
  )
}

const opossum: BreakerKind<OpossumBreaker> = {
  /** A disabled breaker lets every call pass, a shut down one refuses every call. */
  state: (breaker) => (breaker.isShutdown || breaker.enabled ? innerState(breaker) : 'closed'),
  isRetired: (breaker) => breaker.isShutdown,
  watch,
}

function innerState(breaker: OpossumBreaker): BreakerState {
  if (breaker.isShutdown) return 'isolated'
  if (breaker.opened) return 'open'
  return breaker.halfOpen ? 'half_open' : 'closed'
}

function filterPart(options: OpossumOptions): BreakerPart {
  return {
    target: options,
    watch: (recorder) => passedErrors(options).watch(options, `breaker "${recorder.name}"`),
  }
}

/**
 * Records the life of a breaker from its events.
 *
 * After `timeout` and `semaphoreLocked` opossum emits `failure`, or `success` where `errorFilter` passes the error, for
 * the same call and with the same error: by the error, which it makes anew for each call, the second event is known.
 *
 * Handlers are prepended: a listener of the application that closes the breaker in `open` would otherwise have its
 * `close` recorded first.
 */
function watch(breaker: OpossumBreaker, recorder: BreakerRecorder): () => void {
  const what = `breaker "${recorder.name}"`
  const settled = new WeakSet<object>()
  const passed = passedErrors(breaker.options)
  let last = innerState(breaker)
  let stopped = false

  const change = (state: BreakerState): void => {
    recorder.transition(last, state)
    last = state
  }
  const enter = (state: BreakerState) => () => {
    change(state)
    // A listener that stands before this one may have moved it on already, and told of that first.
    change(innerState(breaker))
  }
  const isSettled = (value: unknown) => typeof value === 'object' && value !== null && settled.delete(value)
  const handlers: Readonly<Record<string, Handler>> = {
    open: enter('open'),
    halfOpen: enter('half_open'),
    close: enter('closed'),
    shutdown: () => {
      change('isolated')
      // opossum now drops all listeners; calls under way are still to end.
      queueMicrotask(attach)
      // It may have been sealed since.
      if (Object.isExtensible(breaker)) countRefusals()
    },
    success: (result: unknown, latencyMs: number) => {
      if (!passed.includes(result)) recorder.call('success', latencyMs)
      else if (!isSettled(result)) recorder.call('ignored', latencyMs)
    },
    failure: (error: unknown, latencyMs: number) => {
      if (!isSettled(error)) recorder.call('failure', latencyMs)
    },
    timeout: (error: object, latencyMs: number) => {
      settled.add(error)
      recorder.call('timeout', latencyMs)
    },
    semaphoreLocked: (error: object) => {
      settled.add(error)
      recorder.rejection('semaphore')
    },
    reject: () => recorder.rejection('open'),
    fallback: () => recorder.fallback(),
  }
  function attach(): void {
    if (stopped) return
    for (const [event, handler] of Object.entries(handlers)) breaker.prependListener(event, handler)
  }

  let override: Override | undefined
  // A breaker that is shut down refuses calls without an event. Until then nothing stands in the way of its calls.
  function countRefusals(): void {
    if (stopped || override !== undefined) return
    const { call } = breaker
    override = overrideMethod(
      breaker,
      'call',
      function (this: unknown, ...args) {
        if (breaker.isShutdown) recorder.rejection('isolated')
        return Reflect.apply(call, this, args)
      },
      what,
    )
  }

  assertExtensible(breaker, what)
  if (breaker.isShutdown) countRefusals()
  const takeRoom = makeListenerRoom(breaker)
  attach()
  return () => {
    stopped = true
    override?.restore()
    for (const [event, handler] of Object.entries(handlers)) breaker.removeListener(event, handler)
    takeRoom()
  }
}
