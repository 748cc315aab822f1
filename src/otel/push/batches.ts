import type { DataPoint, MetricData, ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics'
import type { Outgoing } from './deltas'

/** A metric of an export, with the scope that made it. */
export interface Item {
  readonly scope: ScopeMetrics['scope']
  readonly outgoing: Outgoing
}

/** One request: what it has, and what is to be told when it has arrived. */
export interface Batch {
  readonly metrics: ResourceMetrics
  readonly points: number
  arrived(): void
}

/** An export as requests of `maxPoints` points at most. A metric with more of them is in several requests. */
export function* batchesOf(
  resource: ResourceMetrics['resource'],
  items: Iterable<Item>,
  maxPoints: number,
): Generator<Batch, void, void> {
  let open = new OpenBatch()
  for (const { scope, outgoing } of items) {
    const { metric } = outgoing
    const points = metric.dataPoints as DataPoint<unknown>[]
    for (let start = 0; start < points.length; ) {
      if (open.points === maxPoints) {
        yield open.closed(resource)
        open = new OpenBatch()
      }
      const end = Math.min(points.length, start + maxPoints - open.points)
      const isWhole = start === 0 && end === points.length
      const part = isWhole ? metric : ({ ...metric, dataPoints: points.slice(start, end) } as MetricData)
      open.add(scope, part, end - start, outgoing.arrived.bind(outgoing, start, end))
      start = end
    }
  }
  if (open.points > 0) yield open.closed(resource)
}

class OpenBatch {
  points = 0
  readonly #scopes = new Map<ScopeMetrics['scope'], MetricData[]>()
  readonly #told: (() => void)[] = []

  add(scope: ScopeMetrics['scope'], metric: MetricData, points: number, arrived: () => void): void {
    const metrics = this.#scopes.get(scope)
    if (metrics === undefined) this.#scopes.set(scope, [metric])
    else metrics.push(metric)
    this.#told.push(arrived)
    this.points += points
  }

  closed(resource: ResourceMetrics['resource']): Batch {
    const scopeMetrics = [...this.#scopes].map(([scope, metrics]) => ({ scope, metrics }))
    return {
      metrics: { resource, scopeMetrics },
      points: this.points,
      arrived: () => {
        for (const tell of this.#told) tell()
      },
    }
  }
}
