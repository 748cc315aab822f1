import type { HrTime } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import { ObservedStream } from '../../store/observed'
import type { Stream } from '../../store/stream'
import { exponentialDifference } from './exponential-arithmetic'
import { histogramDifference } from './histogram-arithmetic'
import { exemplarsOf, noteExemplars } from './point-exemplars'
import { type Series, SeriesInOrder } from './series-in-order'

/** A metric that is to be sent, and what it stands for once it has arrived. */
export interface Outgoing {
  readonly metric: MetricData
  /** Tells that the points from `start` to before `end` arrived. */
  arrived(start: number, end: number): void
}

/**
 * Makes of totals what was added since the receiver last had them. What it has is remembered only when it says so; until
 * then every export has all that is new, and what came in between is in none of them twice. A stream that an export leaves
 * out, as it was not reached or is not shown, goes on later from where it was. So does what a callback observes again after
 * it has failed.
 */
export class Deltas {
  readonly #streams = new Map<Stream, SeriesInOrder>()

  /** Begins an export. What has no series left begins anew when it has some again. */
  begin(): void {
    for (const stream of this.#streams.keys()) {
      if (stream.table.seriesCount === 0 && !(stream instanceof ObservedStream)) this.#streams.delete(stream)
    }
  }

  /** What was added to the cumulative metric of a stream. */
  since(stream: Stream, metric: MetricData): Outgoing {
    let known = this.#streams.get(stream)
    if (known === undefined) {
      known = new SeriesInOrder()
      this.#streams.set(stream, known)
    }
    const isObserved = stream instanceof ObservedStream
    const changed: Series[] = []
    const totals: DataPoint<unknown>[] = []
    const points: DataPoint<unknown>[] = []
    for (const point of metric.dataPoints as DataPoint<unknown>[]) {
      const series = known.next(point.attributes)
      const delta = difference(metric.dataPointType, point, series.arrived, isObserved)
      if (delta === undefined) continue
      points.push(delta)
      totals.push(point)
      changed.push(series)
    }
    known.end(isObserved ? stream.limit : 0)
    return {
      metric: { ...metric, aggregationTemporality: AggregationTemporality.DELTA, dataPoints: points } as MetricData,
      arrived: (start, end) => {
        for (let index = start; index < end; index++) (changed[index] as Series).arrived = totals[index]
      },
    }
  }
}

/** What was added to a point; `undefined` for nothing. */
function difference(
  type: DataPointType,
  point: DataPoint<unknown>,
  before: DataPoint<unknown> | undefined,
  isObserved: boolean,
): DataPoint<unknown> | undefined {
  if (before === undefined) return point
  // A series that began again has nothing in common with the one before. One that is observed does so whenever its callback
  // has failed, where it goes on with the same total.
  if (!isObserved && !isSameTime(before.startTime, point.startTime)) return point
  const value = valueDifference(type, point.value, before.value)
  if (value === undefined) return undefined
  const delta = { startTime: before.endTime, endTime: point.endTime, attributes: point.attributes, value }
  const exemplars = exemplarsOf(point)
  if (exemplars.length > 0) {
    // Those from before have arrived already.
    const sinceMs = before.endTime[0] * 1_000 + before.endTime[1] / 1e6
    noteExemplars(
      delta,
      exemplars.filter(({ epochMs }) => epochMs >= sinceMs),
    )
  }
  return delta
}

function valueDifference(type: DataPointType, now: unknown, before: unknown): unknown {
  switch (type) {
    case DataPointType.HISTOGRAM:
      return histogramDifference(now as Histogram, before as Histogram)
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return exponentialDifference(now as ExponentialHistogram, before as ExponentialHistogram)
    default:
      return numberDifference(now as number, before as number)
  }
}

/** A total that fell, as only one that is observed may, began again. */
function numberDifference(now: number, before: number): number | undefined {
  if (now === before) return undefined
  return now < before ? now : now - before
}

function isSameTime(a: HrTime, b: HrTime): boolean {
  return a[0] === b[0] && a[1] === b[1]
}
