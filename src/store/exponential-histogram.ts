import type { MeasurementOptions } from '../model/exemplar'
import type { LabelsInput } from '../model/labels'
import { BucketSearch } from './bucket-search'
import { type Carried, type CarriedHistogram, forEachBucket } from './carried'
import { ExponentialIndex } from './exponential-index'
import type { ExponentialSlots } from './exponential-slots'
import { explicitCounts, fallbackExponents, mayReachOverBounds } from './fallback-buckets'
import { HistogramStream, SUM } from './histogram'
import { LEAST_TO_LEAVE_RANGE } from './in-range'
import type { SeriesGroup } from './series-group'
import { NO_CELLS, NO_COUNTS } from './series-handles'
import type { SeriesTable } from './series-table'
import type { BucketRange, Cell, ExponentialPoint, ExponentialStream, Reject, StreamIdentity } from './stream'
import type { MovableCell } from './succession'

const NO_BUCKETS: BucketRange = Object.freeze({ offset: 0, counts: new Uint32Array(0) })

/**
 * Exponential buckets, and explicit ones beside them from the same recording where they are asked for, or cannot be told
 * from the exponential ones. Otherwise one explicit bucket is counted all the same, `+Inf`: it is the count.
 */
export class ExponentialHistogramStream extends HistogramStream implements ExponentialStream {
  readonly hasOwnBounds: boolean
  /** Whether all explicit buckets are counted. */
  readonly countsBounds: boolean
  override readonly search: BucketSearch
  readonly #exemplarSearch: BucketSearch
  readonly index = ExponentialIndex.shared()
  readonly #slots: ExponentialSlots
  readonly #fallback: readonly number[]
  readonly #numbers: Float64Array

  constructor(
    identity: StreamIdentity,
    bounds: readonly number[] | undefined,
    slots: ExponentialSlots,
    table: SeriesTable,
    reject: Reject,
    expireAfterMs: number | undefined,
    nonNegative: boolean,
  ) {
    const fallback = fallbackExponents(identity)
    super(identity, bounds ?? fallback.map((exponent) => 2 ** exponent), table, reject, expireAfterMs, nonNegative)
    this.hasOwnBounds = bounds !== undefined
    this.countsBounds = this.hasOwnBounds || mayReachOverBounds(slots.limits)
    this.search = new BucketSearch(this.countsBounds ? this.bounds : [])
    this.#exemplarSearch = new BucketSearch(this.bounds)
    this.#slots = slots
    this.#fallback = fallback
    this.#numbers = new Float64Array(this.bounds.length + 2)
  }

  protected override newCell(labels: LabelsInput): Cell {
    return new ExponentialCell(this, labels)
  }

  override put(
    at: number,
    value: number,
    labels: LabelsInput | undefined,
    options: MeasurementOptions | undefined,
  ): void {
    if (at < 0) return
    const { index, table } = this
    const { cells, counts } = table
    index.hold(value)
    const bucket = this.#countPlainly(cells, counts, at, value)
    const isCounted = value > 0 && this.#slots.addQuickly(counts, at, index)
    if (!isCounted && value !== 0) this.#addOtherwise(cells, counts, at, value)
    this.counted(cells, at, bucket, value, labels, options)
  }

  /**
   * As {@link put}, of the value that the index holds, for a bound recording: the buckets are found by their objects,
   * which are at hand for a series that is recorded again and again, and take less code.
   */
  countHeld(cells: Float64Array, counts: Uint32Array, at: number): number {
    const { index } = this
    const value = index.held[0] as number
    const bucket = this.#countPlainly(cells, counts, at, value)
    if (value !== 0 && !this.#slots.find(cells, at)?.addQuickly(value > 0, index))
      this.#add(cells, counts, at, value, 1)
    return bucket
  }

  /** Counts all but the exponential bucket. */
  #countPlainly(cells: Float64Array, counts: Uint32Array, at: number, value: number): number {
    const bucket = this.countsBounds ? this.search.find(value) : 0
    ;(cells[at + SUM] as number) += value
    this.countIn(bucket, cells, counts, at)
    return bucket
  }

  /** Counts a value that the row's cells do not lead to: it is negative, the scale is fine, or it has no bucket yet. */
  #addOtherwise(cells: Float64Array, counts: Uint32Array, at: number, value: number): void {
    const { index } = this
    index.hold(value)
    if (!this.#slots.find(cells, at)?.addQuickly(value > 0, index)) this.#add(cells, counts, at, value, 1)
  }

