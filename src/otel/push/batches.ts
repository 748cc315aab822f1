import type { DataPoint, MetricData, ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics'
import type { Outgoing } from './deltas'

/** A metric of an export, with the scope that made it. */
export interface Item {
  readonly scope: ScopeMetrics['scope']
  readonly outgoing: Outgoing
}

/** One request: what it has, and what is to be told when it has arrived. */
export class Batch {
  readonly metrics: ResourceMetrics
  readonly #items: readonly Item[]

  constructor(
    resource: ResourceMetrics['resource'],
    items: readonly Item[],
    readonly points: number,
  ) {
    const scopes = new Map<ScopeMetrics['scope'], MetricData[]>()
    for (const { scope, outgoing } of items) {
      const metrics = scopes.get(scope)
      if (metrics === undefined) scopes.set(scope, [outgoing.metric])
      else metrics.push(outgoing.metric)
    }
    this.metrics = { resource, scopeMetrics: [...scopes].map(([scope, metrics]) => ({ scope, metrics })) }
    this.#items = items
  }

  /** The same in two requests. */
  halves(): AsyncIterable<Batch> {
    return batchesOf(this.metrics.resource, this.#items, Math.ceil(this.points / 2))
  }

  arrived(): void {
    for (const { outgoing } of this.#items) outgoing.arrived(0, outgoing.metric.dataPoints.length)
  }
}

/** An export as requests of `maxPoints` points at most. A metric with more of them is in several requests. */
export async function* batchesOf(
  resource: ResourceMetrics['resource'],
  items: Iterable<Item> | AsyncIterable<Item>,
  maxPoints: number,
): AsyncGenerator<Batch, void, void> {
  let open: Item[] = []
  let size = 0
  for await (const { scope, outgoing } of items) {
    const { length } = outgoing.metric.dataPoints
    for (let start = 0; start < length; ) {
      if (size === maxPoints) {
        yield new Batch(resource, open, size)
        open = []
        size = 0
      }
      const end = Math.min(length, start + maxPoints - size)
      open.push({ scope, outgoing: end - start === length ? outgoing : partOf(outgoing, start, end) })
      size += end - start
      start = end
    }
  }
  if (size > 0) yield new Batch(resource, open, size)
}

function partOf({ metric, arrived }: Outgoing, start: number, end: number): Outgoing {
  const dataPoints = (metric.dataPoints as DataPoint<unknown>[]).slice(start, end)
  return {
    metric: { ...metric, dataPoints } as MetricData,
    arrived: (from, to) => arrived(start + from, start + to),
  }
}
