/** How long work that may be long holds the event loop in one go, in milliseconds: all of it together, if it is several. */
const TURN_MS = 2

/** When the turn began that work has in this round of the event loop; `undefined` where there was none. */
let turnStartMs: number | undefined

/** Who waits for a turn, in the order of coming. */
const waiting: (() => void)[] = []

/** Says that work begins, which asks {@link isTurnOver} from then on. It shares the turn of what others did in this round. */
export function joinTurn(): void {
  if (turnStartMs === undefined) beginTurn()
}

/** Whether work has to wait for {@link othersTurn} before it goes on. */
export function isTurnOver(): boolean {
  joinTurn()
  return performance.now() - (turnStartMs as number) >= TURN_MS
}

/**
 * Lets everybody else have their turn: a whole round of the event loop, with its timers and whatever came in. That takes two
 * immediates, as the first one that is set in a callback of I/O runs in the same round, before anything else. Of several
 * that wait, one goes on in each round: pages that are written at the same time hold the loop no longer than one.
 */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length === 1) setImmediate(setImmediate, goOn)
  })
}

function goOn(): void {
  beginTurn()
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(goOn)
}

function beginTurn(): void {
  turnStartMs = performance.now()
  setImmediate(endTurn)
}

function endTurn(): void {
  turnStartMs = undefined
}

/** Steps that come to something. */
export type Steps<T> = Iterator<void, T, void>

/** Does steps, with a turn for everybody else whenever one {@link isTurnOver}. Gives what they come to. */
export async function doneInTurns<T>(steps: Steps<T>): Promise<T> {
  joinTurn()
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (isTurnOver()) await othersTurn()
  }
}

/** Does steps in one go. Returns what they come to. */
export function doneAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
