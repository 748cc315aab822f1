import { breakerCalls, type Call, runCalls } from './breaker-contestants'
import { printTable } from './report'

/**
 * What measuring a circuit breaker adds to a call through it, against the bare library and its peers. Calls are short and
 * make much garbage, so a slice is short too, and the fastest of many slices in turns is taken: nothing else that the
 * machine does can make a slice faster.
 */
const ROUNDS = 400
const SLICE_NS = 500_000
const WARM_UP_CALLS = 5_000

async function nanosecondsOf(call: Call, count: number): Promise<number> {
  const start = process.hrtime.bigint()
  await runCalls(call, count)
  return Number(process.hrtime.bigint() - start) / count
}

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

async function main(): Promise<void> {
  for (const { library, contestants } of await breakerCalls()) {
    const [bare = Number.NaN, ...measured] = await fastest(contestants.map(({ call }) => call))
    const [ours = Number.NaN] = measured
    printTable(`Circuit breaker, ${library}: time of a call, and what measuring adds to it`, 'ns', [
      { contestant: contestants[0]?.name ?? '', measured: bare.toFixed(0), ratio: '' },
      ...measured.map((time, index) => ({
        contestant: `added by ${contestants[index + 1]?.name}`,
        measured: (time - bare).toFixed(0),
        ratio: index === 0 ? '1' : ((time - bare) / (ours - bare)).toFixed(2),
      })),
    ])
  }
  // The timers of the breakers would keep the process.
  process.exit()
}

void main()
