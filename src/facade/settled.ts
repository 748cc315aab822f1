import { types } from 'node:util'

/** Hears how a call ended: `failed`, or well, and with what: what was thrown, or what the caller gets in the end. */
export type Ending = (failed: boolean, outcome: unknown) => void

/**
 * Calls `end` once: when the promise that a call returned settles, or at once where it returned no promise. Returns
 * what is to be given to the caller: the same value, the same promise or one that settles alike.
 */
export function whenSettled<T>(result: T, end: Ending): T {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
    end(false, result)
    return result
  }
  if (isPlainPromise(result)) {
    // Listening to a promise counts as handling its rejection; passing it on keeps it as unhandled as it was.
    return result.then(
      (value) => {
        end(false, value)
        return value
      },
      (reason) => {
        end(true, reason)
        throw reason
      },
    ) as T
  }
  if (isEagerPromise(result)) {
    // This branch of the promise handles a rejection only to hear of it.
    result.then(
      (value) => end(false, value),
      (reason) => end(true, reason),
    )
  } else if (!listensIn(result, end)) end(false, result)
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
 * Has `end` called when a thenable of another kind settles, and returns whether it will be. Query builders start
 * their work in `then`, so calling it here could run a query twice; instead, an own `then` listens in on the caller's
 * first call and is gone with it.
 */
function listensIn(thenable: { then?: unknown }, end: Ending): boolean {
  let ended = false
  const endOnce: Ending = (failed, outcome) => {
    if (!ended) end(failed, outcome)
    ended = true
  }
  try {
    const original = thenable.then
    if (typeof original !== 'function') return false
    const own = Object.getOwnPropertyDescriptor(thenable, 'then')
    const listening = function (this: unknown, ...reactions: unknown[]): unknown {
      if (own === undefined) Reflect.deleteProperty(thenable, 'then')
      else Object.defineProperty(thenable, 'then', own)
      const [fulfilled, rejected, ...rest] = reactions
      return original.call(
        this,
        afterwards(
          (value) => endOnce(false, value),
          fulfilled,
          (value) => value,
        ),
        afterwards((reason) => endOnce(true, reason), rejected, rethrow),
        ...rest,
      )
    }
    return Reflect.defineProperty(thenable, 'then', { value: listening, configurable: true, writable: true })
  } catch {
    // A getter or a proxy that does not like to be asked.
    return false
  }
}

/** A reaction that calls `hear` first; `otherwise` stands for a reaction that the caller did not give. */
function afterwards(hear: (outcome: unknown) => void, reaction: unknown, otherwise: (outcome: unknown) => unknown) {
  const react = typeof reaction === 'function' ? reaction : otherwise
  return (...outcome: unknown[]): unknown => {
    hear(outcome[0])
    return react(...outcome)
  }
}

function rethrow(reason: unknown): never {
  throw reason
}
