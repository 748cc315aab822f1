/** Runs `count` operations. */
export type Operations = (count: number) => void

export interface Contestant {
  readonly name: string
  readonly run: Operations
}

const ROUNDS = 15
const SLICE_MS = 40

/**
 * Nanoseconds an operation takes, by contestant: the median over rounds in which all of them take turns, so that
 * whatever else the machine does hits all of them alike.
 */
export function nanosecondsEach(contestants: readonly Contestant[]): Map<string, number> {
  const counts = contestants.map(({ run }) => calibrated(run))
  const times = contestants.map(() => [] as number[])
  for (let round = 0; round < ROUNDS; round++) {
    contestants.forEach(({ run }, index) => {
      const count = counts[index] as number
      times[index]?.push((timeMs(run, count) * 1e6) / count)
    })
  }
  return new Map(contestants.map(({ name }, index) => [name, median(times[index] as number[])]))
}

/**
 * How many operations fill a slice; finding out warms the code up, which takes time itself, of the compiler's threads too:
 * so the second of two times counts, if it is the shorter one.
 */
function calibrated(run: Operations): number {
  let count = 1_000
  for (;;) {
    const elapsedMs = Math.min(timeMs(run, count), timeMs(run, count))
    if (elapsedMs >= SLICE_MS) return count
    count = Math.ceil(count * Math.max(2, Math.min(10, SLICE_MS / Math.max(elapsedMs, 0.1))))
  }
}

/** CPU time of the process, garbage collection included: what a neighbour on the machine takes is not counted. */
function timeMs(run: Operations, count: number): number {
  const start = process.cpuUsage()
  run(count)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}
