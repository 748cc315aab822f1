import type { HrTime } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import { toEpochMs } from '../../model/hr-time'
import { exponentialDifference, withoutExponentialDebts } from '../../store/exponential-arithmetic'
import { type Lineage, lineageOf } from '../../store/heirs'
import { ObservedStream } from '../../store/observed'
import type { Stream } from '../../store/stream'
import { histogramDifference, withoutDebts } from './histogram-arithmetic'
import { exemplarsOf, noteExemplars } from './point-exemplars'
import { type Series, SeriesInOrder } from './series-in-order'
import { inheritOf } from './temporality'

/** A metric that is to be sent, and what it stands for once it has arrived. */
export interface Outgoing {
  readonly metric: MetricData
  /** Tells that the points from `start` to before `end` arrived. */
  arrived(start: number, end: number): void
}

/** Points that are looked at in one step. */
const STEP = 256

/**
 * Makes of totals what was added since the receiver last had them. What it has is remembered only when it says so; until
 * then every export has all that is new, and what came in between is in none of them twice. A stream that an export leaves
 * out, as it was not reached or is not shown, goes on later from where it was. So does what a callback observes again after
 * it has failed.
 */
export class Deltas {
  readonly #streams = new Map<Stream, SeriesInOrder>()

  /** Begins an export. What has no series left begins anew when it has some again, and what has an heir is over. */
  begin(): void {
    for (const stream of this.#streams.keys()) {
      const { heirs } = lineageOf(stream)
      const isEmpty = stream.table.seriesCount === 0 && !(stream instanceof ObservedStream)
      if (heirs.length === 0 ? isEmpty : heirs.every(({ lineage }) => this.#isKnown(lineage)))
        this.#streams.delete(stream)
    }
  }

  #isKnown(lineage: Lineage): boolean {
    const { heirs } = lineage
    return this.#isExported(lineage) || (heirs.length > 0 && heirs.every((heir) => this.#isKnown(heir.lineage)))
  }

  #isExported(lineage: Lineage): boolean {
    for (const stream of this.#streams.keys()) if (lineageOf(stream) === lineage) return true
    return false
  }

  /** What was added to the cumulative metric of a stream, in steps: one metric after the other. */
  *since(stream: Stream, metric: MetricData): Generator<void, Outgoing, void> {
    let known = this.#streams.get(stream)
    if (known === undefined) {
      known = new SeriesInOrder()
      this.#inherit(stream, metric, known)
      this.#streams.set(stream, known)
    }
    const { inheritedMs = 0 } = known
    const isObserved = stream instanceof ObservedStream
    const changed: Series[] = []
    const totals: DataPoint<unknown>[] = []
    const points: DataPoint<unknown>[] = []
    let looked = 0
    for (const point of metric.dataPoints as DataPoint<unknown>[]) {
      if (++looked % STEP === 0) yield
      const series = known.next(point.attributes)
      // With what else came to it, it may have begun before what had arrived; it is the same one still.
      if (toEpochMs(point.startTime) <= inheritedMs) series.arrived = begunAt(point.startTime, series.arrived)
      const whole = isObserved ? begunAfter(series.unknownTime, point) : point
      const delta = difference(metric.dataPointType, whole, series.arrived, isObserved)
      if (delta === undefined) continue
      if (inheritedMs > 0 && delta !== whole) {
        Object.assign(delta, { value: withoutAnyDebts(metric.dataPointType, delta.value) })
      }
      points.push(delta)
      totals.push(point)
      changed.push(series)
    }
    known.end(isObserved ? stream.limit : 0)
    known.passedTime = metric.dataPoints[0]?.endTime ?? known.passedTime
    return {
      metric: { ...metric, aggregationTemporality: AggregationTemporality.DELTA, dataPoints: points } as MetricData,
      arrived: (start, end) => {
        for (let index = start; index < end; index++) (changed[index] as Series).arrived = totals[index]
      },
    }
  }

  /** Has the series of a stream begin with what arrived of those that it is the heir of. */
  #inherit(stream: Stream, metric: MetricData, series: SeriesInOrder): void {
    const inherit = inheritOf(metric)
    if (inherit === undefined) return
    const own = lineageOf(stream)
    const hand = (points: readonly DataPoint<unknown>[], { heirs }: Lineage) => {
      for (const heir of heirs) {
        const { lineage } = heir
        if (lineage === own) {
          series.inheritedMs = heir.sinceMs
          for (const point of inherit(points, heir)) series.next(point.attributes).arrived = point
        } else if (lineage.heirs.length > 0 && !this.#isExported(lineage)) {
          // One that was never exported, and has heirs itself.
          hand(inherit(points, heir), lineage)
        }
      }
    }
    for (const [from, known] of this.#streams) hand(known.arrived(), lineageOf(from))
    series.end()
  }
}

function begunAt(startTime: HrTime, point: DataPoint<unknown> | undefined): DataPoint<unknown> | undefined {
  return point === undefined || isSameTime(point.startTime, startTime) ? point : { ...point, startTime }
}

/**
 * What is observed counts since its instrument was made, and where it was not there before since it was looked for last (Metrics
 * SDK specification, "Start timestamps").
 */
function begunAfter<T>(time: HrTime | undefined, point: DataPoint<T>): DataPoint<T> {
  return time === undefined || toEpochMs(time) <= toEpochMs(point.startTime) ? point : { ...point, startTime: time }
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
    const sinceMs = toEpochMs(before.endTime)
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

/** A delta of which some was in other buckets before. */
function withoutAnyDebts(type: DataPointType, value: unknown): unknown {
  switch (type) {
    case DataPointType.HISTOGRAM:
      return withoutDebts(value as Histogram)
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return withoutExponentialDebts(value as ExponentialHistogram)
    default:
      return value
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
