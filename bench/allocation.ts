import { printTable } from './report'
import { BUCKETS, quietService } from './services'

/**
 * What a recording on a bound instrument allocates: the growth of the heap over ten million of them, without a garbage
 * collection in between. An allocation of one number each would show as 16 bytes.
 */
const RECORDINGS = 10_000_000

const service = quietService()
const labelNames = ['a'] as const
const counter = service.counter({ name: 'c_total', labelNames }).bind({ a: 'x' })
const upDownCounter = service.upDownCounter({ name: 'u', labelNames }).bind({ a: 'x' })
const gauge = service.gauge({ name: 'g', labelNames }).bind({ a: 'x' })
const histogram = service.histogram({ name: 'h', labelNames, buckets: BUCKETS }).bind({ a: 'x' })

const native = service.histogram({ name: 'n', labelNames, native: true }).bind({ a: 'x' })

const RUNS: Readonly<Record<string, (count: number) => void>> = {
  'counter `add()`': (count) => {
    for (let index = 0; index < count; index++) counter.add()
  },
  'counter `add(0.5)`': (count) => {
    for (let index = 0; index < count; index++) counter.add(0.5)
  },
  'up-down counter `add`': (count) => {
    for (let index = 0; index < count; index++) upDownCounter.add(index & 1 ? 1.5 : -1.5)
  },
  'gauge `set`': (count) => {
    for (let index = 0; index < count; index++) gauge.set(index * 0.1)
  },
  'histogram `record`': (count) => {
    for (let index = 0; index < count; index++) histogram.record((index & 1_023) / 100)
  },
  'native histogram `record`': (count) => {
    for (let index = 0; index < count; index++) native.record((index & 1_023) / 100)
  },
}

function bytesEach(run: (count: number) => void): number {
  // The first rounds run in the interpreter, which boxes every number.
  for (let warmUp = 0; warmUp < 3; warmUp++) run(RECORDINGS / 2)
  global.gc?.()
  const before = process.memoryUsage().heapUsed
  run(RECORDINGS)
  return Math.max(0, process.memoryUsage().heapUsed - before) / RECORDINGS
}

printTable(
  'Allocation of a recording on a bound instrument',
  'bytes',
  Object.entries(RUNS).map(([contestant, run]) => {
    const bytes = bytesEach(run)
    return { contestant, measured: bytes.toFixed(3), ratio: bytes < 1 ? 'none' : 'allocates' }
  }),
)
