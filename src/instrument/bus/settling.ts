import { types } from 'node:util'

/** What is to be done when a promise settles. */
interface Reactions {
  /** Returns what it is given. */
  fulfilled(value: unknown): unknown
  rejected(error: unknown): void
  /** Throws what it is given. */
  rethrowing(error: unknown): never
}

/**
 * Tells how a promise turns out, and returns what to hand on in its place: one that settles alike, because listening to a
 * promise marks its rejection as handled, which would hide it from `unhandledRejection`. A promise of a subclass, or with
 * properties of its own, as `cancel`, is handed on as it is, and its rejection is then only listened to.
 */
export function handingOn<T extends Promise<unknown>>(promise: T, reactions: Reactions): T {
  if (isPlain(promise)) {
    return promise.then(reactions.fulfilled, reactions.rethrowing) as T
  }
  listen(promise, reactions.fulfilled, reactions.rejected)
  return promise
}

/** Whether a promise made from this one is as good. Asking for a list of its properties would allocate. */
function isPlain(promise: Promise<unknown>): boolean {
  if (Object.getPrototypeOf(promise) !== Promise.prototype || Object.hasOwn(promise, 'then')) return false
  for (const _key in promise) return false
  return true
}

/**
 * Tells how a result turns out, and returns what to hand on in its place: the result itself, or for a promise what
 * {@link handingOn} gives. A thenable of another kind counts as done: calling `then` may be what starts its work.
 */
export function settling<T>(result: T, done: (value: unknown) => void, failed: (error: unknown) => void): T {
  if (!types.isPromise(result)) {
    done(result)
    return result
  }
  return handingOn(result, {
    fulfilled(value) {
      done(value)
      return value
    },
    rejected: failed,
    rethrowing(error) {
      failed(error)
      throw error
    },
  })
}

/** Tells how a promise turns out that somebody else handles; its rejection counts as handled from then on. */
export function listen(promise: unknown, done: (value: unknown) => void, failed: (error: unknown) => void): void {
  try {
    Promise.prototype.then.call(promise, done, failed)
  } catch {
    // `then` asks a subclass of Promise for its constructor, which may be anything.
    done(undefined)
  }
}
