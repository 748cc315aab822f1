import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects all garbage that there is. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  collect()
}

/** What is on the heap when everything that can go is gone. */
export function heapUsedBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
