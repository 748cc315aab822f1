import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** The processors that servers and the load generator have to themselves. */
export type Core = 'server' | 'load'

const CORES: Readonly<Record<Core, number>> = { server: 0, load: 1 }
const TASKSET = 'taskset'

/** Whether processes can be kept on one processor here. */
export const isPinned =
  availableParallelism() >= 2 && spawnSync(TASKSET, ['--cpu-list', '0,1', process.execPath, '--version']).status === 0

/** Starts a program of Node.js on the processor of its kind, where that can be. */
export function forkPinned(core: Core, file: string, args: readonly string[] = []): ChildProcess {
  if (!isPinned) return fork(file, args, { execArgv: [] })
  const execArgv = ['--cpu-list', String(CORES[core]), process.execPath]
  return fork(file, args, { execPath: TASKSET, execArgv })
}
