import { breakerCalls, type Call, runCalls } from './breaker-contestants'
import { printTable } from './report'

/**
 * What a call through a circuit breaker allocates: the growth of the heap over many calls, without a garbage collection
 * in between, and what each contestant adds to the bare library's.
 */
const CALLS = 40_000
const WARM_UP_CALLS = 20_000

async function bytesOf(call: Call): Promise<number> {
  await runCalls(call, WARM_UP_CALLS)
  global.gc?.()
  const before = process.memoryUsage().heapUsed
  await runCalls(call, CALLS)
  return (process.memoryUsage().heapUsed - before) / CALLS
}

async function main(): Promise<void> {
  const rows = []
  for (const { library, contestants } of await breakerCalls()) {
    const bytes: number[] = []
    for (const { call } of contestants) bytes.push(await bytesOf(call))
    const [bare = Number.NaN] = bytes
    for (const [index, { name }] of contestants.entries()) {
      const own = bytes[index] as number
      rows.push({
        contestant: `${library}, ${name}`,
        measured: (index === 0 ? own : own - bare).toFixed(0),
        ratio: index === 0 ? '' : `${(own / bare).toFixed(2)} × the bare call`,
      })
    }
  }
  printTable('Circuit breakers: allocation of a call, and what measuring adds to it', 'bytes', rows)
  process.exit()
}

void main()
