import { overrideMethod } from '../override-method'
import type { BreakerSeries } from './breaker-series'
import type { BreakerState } from './breaker-state'

type Handler = (...args: never[]) => void

/** The part of opossum's `CircuitBreaker` that is used here. */
export interface OpossumBreaker {
  readonly closed: boolean
  readonly opened: boolean
  readonly halfOpen: boolean
  readonly enabled: boolean
  readonly isShutdown: boolean
  call(...args: never[]): unknown
  prependListener(event: string, handler: Handler): unknown
  removeListener(event: string, handler: Handler): unknown
}

const METHODS = ['fire', 'call', 'prependListener', 'removeListener'] as const
const FLAGS = ['closed', 'opened', 'halfOpen', 'enabled', 'isShutdown'] as const

export function isOpossum(breaker: object): breaker is OpossumBreaker {
  return (
    METHODS.every((key) => typeof Reflect.get(breaker, key) === 'function') &&
    FLAGS.every((key) => typeof Reflect.get(breaker, key) === 'boolean')
  )
}

/** The state as callers meet it: a disabled breaker lets every call pass, a shut down one refuses every call. */
export function opossumState(breaker: OpossumBreaker): BreakerState {
  return breaker.isShutdown || breaker.enabled ? innerState(breaker) : 'closed'
}

function innerState(breaker: OpossumBreaker): BreakerState {
  if (breaker.isShutdown) return 'isolated'
  if (breaker.opened) return 'open'
  return breaker.halfOpen ? 'half_open' : 'closed'
}

/**
 * Records the life of an opossum breaker from its events, and returns what ends that.
 *
 * After `timeout` and `semaphoreLocked` opossum emits `failure`, or `success` where `errorFilter` passes the error, for
 * the same call and with the same error: by the error, which it makes anew for each call, the second event is known.
 * `success` with any other error says that `errorFilter` passed it; an action that resolves with an error is taken for
 * that too, as the event does not tell the two apart.
 *
 * Handlers are prepended: a listener of the application that closes the breaker in `open` would otherwise have its
 * `close` recorded first.
 */
export function watchOpossum(breaker: OpossumBreaker, series: BreakerSeries, what: string): () => void {
  const settled = new WeakSet<object>()
  let last = innerState(breaker)
  let stopped = false

  const enter = (state: BreakerState) => () => {
    series.countTransition(last, state)
    last = state
  }
  const isSettled = (value: unknown) => typeof value === 'object' && value !== null && settled.delete(value)
  const handlers: Readonly<Record<string, Handler>> = {
    open: enter('open'),
    halfOpen: enter('half_open'),
    close: enter('closed'),
    shutdown: () => {
      enter('isolated')()
      // opossum now drops all listeners; calls under way are still to end.
      queueMicrotask(attach)
    },
    success: (result: unknown, latencyMs: number) => {
      if (!(result instanceof Error)) series.recordCall('success', latencyMs)
      else if (!isSettled(result)) series.recordCall('ignored', latencyMs)
    },
    failure: (error: unknown, latencyMs: number) => {
      if (!isSettled(error)) series.recordCall('failure', latencyMs)
    },
    timeout: (error: object, latencyMs: number) => {
      settled.add(error)
      series.recordCall('timeout', latencyMs)
    },
    semaphoreLocked: (error: object) => {
      settled.add(error)
      series.countRejection('semaphore')
    },
    reject: () => series.countRejection('open'),
    fallback: () => series.countFallback(),
  }
  function attach(): void {
    if (stopped) return
    for (const [event, handler] of Object.entries(handlers)) breaker.prependListener(event, handler)
  }

  // A breaker that is shut down refuses calls without an event.
  const { call } = breaker
  const override = overrideMethod(
    breaker,
    'call',
    function (this: unknown, ...args) {
      if (!stopped && breaker.isShutdown) series.countRejection('isolated')
      return Reflect.apply(call, this, args)
    },
    what,
  )
  attach()
  return () => {
    stopped = true
    override.restore()
    for (const [event, handler] of Object.entries(handlers)) breaker.removeListener(event, handler)
  }
}
