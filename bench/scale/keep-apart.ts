import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { Child } from '../child'

/**
 * Keeps the event loop of a service on a processor of its own, and `others`, this process among them, on another: a
 * scraper and a load that come from the same machine would take turns with the loop, and that is no stall of its making. The
 * threads on which the service compresses and collects garbage stay free. Where the machine has not two processors, or cannot
 * keep processes on one, it leaves them as they are.
 */
export function keepApart(service: Child, ...others: readonly Child[]): void {
  if (availableParallelism() < 2) return
  const keep = (pid: number, processor: number, ...more: readonly string[]) =>
    spawnSync('taskset', [...more, '--pid', '--cpu-list', String(processor), String(pid)])
  keep(service.pid, 0)
  for (const pid of [...others.map((other) => other.pid), process.pid]) keep(pid, 1, '--all-tasks')
}
