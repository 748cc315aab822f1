import { types } from 'node:util'

/**
 * Tells how a result turns out, and returns what to hand on in its place: the result itself, or for a promise one that
 * settles alike, because listening to a promise marks its rejection as handled, which would hide it from
 * `unhandledRejection`. A promise of a subclass is handed on as it is, and its rejection is then only listened to. A
 * thenable of another kind counts as done: calling `then` may be what starts its work.
 */
export function settling<T>(result: T, done: (value: unknown) => void, failed: (error: unknown) => void): T {
  if (!types.isPromise(result)) {
    done(result)
    return result
  }
  const promise: Promise<unknown> = result
  if (Object.getPrototypeOf(promise) === Promise.prototype && !Object.hasOwn(promise, 'then')) {
    return promise.then(
      (value) => {
        done(value)
        return value
      },
      (error) => {
        failed(error)
        throw error
      },
    ) as T
  }
  listen(promise, done, failed)
  return result
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
