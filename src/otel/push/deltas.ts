import type { Attributes, HrTime } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import { exponentialDifference } from './exponential-difference'

/** A point as it was when it last arrived. */
interface Arrived {
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly value: unknown
  /** The export that had the point last, arrived or not: what is in none of them is gone. */
  seen: number
}

/** A metric that is to be sent, and what it stands for once it has arrived. */
export interface Outgoing {
  readonly metric: MetricData
  /** Tells that the points from `start` to before `end` arrived. */
  arrived(start: number, end: number): void
}

/**
 * Makes of totals what was added since the receiver last had them. What it has is remembered only when it says so; until
 * then every export has all that is new, and what came in between is in none of them twice.
 */
export class Deltas {
  /** By metric and by series. */
  readonly #metrics = new Map<string, Map<string, Arrived>>()
  #export = 0

  /** Begins an export. Totals of series that the last one did not have are forgotten. */
  begin(): void {
    for (const [key, series] of this.#metrics) {
      for (const [labels, { seen }] of series) if (seen < this.#export) series.delete(labels)
      if (series.size === 0) this.#metrics.delete(key)
    }
    this.#export++
  }

  /** What was added to a cumulative metric. `scope` tells metrics of one name apart. */
  since(scope: string, metric: MetricData): Outgoing {
    const key = JSON.stringify([scope, metric.descriptor.name, metric.dataPointType, metric.descriptor.unit])
    let series = this.#metrics.get(key)
    if (series === undefined) {
      series = new Map()
      this.#metrics.set(key, series)
    }
    const known = series
    const totals: [key: string, point: DataPoint<unknown>][] = []
    const points: DataPoint<unknown>[] = []
    for (const point of metric.dataPoints as DataPoint<unknown>[]) {
      const labels = seriesKey(point.attributes)
      const before = known.get(labels)
      if (before !== undefined) before.seen = this.#export
      const delta = difference(metric.dataPointType, point, before)
      if (delta === undefined) continue
      points.push(delta)
      totals.push([labels, point])
    }
    const seen = this.#export
    return {
      metric: { ...metric, aggregationTemporality: AggregationTemporality.DELTA, dataPoints: points } as MetricData,
      arrived: (start, end) => {
        for (const [labels, { startTime, endTime, value }] of totals.slice(start, end)) {
          known.set(labels, { startTime, endTime, value, seen: Math.max(seen, known.get(labels)?.seen ?? 0) })
        }
        // It may have been empty for so long that it was forgotten.
        this.#metrics.set(key, known)
      },
    }
  }
}

/** What was added to a point; `undefined` for nothing. */
function difference(
  type: DataPointType,
  point: DataPoint<unknown>,
  before: Arrived | undefined,
): DataPoint<unknown> | undefined {
  // A series that began again has nothing in common with the one before.
  if (
    before === undefined ||
    before.startTime[0] !== point.startTime[0] ||
    before.startTime[1] !== point.startTime[1]
  ) {
    return point
  }
  const value = valueDifference(type, point.value, before.value)
  return value === undefined ? undefined : { ...point, startTime: before.endTime, value }
}

function valueDifference(type: DataPointType, now: unknown, before: unknown): unknown {
  switch (type) {
    case DataPointType.HISTOGRAM:
      return histogramDifference(now as Histogram, before as Histogram)
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return exponentialDifference(now as ExponentialHistogram, before as ExponentialHistogram)
    default:
      return now === before ? undefined : (now as number) - (before as number)
  }
}

function histogramDifference(now: Histogram, before: Histogram): Histogram | undefined {
  if (now.count === before.count) return undefined
  return {
    count: now.count - before.count,
    ...(now.sum !== undefined && { sum: now.sum - (before.sum ?? 0) }),
    buckets: {
      boundaries: now.buckets.boundaries,
      counts: now.buckets.counts.map((count, index) => count - (before.buckets.counts[index] ?? 0)),
    },
  }
}

/** The same for equal attributes, in whatever order they were given. */
function seriesKey(attributes: Attributes): string {
  const names = Object.keys(attributes)
  if (names.length > 1) names.sort()
  return JSON.stringify(names.map((name) => [name, attributes[name]]))
}
