/** How long work that may be long holds the event loop in one go, in milliseconds. */
export const TURN_MS = 2

/**
 * Lets everybody else have their turn: a whole round of the event loop, with its timers and whatever came in. That takes two
 * immediates, as the first one that is set in a callback of I/O runs in the same round, before anything else.
 */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(setImmediate, resolve))
}

/** Does steps, with a turn for everybody else whenever they have taken {@link TURN_MS}. */
export async function doneInTurns(steps: Iterable<void>): Promise<void> {
  let startMs = performance.now()
  for (const _step of steps) {
    if (performance.now() - startMs < TURN_MS) continue
    await othersTurn()
    startMs = performance.now()
  }
}

/** Does steps in one go. */
export function doneAtOnce(steps: Iterable<void>): void {
  for (const _step of steps);
}
