/**
 * Starts the metrics of a process before its own code runs: `node --import meterkit/register app.js`, or `--require`.
 * What it needs to know is in the environment. Nothing here ends or stops the process.
 */
import { isMainThread } from 'node:worker_threads'
import type { MetricsOptions } from './config/options'
import { markOf, processRole, REGISTERED } from './config/process-role'

// What may need a package is not imported: one that is not installed must not keep the application from starting either.
try {
  const warnings: string[] = []
  const options = optionsOf((message) => warnings.push(message))
  if (options !== undefined) {
    const isMain = process.env[REGISTERED] === markOf(process.pid, options.prometheus?.port)
    for (const warning of isMain ? warnings : []) say('warning', warning)
    // Loaded again, they have the role that they have now, and a bad value is an error.
    const { startMetrics } = require('./init') as typeof import('./init')
    startMetrics(() => optionsOf() ?? options, options)
  }
} catch (error) {
  say('error', `metrics could not be started: ${error instanceof Error ? error.message : String(error)}`)
}

/** How this process is to be measured; `undefined` where it is not to be. */
function optionsOf(fault?: (message: string) => void): MetricsOptions | undefined {
  const { optionsOfProcess } = require('./config/sources') as typeof import('./config/sources')
  const { options } = optionsOfProcess({}, process.env, fault)
  const port = options.prometheus?.port
  const { argv, env, pid } = process
  const role = processRole({ argv, env, pid, isMainThread, isRunning }, port)
  if (role === 'launcher') return undefined
  const prometheus = { ...options.prometheus, server: false }
  // What belongs to the process is measured by its main thread.
  if (role === 'thread') return { ...options, prometheus, runtime: false }
  if (role === 'child') return { ...options, prometheus }
  process.env[REGISTERED] = markOf(pid, port)
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
