import { getHeapSpaceStatistics } from 'node:v8'
import type { Instruments } from '../../facade/instruments'
import {
  externalMemory,
  heapSizeTotal,
  heapSizeUsed,
  heapSpaceAvailable,
  heapSpaceTotal,
  heapSpaceUsed,
  processHeap,
  residentMemory,
  virtualMemory,
} from './memory.metrics'
import type { Procfs } from './procfs'

/** Reads the memory of V8 and of the process at every collection; returns what stops it. */
export function instrumentMemory(metrics: Instruments, procfs: Procfs | undefined): () => void {
  const removals = [observeUsage(metrics), observeHeapSpaces(metrics)]
  if (procfs) removals.push(observeProcfs(metrics, procfs))
  return () => {
    for (const remove of removals) remove()
  }
}

function observeUsage(metrics: Instruments): () => void {
  const total = metrics.observableGauge(heapSizeTotal)
  const used = metrics.observableGauge(heapSizeUsed)
  const external = metrics.observableGauge(externalMemory)
  const resident = metrics.observableGauge(residentMemory)
  const batch = metrics.addBatchCallback(
    (result) => {
      const usage = process.memoryUsage()
      result.observe(total, usage.heapTotal)
      result.observe(used, usage.heapUsed)
      result.observe(external, usage.external)
      result.observe(resident, usage.rss)
    },
    [total, used, external, resident],
  )
  return () => batch.remove()
}

function observeHeapSpaces(metrics: Instruments): () => void {
  const total = metrics.observableGauge(heapSpaceTotal)
  const used = metrics.observableGauge(heapSpaceUsed)
  const available = metrics.observableGauge(heapSpaceAvailable)
  const batch = metrics.addBatchCallback(
    (result) => {
      for (const statistics of getHeapSpaceStatistics()) {
        // Dashboards select by `old`, `new`, …; V8 says `old_space`, `new_space`, ….
        const space = statistics.space_name.replace(/_space$/, '')
        result.observe(total, statistics.space_size, { space })
        result.observe(used, statistics.space_used_size, { space })
        result.observe(available, statistics.space_available_size, { space })
      }
    },
    [total, used, available],
  )
  return () => batch.remove()
}

function observeProcfs(metrics: Instruments, procfs: Procfs): () => void {
  const virtual = metrics.observableGauge(virtualMemory)
  const heap = metrics.observableGauge(processHeap)
  const batch = metrics.addBatchCallback(
    (result) => {
      const memory = procfs.memory()
      if (!memory) return
      result.observe(virtual, memory.virtualBytes)
      result.observe(heap, memory.dataBytes)
    },
    [virtual, heap],
  )
  return () => batch.remove()
}
