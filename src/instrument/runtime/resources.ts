import type { Instruments } from '../../facade/instruments'
import type { InstrumentOptions } from '../../model/definition'
import {
  activeHandles,
  activeHandlesTotal,
  activeRequests,
  activeRequestsTotal,
  activeResources,
  activeResourcesTotal,
} from './resources.metrics'

/** Undocumented, and what the public dashboards are drawn from since Node.js 0.x; each may go in a later version. */
interface UndocumentedProcess {
  readonly _getActiveHandles?: () => readonly unknown[]
  readonly _getActiveRequests?: () => readonly unknown[]
}

/** Counts handles, requests and resources at every collection; returns what stops it. */
export function instrumentResources(metrics: Instruments): () => void {
  const undocumented = process as unknown as UndocumentedProcess
  const removals = [
    observeTypes(metrics, activeResources, activeResourcesTotal, () => process.getActiveResourcesInfo()),
  ]
  if (undocumented._getActiveHandles) {
    const handles = undocumented._getActiveHandles
    removals.push(observeTypes(metrics, activeHandles, activeHandlesTotal, () => handles().map(typeName)))
  }
  if (undocumented._getActiveRequests) {
    const requests = undocumented._getActiveRequests
    removals.push(observeTypes(metrics, activeRequests, activeRequestsTotal, () => requests().map(typeName)))
  }
  return () => {
    for (const remove of removals) remove()
  }
}

function observeTypes(
  metrics: Instruments,
  byType: InstrumentOptions<'type'>,
  overall: InstrumentOptions,
  readTypes: () => readonly string[],
): () => void {
  const counts = metrics.observableGauge(byType)
  const total = metrics.observableGauge(overall)
  const batch = metrics.addBatchCallback(
    (result) => {
      const types = readTypes()
      const countOf = new Map<string, number>()
      for (const type of types) countOf.set(type, (countOf.get(type) ?? 0) + 1)
      for (const [type, count] of countOf) result.observe(counts, count, { type })
      result.observe(total, types.length)
    },
    [counts, total],
  )
  return () => batch.remove()
}

function typeName(held: unknown): string {
  const name: unknown = (held as { constructor?: { name?: unknown } } | null)?.constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'unknown'
}
