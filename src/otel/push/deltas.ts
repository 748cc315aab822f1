import type { Attributes } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import { exponentialDifference } from './exponential-difference'
import { exemplarsOf, noteExemplars } from './point-exemplars'

/** A series, and the point that it had when it last arrived. */
interface Series {
  arrived: Arrived | undefined
  /** The export that had the series last, arrived or not: what is in none of them is gone. */
  seen: number
}

/** What is needed of a point for the next difference. */
type Arrived = Pick<DataPoint<unknown>, 'startTime' | 'endTime' | 'value'>

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
  readonly #metrics = new Map<string, Map<string, Series>>()
  readonly #keys = new SeriesKeys()
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
    const changed: [series: Series, point: DataPoint<unknown>][] = []
    const points: DataPoint<unknown>[] = []
    for (const point of metric.dataPoints as DataPoint<unknown>[]) {
      const each = this.#seriesOf(series, point.attributes)
      const delta = difference(metric.dataPointType, point, each.arrived)
      if (delta === undefined) continue
      points.push(delta)
      changed.push([each, point])
    }
    return {
      metric: { ...metric, aggregationTemporality: AggregationTemporality.DELTA, dataPoints: points } as MetricData,
      arrived: (start, end) => {
        for (let index = start; index < end; index++) {
          const [each, { startTime, endTime, value }] = changed[index] as (typeof changed)[number]
          each.arrived = { startTime, endTime, value }
        }
      },
    }
  }

  #seriesOf(known: Map<string, Series>, attributes: Attributes): Series {
    const key = this.#keys.of(attributes)
    let series = known.get(key)
    if (series === undefined) {
      series = { arrived: undefined, seen: this.#export }
      known.set(key, series)
    } else series.seen = this.#export
    return series
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
  if (value === undefined) return undefined
  const delta = { ...point, startTime: before.endTime, value }
  // Those from before have arrived already.
  const sinceMs = before.endTime[0] * 1_000 + before.endTime[1] / 1e6
  noteExemplars(
    delta,
    exemplarsOf(point).filter(({ epochMs }) => epochMs >= sinceMs),
  )
  return delta
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

/** Keys that are the same for equal attributes, in whatever order they were given. */
class SeriesKeys {
  /** The names that were met last, which most series of a metric have, and their order. */
  #names: readonly string[] = []
  #sorted: readonly string[] = []

  of(attributes: Attributes): string {
    const names = Object.keys(attributes)
    if (!sameNames(names, this.#names)) {
      this.#names = names
      this.#sorted = [...names].sort()
    }
    let key = ''
    for (const name of this.#sorted) {
      const value = attributes[name]
      const text = typeof value === 'string' ? `"${value}` : String(JSON.stringify(value))
      // With their lengths, so that no text can pass for two.
      key += `${name.length},${text.length}:${name}${text}`
    }
    return key
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
