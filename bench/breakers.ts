import { breakerCalls, type Calls } from './breaker-contestants'
import { median } from './measure'
import { printTable } from './report'

/** What measuring a circuit breaker adds to a call through it: CPU time and bytes, against the bare library and peers. */

const ROUNDS = 15
const SLICE_MS = 80
const ALLOCATION_CALLS = 40_000

type Call = () => Promise<unknown>

async function run(call: Call, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await call()
}

async function cpuMs(call: Call, count: number): Promise<number> {
  const start = process.cpuUsage()
  await run(call, count)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}

/** The same number of calls for all contestants of a library, so that their times can be compared round by round. */
async function callsOfSlice({ contestants }: Calls): Promise<number> {
  let count = 200
  for (const { call } of contestants) {
    // Compiles the code before it is measured.
    while ((await cpuMs(call, count)) < SLICE_MS) count *= 2
  }
  return count
}

/** Nanoseconds that each contestant adds to a bare call: the median over rounds in which they take turns. */
async function addedNs({ contestants }: Calls, count: number): Promise<{ bare: number; added: number[] }> {
  const times = contestants.map(() => [] as number[])
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      // Nobody always goes first, or after the same one.
      const index = (turn + round) % contestants.length
      const call = contestants[index]?.call as Call
      times[index]?.push(((await cpuMs(call, count)) * 1e6) / count)
    }
  }
  const [bare = []] = times
  const added = times.map((own) => median(own.map((time, round) => time - (bare[round] ?? Number.NaN))))
  return { bare: median(bare), added }
}

/** Bytes that each contestant leaves for the garbage collector, which does not run in between. */
async function bytesEach({ contestants }: Calls): Promise<number[]> {
  const bytes: number[] = []
  for (const { call } of contestants) {
    await run(call, 2_000)
    global.gc?.()
    const before = process.memoryUsage().heapUsed
    await run(call, ALLOCATION_CALLS)
    bytes.push((process.memoryUsage().heapUsed - before) / ALLOCATION_CALLS)
  }
  return bytes
}

async function main(): Promise<void> {
  for (const calls of await breakerCalls()) {
    const { bare, added } = await addedNs(calls, await callsOfSlice(calls))
    const bytes = await bytesEach(calls)
    const [, ours = Number.NaN] = added
    const rows = calls.contestants.map(({ name }, index) => {
      const extra = added[index] ?? Number.NaN
      const allocated = Math.round((bytes[index] ?? Number.NaN) - (bytes[0] ?? Number.NaN))
      if (index === 0)
        return {
          contestant: `${name}: ${bare.toFixed(0)} ns, ${Math.round(bytes[0] ?? 0)} bytes`,
          measured: '0',
          ratio: '',
        }
      const ratio = index === 1 ? '1' : (extra / ours).toFixed(extra / ours < 10 ? 2 : 0)
      return { contestant: `${name}, allocating ${allocated} bytes`, measured: extra.toFixed(0), ratio }
    })
    printTable(`Circuit breaker: ${calls.library}, CPU time added to a call`, 'ns', rows)
  }
  // brakes and opossum keep timers, and opossum's keep the process.
  process.exit()
}

void main()
