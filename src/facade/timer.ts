import type { Clock } from '../model/clock'
import { whenSettled } from './settled'

/**
 * Calls `record` with the duration when `fn` returns, throws, or the promise that it returned settles. Gives the caller
 * what `fn` gave: the same value, the same exception, the same promise or one that settles alike.
 */
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
  return whenSettled(result, finish)
}
