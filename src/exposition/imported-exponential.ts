import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics'
import { pointOf } from '../store/exponential-points'
import { explicitCounts, fallbackExponents } from '../store/fallback-buckets'
import type { SeriesGroup } from '../store/series-group'
import type { SeriesTable } from '../store/series-table'
import type { ExponentialPoint, ExponentialStream, Stream, StreamIdentity } from '../store/stream'

/**
 * Exponential histograms that another SDK or producer collected. Like our own, they have explicit buckets in a fixed layout
 * for formats that have no others: the bounds of their own buckets would change whenever their scale falls, and Prometheus
 * would take each for a new series.
 */
export class ImportedExponential implements ExponentialStream {
  readonly shape = 'histogram'
  readonly identity: StreamIdentity
  readonly table: SeriesTable
  readonly hasOwnBounds = false
  readonly bounds: readonly number[]
  readonly #exponents: readonly number[]
  readonly #stream: Stream
  /** By row. */
  readonly #points = new Map<SeriesGroup, ExponentialPoint[]>()

  /** With the series of `stream`. */
  constructor(stream: Stream) {
    this.#stream = stream
    this.identity = stream.identity
    this.table = stream.table
    this.#exponents = fallbackExponents(stream.identity)
    this.bounds = this.#exponents.map((exponent) => 2 ** exponent)
  }

  /** Sets what {@link pointAt} reads. */
  load(group: SeriesGroup, row: number, histogram: ExponentialHistogram): void {
    const points = this.#points.get(group) ?? []
    points[row] = pointOf(histogram)
    this.#points.set(group, points)
  }

  read(group: SeriesGroup, row: number, numbers: Float64Array): void {
    const point = this.pointAt(group, row)
    explicitCounts(point, this.#exponents, numbers)
    numbers[this.bounds.length + 1] = point.sum
  }

  pointAt(group: SeriesGroup, row: number): ExponentialPoint {
    return this.#points.get(group)?.[row] as ExponentialPoint
  }

  createdMsAt(group: SeriesGroup, row: number): number {
    return this.#stream.createdMsAt(group, row)
  }

  // It lives for one page.
  expire(): Iterable<void> {
    return []
  }
}