  #add(cells: Float64Array, counts: Uint32Array, at: number, value: number, times: number): void {
    const { index } = this
    // Looking for a bucket may have changed what the index holds.
    index.hold(value)
    this.#slots.change(cells, counts, at, (buckets) => buckets.add(value > 0, index, times))
  }

  override absorb(group: SeriesGroup, row: number, carried: Carried, createdMs: number): void {
    super.absorb(group, row, carried, createdMs)
    if (typeof carried === 'number') return
    const cells = group.chunkOf(row)
    const at = group.offsetOf(row)
    const counts = group.countsOf(row)
    const { exponential } = carried
    if (exponential !== undefined) {
      this.#slots.change(cells, counts, at, (buckets) => buckets.merge(exponential))
      return
    }
    forEachBucket(carried, (upper, count) => {
      const value = Number.isFinite(upper) ? upper : aboveAll(carried)
      if (value !== 0) this.#add(cells, counts, at, value, count)
    })
  }

  /** Exemplars are few: where no explicit buckets are counted, those that stand for the exponential ones have one each. */
  override offer(
    cells: Float64Array,
    at: number,
    bucket: number,
    value: number,
    labels: LabelsInput | undefined,
    options: MeasurementOptions | undefined,
  ): void {
    const slot = this.countsBounds ? bucket : this.#exemplarSearch.find(value)
    super.offer(cells, at, slot, value, labels, options)
  }

  override countAt(group: SeriesGroup, row: number): number {
    return this.countsBounds ? super.countAt(group, row) : group.countAt(row, 0)
  }

  override read(group: SeriesGroup, row: number, numbers: Float64Array): void {
    if (this.countsBounds) {
      super.read(group, row, numbers)
      return
    }
    const point = this.pointAt(group, row)
    explicitCounts(point, this.#fallback, numbers)
    numbers[this.bounds.length + 1] = point.sum
  }

  pointAt(group: SeriesGroup, row: number): ExponentialPoint {
    const buckets = this.#slots.find(group.chunkOf(row), group.offsetOf(row))
    const { positive = NO_BUCKETS, negative = NO_BUCKETS, scale = this.#slots.limits.scale } = buckets ?? {}
    const count = this.countAt(group, row)
    super.read(group, row, this.#numbers)
    return {
      scale,
      zeroCount: count - totalOf(positive) - totalOf(negative),
      positive,
      negative,
      sum: this.#numbers[this.bounds.length + 1] as number,
      count,
    }
  }
}

/** What stands for measurements above all bounds: as little as that can be, or without bounds their mean. */
function aboveAll({ bounds = [], counts = [], sum }: CarriedHistogram): number {
  const last = bounds.at(-1)
  if (last === undefined) return sum / (counts[0] as number)
  return last + Math.max(Math.abs(last) * Number.EPSILON, Number.MIN_VALUE)
}

function totalOf({ counts }: BucketRange): number {
  let total = 0
  for (let place = 0; place < counts.length; place++) total += counts[place] as number
  return total
}

/** One series of an exponential histogram. */
class ExponentialCell implements MovableCell<ExponentialHistogramStream> {
  cells = NO_CELLS
  counts = NO_COUNTS
  at = -1
  moved: Cell | undefined

  constructor(
    public stream: ExponentialHistogramStream,
    readonly labels: LabelsInput,
  ) {}

  enter(stream: ExponentialHistogramStream): void {
    this.stream = stream
  }

  add(value = 1, options?: MeasurementOptions): void {
    this.set(value, options)
  }

  set(value: number, options?: MeasurementOptions): void {
    const { at, stream } = this
    if (typeof value === 'number' && value >= 0 && value < LEAST_TO_LEAVE_RANGE && at >= 0) {
      stream.index.hold(value)
      const bucket = stream.countHeld(this.cells, this.counts, at)
      if (stream.sampler.takes || options !== undefined) this.offer(bucket, value, options)
    } else stream.recordBound(this, value, this.labels, options)
  }

  private offer(bucket: number, value: number, options: MeasurementOptions | undefined): void {
    this.stream.offer(this.cells, this.at, bucket, value, this.labels, options)
  }
}
