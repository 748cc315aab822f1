import { constants, type NodeGCPerformanceDetail, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import type { Instruments } from '../../facade/instruments'
import { gcDuration } from './garbage-collection.metrics'

type GarbageCollectionEntry = PerformanceEntry & { readonly detail: NodeGCPerformanceDetail }

/** V8's minor mark-sweep, which Node.js 22 reports without having a constant for it. */
const MINOR_MARK_SWEEP = 2

/** Measures garbage collections as Node.js reports them, from now on; returns what stops it. */
export function instrumentGarbageCollection(metrics: Instruments): () => void {
  const duration = metrics.histogram(gcDuration)
  const minor = duration.bind({ kind: 'minor' })
  const byKind = new Map([
    [constants.NODE_PERFORMANCE_GC_MINOR, minor],
    [MINOR_MARK_SWEEP, minor],
    [constants.NODE_PERFORMANCE_GC_MAJOR, duration.bind({ kind: 'major' })],
    [constants.NODE_PERFORMANCE_GC_INCREMENTAL, duration.bind({ kind: 'incremental' })],
    [constants.NODE_PERFORMANCE_GC_WEAKCB, duration.bind({ kind: 'weakcb' })],
  ])
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as GarbageCollectionEntry[]) {
      const { kind } = entry.detail
      if (kind !== undefined) byKind.get(kind)?.record(entry.duration / 1000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => observer.disconnect()
}
