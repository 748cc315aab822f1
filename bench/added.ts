import { printTable, type Row } from './report'

/** Does one thing through a library: a call through a breaker, or a message on a bus. */
export type Call = () => unknown

/** One thing of one library: through the bare library first, then measured by meterkit, then by a peer. */
export interface Calls {
  readonly library: string
  readonly contestants: readonly { readonly name: string; readonly call: Call }[]
}

const ROUNDS = 400
const SLICE_NS = 500_000
const WARM_UP_CALLS = 5_000
const COUNTED_CALLS = 40_000

async function runCalls(call: Call, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    // What ends at once is not waited for: that alone would take longer than measuring it.
    const result = call()
    if (result instanceof Promise) await result
  }
}

async function nanosecondsOf(call: Call, count: number): Promise<number> {
  const start = process.hrtime.bigint()
  await runCalls(call, count)
  return Number(process.hrtime.bigint() - start) / count
}

/**
 * The nanoseconds of a call by contestant. Calls are short and make much garbage, so a slice is short too, and the fastest
 * of many slices in turns is taken: nothing else that the machine does can make a slice faster.
 */
async function fastest(calls: readonly Call[]): Promise<number[]> {
  for (const call of calls) await runCalls(call, WARM_UP_CALLS)
  const count = Math.max(10, Math.round(SLICE_NS / (await nanosecondsOf(calls[0] as Call, 1_000))))
  const best = calls.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, call] of calls.entries()) {
      best[index] = Math.min(best[index] as number, await nanosecondsOf(call, count))
    }
  }
  return best
}

/** Prints what a call takes, and what measuring adds to it, against the bare library and its peers. */
export async function printAddedTime(title: string, { contestants }: Calls): Promise<void> {
  const [bare = Number.NaN, ...measured] = await fastest(contestants.map(({ call }) => call))
  const [ours = Number.NaN] = measured
  printTable(title, 'ns', [
    { contestant: contestants[0]?.name ?? '', measured: bare.toFixed(0), ratio: '' },
    ...measured.map((time, index) => ({
      contestant: `added by ${contestants[index + 1]?.name}`,
      measured: (time - bare).toFixed(0),
      ratio: index === 0 ? '1' : ((time - bare) / (ours - bare)).toFixed(2),
    })),
  ])
}

/** The growth of the heap over many calls, without a garbage collection in between. */
async function bytesOf(call: Call): Promise<number> {
  // Until all of it is compiled for good, which takes a while: the interpreter puts every number into an object.
  await runCalls(call, 5 * COUNTED_CALLS)
  global.gc?.()
  const before = process.memoryUsage().heapUsed
  await runCalls(call, COUNTED_CALLS)
  return (process.memoryUsage().heapUsed - before) / COUNTED_CALLS
}

/** Prints what a call allocates, and what each contestant adds to the bare library's. */
export async function printAddedBytes(title: string, all: readonly Calls[]): Promise<void> {
  const rows: Row[] = []
  for (const { library, contestants } of all) {
    const bytes: number[] = []
    for (const { call } of contestants) bytes.push(await bytesOf(call))
    const [bare = Number.NaN] = bytes
    for (const [index, { name }] of contestants.entries()) {
      const own = bytes[index] as number
      rows.push({
        contestant: `${library}, ${name}`,
        measured: (index === 0 ? own : own - bare).toFixed(0),
        ratio: index === 0 || bare < 1 ? '' : `${(own / bare).toFixed(2)} × the bare call`,
      })
    }
  }
  printTable(title, 'bytes', rows)
}
