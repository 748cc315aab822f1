import { NOTHING } from './chunk'

/** Items that are sorted in one go, and so many that are merged: less than a millisecond's work. */
const RUN = 64
const STEP = 1_000

/** Does the steps in turns of a page. Returns what they come to. */
export function* inTurnsOfPage<T>(steps: Generator<void, T, void>): Generator<Buffer, T, void> {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value as T
    yield NOTHING
  }
}

/** The items in order, a step of the work whenever the next value is asked for. No two of them may be the same. */
export function* sortedInSteps<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Generator<void, readonly T[], void> {
  let runs: (readonly T[])[] = []
  for (let start = 0; start < items.length; start += RUN) {
    yield
    runs.push(items.slice(start, start + RUN).sort(compare))
  }
  while (runs.length > 1) {
    const longer: (readonly T[])[] = []
    for (let index = 0; index < runs.length; index += 2) {
      const [run = [], next] = [runs[index], runs[index + 1]]
      longer.push(next === undefined ? run : yield* merged(run, next, compare))
    }
    runs = longer
  }
  return runs[0] ?? []
}

function* merged<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T, b: T) => number,
): Generator<void, readonly T[], void> {
  const items: T[] = []
  for (let fromA = 0, fromB = 0; fromA < a.length || fromB < b.length; ) {
    if (items.length % STEP === 0) yield
    const takesA = fromB === b.length || (fromA < a.length && compare(a[fromA] as T, b[fromB] as T) < 0)
    items.push((takesA ? a[fromA++] : b[fromB++]) as T)
  }
  return items
}
