/** What becomes of a wait of so many milliseconds. */
export type Change = (waitMs: number) => number

/** The shortest time that exporters wait before they try again. */
const BACK_OFF_MS = 800

/** A limit for one that is to try again at once: long enough for a slow machine, and longer than any wait that is changed. */
export const LIMIT_MS = 4_000

/**
 * Has exporters try again at once, whether they wait by themselves or because the receiver says so: a test need not wait for
 * it, nor have a limit so short that none is tried again, which a slow machine comes to.
 */
export const triesAgainAtOnce: Change = (waitMs) => (waitMs >= BACK_OFF_MS && waitMs < LIMIT_MS ? 1 : waitMs)

/** Has the waits that are begun by `setTimeout` during `work` be others, for all code that is under way then. */
export async function withWaits<T>(change: Change, work: () => Promise<T>): Promise<T> {
  const { setTimeout } = globalThis
  const changed = (then: (...args: unknown[]) => void, waitMs = 0, ...args: unknown[]) =>
    setTimeout(then, change(waitMs), ...args)
  globalThis.setTimeout = Object.assign(changed, setTimeout)
  try {
    return await work()
  } finally {
    globalThis.setTimeout = setTimeout
  }
}
