import type { Instruments } from '../../facade/instruments'
import { cpu, cpuSystem, cpuUser, maxFds, openFds, startTime, versionInfo } from './process.metrics'
import type { Procfs } from './procfs'

/** Tells what the process is and has used at every collection; returns what stops it. */
export function instrumentProcess(metrics: Instruments, procfs: Procfs | undefined): () => void {
  const [major = '', minor = '', patch = ''] = process.versions.node.split('.')
  metrics.gauge(versionInfo).set(1, { version: process.version, major, minor, patch })
  metrics.gauge(startTime).set(metrics.clock.nowMs() / 1000 - process.uptime())

  const removals = [observeCpu(metrics)]
  if (procfs) {
    const limit = procfs.maxFds()
    if (limit !== undefined) metrics.gauge(maxFds).set(limit)
    removals.push(observeOpenFds(metrics, procfs))
  }
  return () => {
    for (const remove of removals) remove()
  }
}

function observeCpu(metrics: Instruments): () => void {
  const user = metrics.observableCounter(cpuUser)
  const system = metrics.observableCounter(cpuSystem)
  const both = metrics.observableCounter(cpu)
  const batch = metrics.addBatchCallback(
    (result) => {
      // Since the process started, as `process_start_time_seconds` implies, not since it is measured.
      const usage = process.cpuUsage()
      result.observe(user, usage.user / 1e6)
      result.observe(system, usage.system / 1e6)
      result.observe(both, (usage.user + usage.system) / 1e6)
    },
    [user, system, both],
  )
  return () => batch.remove()
}

function observeOpenFds(metrics: Instruments, procfs: Procfs): () => void {
  const open = metrics.observableGauge(openFds)
  const observe = async (result: { observe(value: number): void }): Promise<void> => {
    const count = await procfs.openFds()
    if (count !== undefined) result.observe(count)
  }
  open.addCallback(observe)
  return () => open.removeCallback(observe)
}
