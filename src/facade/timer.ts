import type { Clock } from '../model/clock'

/** Calls `record` with the duration when `fn` returns, throws, or the promise that it returned settles. */
export function timed<T>(clock: Clock, record: (elapsedMs: number) => void, fn: () => T): T {
  const startMs = clock.monotonicMs()
  const finish = () => record(clock.monotonicMs() - startMs)
  let result: T
  try {
    result = fn()
  } catch (error) {
    finish()
    throw error
  }
  if (!isThenable(result)) {
    finish()
    return result
  }
  // The caller gets the very promise that fn returned; this branch of it handles a rejection only to record it.
  result.then(finish, finish)
  return result
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
