/**
 * Starts the metrics of a process before its own code runs: `node --import meterkit/register app.js`, or `--require`.
 * What it needs to know is in the environment. Nothing here ends or stops the process.
 */
import { isMainThread } from 'node:worker_threads'
import type { MetricsOptions } from './config/options'
import { markOf, processRole, REGISTERED } from './config/process-role'

// What may need a package is not imported: one that is not installed must not keep the application from starting either.
try {
  const options = optionsOf()
  if (options !== undefined) (require('./init') as typeof import('./init')).startMetrics(options)
} catch (error) {
  say('error', `metrics could not be started: ${error instanceof Error ? error.message : String(error)}`)
}

/** How this process is to be measured; `undefined` where it is not to be. */
function optionsOf(): MetricsOptions | undefined {
  const warnings: string[] = []
  const { optionsOfProcess } = require('./config/sources') as typeof import('./config/sources')
  const { options } = optionsOfProcess({}, process.env, (message) => warnings.push(message))
  const port = options.prometheus?.port
  const { argv, env, pid } = process
  const role = processRole({ argv, env, pid, isMainThread, isRunning }, port)
  if (role === 'launcher') return undefined
  const prometheus = { ...options.prometheus, server: false }
  // What belongs to the process is measured by its main thread.
  if (role === 'thread') return { ...options, prometheus, runtime: false }
  if (role === 'child') return { ...options, prometheus }
  process.env[REGISTERED] = markOf(pid, port)
  for (const warning of warnings) say('warning', warning)
  return options
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function say(level: string, message: string): void {
  console.error(`meterkit: ${level}: ${message}`)
}
