import { types } from 'node:util'
import type { Clock } from '../model/clock'

/**
 * Calls `record` with the duration when `fn` returns, throws, or the promise that it returned settles. Gives the caller
 * what `fn` gave: the same value, the same exception, the same promise or one that settles alike.
 */
export function timed<T>(clock: Clock, record: (elapsedMs: number) => void, fn: () => T): T {
  const startMs = clock.monotonicMs()
  let running = true
  const finish = () => {
    if (running) record(clock.monotonicMs() - startMs)
    running = false
  }
  let result: T
  try {
    result = fn()
  } catch (error) {
    finish()
    throw error
  }
  if (isPlainPromise(result)) {
    // Listening to a promise counts as handling its rejection; passing it on keeps it as unhandled as it was.
    return result.then(
      (value) => {
        finish()
        return value
      },
      (reason) => {
        finish()
        throw reason
      },
    ) as T
  }
  if (isEagerPromise(result)) {
    // This branch of the promise handles a rejection only to record it.
    result.then(finish, finish)
  } else if (!listensIn(result, finish)) finish()
  return result
}

/** A promise that nobody could tell from another that settles alike. */
function isPlainPromise(value: unknown): value is Promise<unknown> {
  return isEagerPromise(value) && Object.getPrototypeOf(value) === Promise.prototype && Object.keys(value).length === 0
}

/** A promise whose `then` only listens. */
function isEagerPromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value) && value.then === Promise.prototype.then
}

/**
 * Has `finish` called when a thenable of another kind settles, and returns whether it will be. Query builders start
 * their work in `then`, so calling it here could run a query twice; instead, an own `then` listens in on the caller's
 * first call and is gone with it.
 */
function listensIn(value: unknown, finish: () => void): boolean {
  try {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
    const thenable = value as { then?: unknown }
    const original = thenable.then
    if (typeof original !== 'function') return false
    const own = Object.getOwnPropertyDescriptor(thenable, 'then')
    const listening = function (this: unknown, ...reactions: unknown[]): unknown {
      if (own === undefined) Reflect.deleteProperty(thenable, 'then')
      else Object.defineProperty(thenable, 'then', own)
      const [fulfilled, rejected, ...rest] = reactions
      return original.call(
        this,
        afterwards(finish, fulfilled, (value) => value),
        afterwards(finish, rejected, rethrow),
        ...rest,
      )
    }
    return Reflect.defineProperty(thenable, 'then', { value: listening, configurable: true, writable: true })
  } catch {
    // A getter or a proxy that does not like to be asked.
    return false
  }
}

/** A reaction that calls `finish` first; `otherwise` stands for a reaction that the caller did not give. */
function afterwards(finish: () => void, reaction: unknown, otherwise: (outcome: unknown) => unknown) {
  const react = typeof reaction === 'function' ? reaction : otherwise
  return (...outcome: unknown[]): unknown => {
    finish()
    return react(...outcome)
  }
}

function rethrow(reason: unknown): never {
  throw reason
}
