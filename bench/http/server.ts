import { join } from 'node:path'
import { instrument } from './instrument'
import type { Scenario, Variant } from './scenarios'
import { startServer } from './servers'

/** Microseconds of CPU time, user and system, of this process between two commands of the parent. */
export interface CpuAnswer {
  readonly cpuUs: number
}

const [scenario, variant, root] = process.argv.slice(2) as [Scenario, Variant, string]
instrument(scenario, variant, join(root, 'dist/index.js'))
void startServer(scenario, variant, root).then((port) => {
  let before = process.cpuUsage()
  process.on('message', (command) => {
    if (command === 'mark') before = process.cpuUsage()
    const used = process.cpuUsage(before)
    process.send?.({ cpuUs: used.user + used.system } satisfies CpuAnswer)
  })
  process.send?.({ port })
})
process.on('disconnect', () => process.exit())
