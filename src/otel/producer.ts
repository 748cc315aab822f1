import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import { emptyResource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricCollectOptions,
  type MetricData,
  type MetricProducer,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics'
import { hasHistogramSum, type Scope } from '../model/definition'
import { toEpochMs, toHrTime } from '../model/hr-time'
import { OVERFLOW_LABEL } from '../model/labels'
import { take } from '../store/carry'
import { newestOf } from '../store/exemplars'
import { bucketsOf } from '../store/exponential-points'
import { ObservedStream } from '../store/observed'
import { DEFAULT_OBSERVATION_TIMEOUT_MS, type Registry } from '../store/registry'
import type { SeriesGroup } from '../store/series-group'
import {
  type BucketStream,
  type ExponentialPoint,
  isExponential,
  type NumberStream,
  type Stream,
} from '../store/stream'
import { doneAtOnce, doneInTurns } from '../store/turns'
import { carriedOf, labelsOf, OVERFLOW_ATTRIBUTE } from './handed-on'
import { withMergedPoints } from './merged-points'
import { exemplarsOf, noteExemplars, pointExemplars } from './push/point-exemplars'
import { type Inherit, noteStream } from './push/temporality'

const OVERFLOW_ATTRIBUTES: Attributes = { [OVERFLOW_ATTRIBUTE]: true }

/**
 * The store as a `MetricProducer` (Metrics SDK specification, "MetricProducer"): how its series reach any reader of
 * sdk-metrics. Temporality is cumulative. Series are read in turns with the application, each of them in one go: what is
 * recorded meanwhile is in one collection or in the next.
 */
export class StoreProducer implements MetricProducer {
  readonly #registry: Registry
  readonly #constantLabels: Attributes

  constructor(registry: Registry, constantLabels: ReadonlyMap<string, string>) {
    this.#registry = registry
    this.#constantLabels = Object.fromEntries(constantLabels)
  }

  async collect(options?: MetricCollectOptions): Promise<CollectionResult> {
    const failures = await this.#registry.collect(observationTimeoutMs(options))
    const endTime = toHrTime(this.#registry.clock.nowMs())
    const scopes = new Map<string, ScopeMetrics>()
    const { streams } = this.#registry
    // At once: another collection may be observing them anew in the next turn, and is not done with it.
    const observed = new Map(
      streams
        .filter((stream) => stream instanceof ObservedStream)
        .map((stream): [Stream, MetricData] => [stream, doneAtOnce(this.#metric(stream, endTime))]),
    )
    const read: Points = new Map()
    for (const stream of streams) {
      const all = observed.get(stream) ?? (await doneInTurns(this.#metric(stream, endTime, read)))
      const metric = noteStream(all, stream, this.#inherit)
      if (metric.dataPoints.length === 0) continue
      scopeOf(scopes, stream.identity.scope).metrics.push(metric)
    }
    return {
      resourceMetrics: { resource: emptyResource(), scopeMetrics: [...scopes.values()] },
      // A batch callback fails for each of its instruments, with one error.
      errors: [...new Set(failures.map(({ error }) => error))],
    }
  }

  /** Whether series may have the same attributes, as one has the value of its own that is constant elsewhere. */
  #mayMeet({ table: { groups } }: Stream): boolean {
    return (
      groups.length > 1 && groups.some(({ names }) => names.some((name) => Object.hasOwn(this.#constantLabels, name)))
    )
  }

  /** The points of a stream, as its heir has them: by the labels and in the buckets that it counts on in. */
  readonly #inherit: Inherit = (points, heir) => {
    const scratch = heir.scratch()
    let endTime: HrTime = [0, 0]
    for (const point of points) {
      take(
        scratch,
        labelsOf(point.attributes, this.#constantLabels),
        carriedOf(point.value),
        toEpochMs(point.startTime),
      )
      if (toEpochMs(point.endTime) > toEpochMs(endTime)) endTime = point.endTime
    }
    return doneAtOnce(this.#metric(scratch, endTime)).dataPoints
  };

  /** The metric of a stream; `read` are the points of others that were read with it. */
  *#metric(stream: Stream, endTime: HrTime, read: Points = new Map()): Generator<void, MetricData, void> {
    const metric = yield* this.#metricOfAll(stream, endTime, read)
    return this.#mayMeet(stream) ? withMergedPoints(metric) : metric
  }

  *#metricOfAll(stream: Stream, endTime: HrTime, read: Points): Generator<void, MetricData, void> {
    const { name, help, unit, integer } = stream.identity
    const descriptor = {
      name,
      description: help,
      unit,
      valueType: integer ? ValueType.INT : ValueType.DOUBLE,
    }
    const aggregationTemporality = AggregationTemporality.CUMULATIVE
    switch (stream.shape) {
      case 'histogram':
        if (isExponential(stream)) {
          const dataPoints = yield* this.#points(stream, endTime, (group, row) =>
            exponentialOf(stream.pointAt(group, row), hasHistogramSum(stream.identity.instrument)),
          )
          read.set(stream, dataPoints)
          return { descriptor, aggregationTemporality, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM, dataPoints }
        } else {
          const dataPoints = yield* this.#points(stream, endTime, histogramReader(stream as BucketStream))
          read.set(stream, dataPoints)
          return { descriptor, aggregationTemporality, dataPointType: DataPointType.HISTOGRAM, dataPoints }
        }
      case 'gauge': {
        const dataPoints = yield* this.#points(stream, endTime, valueReader(stream))
        return { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints }
      }
      default: {
        // Counts of a histogram are those that it has been read with, whatever was recorded since.
        const dataPoints =
          read.get(stream.countsOf as Stream)?.map(countPoint) ??
          (yield* this.#points(stream, endTime, valueReader(stream)))
        const isMonotonic = stream.shape === 'counter'
        return { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, isMonotonic, dataPoints }
      }
    }
  }

  *#points<T>(
    stream: Stream,
    endTime: HrTime,
    read: (group: SeriesGroup, row: number) => T,
  ): Generator<void, DataPoint<T>[], void> {
    const points: DataPoint<T>[] = []
    const { exemplars } = stream
    let startTime = endTime
    let startMs = 0
    const add = (group: SeriesGroup, row: number) => {
      const createdMs = stream.createdMsAt(group, row)
      // Series that were made together share their time.
      if (createdMs !== startMs) {
        startTime = createdMs === 0 ? endTime : toHrTime(createdMs)
        startMs = createdMs
      }
      const point: DataPoint<T> = {
        startTime,
        endTime,
        attributes: attributesOf(this.#constantLabels, group, row),
        value: read(group, row),
      }
      if (exemplars?.some === true) noteExemplars(point, pointExemplars(exemplars.at(group, row)))
      points.push(point)
    }
    for (const group of stream.table.groups) {
      const { epoch } = group
      const first = points.length
      for (let row = 0; row < group.rowCount; row++) {
        if (group.isLive(row)) add(group, row)
        if (row % STEP !== STEP - 1) continue
        yield
        if (group.epoch === epoch) continue
        // Rows have other numbers now.
        points.length = first
        group.forEach((each) => void add(group, each))
        break
      }
    }
    return points
  }
}

/** The points of histograms, by their streams. */
type Points = Map<Stream, DataPoint<Histogram | ExponentialHistogram>[]>

/** The point of a counter that counts what a histogram measures. */
function countPoint(point: DataPoint<Histogram | ExponentialHistogram>): DataPoint<number> {
  const counted = { ...point, value: point.value.count }
  const newest = newestOf(exemplarsOf(point))
  if (newest !== undefined) noteExemplars(counted, [{ ...newest, value: 1 }])
  return counted
}

/** Series that are read in one step. */
const STEP = 256

function valueReader(stream: Stream): (group: SeriesGroup, row: number) => number {
  return (group, row) => (stream as NumberStream).valueAt(group, row)
}

/**
 * A reader may give a whole export longer than callbacks should have: a scrape that shares the collection would wait as
 * long for a callback that hangs.
 */
function observationTimeoutMs({ timeoutMillis = DEFAULT_OBSERVATION_TIMEOUT_MS }: MetricCollectOptions = {}): number {
  return Math.min(timeoutMillis, DEFAULT_OBSERVATION_TIMEOUT_MS)
}

/** Reads the histograms of a stream, which share one list of bounds. */
function histogramReader(stream: BucketStream): (group: SeriesGroup, row: number) => Histogram {
  const boundaries = [...stream.bounds]
  const sumAt = boundaries.length + 1
  const numbers = new Float64Array(sumAt + 1)
  const hasSum = hasHistogramSum(stream.identity.instrument)
  return (group, row) => {
    stream.read(group, row, numbers)
    const counts = new Array<number>(sumAt)
    let count = 0
    for (let bucket = 0; bucket < sumAt; bucket++) {
      const measured = numbers[bucket] as number
      counts[bucket] = measured
      count += measured
    }
    const buckets = { boundaries, counts }
    return hasSum ? { buckets, count, sum: numbers[sumAt] as number } : { buckets, count }
  }
}

/** A point as sdk-metrics has it: without the empty buckets at both ends, and of scale 0 where there are no others. */
function exponentialOf(
  { scale, count, zeroCount, positive, negative, sum }: ExponentialPoint,
  hasSum: boolean,
): ExponentialHistogram {
  return {
    count,
    ...(hasSum && { sum }),
    scale: count === zeroCount ? 0 : scale,
    zeroCount,
    positive: bucketsOf(positive),
    negative: bucketsOf(negative),
  }
}

function attributesOf(constant: Attributes, group: SeriesGroup, row: number): Attributes {
  const attributes = { ...constant }
  if (group.names.length === 1 && group.names[0] === OVERFLOW_LABEL)
    return Object.assign(attributes, OVERFLOW_ATTRIBUTES)
  for (let level = 0; level < group.names.length; level++) {
    const name = group.names[level] as string
    const value = group.labelAt(row, level) as Attributes[string]
    // An attribute may be called so, and is one all the same.
    if (name === '__proto__') Object.defineProperty(attributes, name, { value, enumerable: true })
    else attributes[name] = value
  }
  return attributes
}

function scopeOf(scopes: Map<string, ScopeMetrics>, { name, version, schemaUrl }: Scope): ScopeMetrics {
  const key = JSON.stringify([name, version, schemaUrl])
  let scopeMetrics = scopes.get(key)
  if (scopeMetrics === undefined) {
    scopeMetrics = {
      scope: { name, ...(version !== undefined && { version }), ...(schemaUrl !== undefined && { schemaUrl }) },
      metrics: [],
    }
    scopes.set(key, scopeMetrics)
  }
  return scopeMetrics
}
