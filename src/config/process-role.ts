/** What a process, or a thread, that was started with `meterkit/register` is for the application. */
export type ProcessRole =
  /** A program that only starts others, which inherit `NODE_OPTIONS`: a package manager, a runner. */
  | 'launcher'
  /** A worker thread. */
  | 'thread'
  /** A process that a measured one has started: a fork, a cluster's worker. */
  | 'child'
  | 'main'

/** What is asked of a process. */
export interface ProcessFacts {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pid: number
  readonly isMainThread: boolean
  /** Whether a process of this id runs. */
  isRunning(pid: number): boolean
}

/** Where a process says to those that it starts that it has an endpoint: its id, and the port it was to take. */
export const REGISTERED = 'METERKIT_REGISTERED'

/** Programs that only start others, by the names of their commands. */
const COMMANDS = [
  ...['npm', 'npm-cli', 'npx', 'npx-cli', 'pnpm', 'pnpx', 'yarn', 'corepack'],
  ...['tsx', 'nodemon', 'pm2', 'nest', 'cross-env', 'dotenv', 'concurrently', 'turbo', 'nx'],
].join('|')

/** A command lies in a folder for commands: an application may call its own file `nest.js`. */
const LAUNCHER = new RegExp(`/\\.?bin/(?:${COMMANDS})(?:\\.[cm]?js)?$|/tsx/dist/cli\\.mjs$|/pm2/lib/Daemon\\.js$`)

/** The mark that a process leaves for those that it starts. */
export function markOf(pid: number, port: number | undefined): string {
  return `${pid}:${port ?? ''}`
}

/** The role of a process whose endpoint is to take `port`. A child that was given a port of its own is as good as any other. */
export function processRole(
  { argv, env, pid, isMainThread, isRunning }: ProcessFacts,
  port: number | undefined,
): ProcessRole {
  if (!isMainThread) return 'thread'
  if (LAUNCHER.test((argv[1] ?? '').replaceAll('\\', '/'))) return 'launcher'
  const parent = Number.parseInt(env[REGISTERED] ?? '', 10)
  const isChild = parent > 0 && parent !== pid && env[REGISTERED] === markOf(parent, port) && isRunning(parent)
  return isChild ? 'child' : 'main'
}
