import type { MeasurementOptions } from '../model/exemplar'
import type { LabelsInput } from '../model/labels'
import { BucketSearch } from './bucket-search'
import { type Carried, forEachBucket } from './carried'
import type { CellLayout } from './cell-layout'
import type { ExemplarSampler } from './exemplar-sampler'
import type { ExemplarStore } from './exemplar-store'
import { countExemplar, type ExemplarReader } from './exemplars'
import { expireIdle } from './expiry'
import { bringInRange, inRange, LEAST_TO_LEAVE_RANGE } from './in-range'
import { ownLabels } from './own-labels'
import type { SeriesGroup } from './series-group'
import { NO_CELLS, NO_COUNTS } from './series-handles'
import type { SeriesTable } from './series-table'
import {
  type BucketStream,
  type Cell,
  isAccepted,
  type NumberStream,
  type Reject,
  type Sink,
  type StreamIdentity,
} from './stream'
import { type MovableCell, moveCell, type RecordingSink, Succeeded } from './succession'

/** Cells of a histogram: the sum, when it began, and from there on the counts, two to a cell. */
export const SUM = 0
const CREATED = 1
const FIRST_COUNT = 2

/** How the cells of a histogram with so many buckets lie, `more` cells of others behind them. */
export function histogramLayout(bucketCount: number, more: number): CellLayout {
  const countCells = Math.ceil(bucketCount / 2)
  return { width: FIRST_COUNT + countCells + more, counts: { firstCell: FIRST_COUNT, length: bucketCount } }
}

/**
 * Explicit buckets: one count for the measurements of each bucket alone, `+Inf` included. The count of all is the
 * buckets' total, so count and buckets cannot disagree; they are cumulated when written.
 */
export class HistogramStream extends Succeeded implements BucketStream, Sink {
  readonly streams = [this]
  readonly shape = 'histogram'
  readonly search: BucketSearch
  readonly exemplars: ExemplarStore
  readonly sampler: ExemplarSampler

  constructor(
    readonly identity: StreamIdentity,
    readonly bounds: readonly number[],
    readonly table: SeriesTable,
    readonly reject: Reject,
    readonly expireAfterMs: number | undefined,
    /** Whether the instrument takes no negative values. */
    readonly nonNegative: boolean,
  ) {
    super()
    this.search = new BucketSearch(bounds)
    this.exemplars = table.exemplars
    this.sampler = table.exemplars.sampler
  }

  record(value: number, labels: LabelsInput | undefined, options?: MeasurementOptions): void {
    if (this.accepts(value)) this.put(this.table.locate(labels), value, labels, options)
  }

  adjust(delta: number, labels: LabelsInput | undefined, options?: MeasurementOptions): void {
    this.record(delta, labels, options)
  }

  bind(labels: LabelsInput | undefined): Cell {
    const own = ownLabels(labels)
    return this.table.bind(own, () => this.newCell(own))
  }

  /** One series' bound recording. */
  protected newCell(labels: LabelsInput): Cell {
    return new HistogramCell(this, labels)
  }

  remove(labels: LabelsInput): boolean {
    return this.table.remove(labels)
  }

  clear(): void {
    this.table.clear()
  }

  expire(nowMs: number): Iterable<void> {
    if (this.expireAfterMs === undefined) return []
    return expireIdle(this.table, this.expireAfterMs, nowMs, (group, row) => this.countAt(group, row))
  }

  read(group: SeriesGroup, row: number, numbers: Float64Array): void {
    group.readCounts(row, numbers)
    numbers[this.bounds.length + 1] = group.cellAt(row, SUM)
  }

  /** Sets what {@link read} reads. */
  load(group: SeriesGroup, row: number, numbers: readonly number[]): void {
    for (let index = 0; index <= this.bounds.length; index++) group.setCount(row, index, numbers[index] as number)
    group.chunkOf(row)[group.offsetOf(row) + SUM] = numbers[this.bounds.length + 1] as number
  }

  /** Adds what another series counted since `createdMs`. */
  absorb(group: SeriesGroup, row: number, carried: Carried, createdMs: number): void {
    if (typeof carried === 'number') return
    const cells = group.chunkOf(row)
    const at = group.offsetOf(row)
    cells[at + SUM] = inRange((cells[at + SUM] as number) + carried.sum)
    cells[at + CREATED] = Math.min(cells[at + CREATED] as number, createdMs)
    forEachBucket(carried, (upper, count) => {
      const bucket = this.search.find(upper)
      group.setCount(row, bucket, group.countAt(row, bucket) + count)
    })
  }

  createdMsAt(group: SeriesGroup, row: number): number {
    return group.cellAt(row, CREATED)
  }

  countAt(group: SeriesGroup, row: number): number {
    let count = 0
    for (let index = 0; index <= this.bounds.length; index++) count += group.countAt(row, index)
    return count
  }

  /** Whether a value may be recorded; says so to `reject` where it may not. */
  accepts(value: number): boolean {
    return isAccepted(value, this.nonNegative, this.reject)
  }

  /** Records by a cell that has no series now, or a value that may not be acceptable, or is not for the quick way. */
  recordBound(
    cell: MovableCell<this>,
    value: number,
    labels: LabelsInput,
    options: MeasurementOptions | undefined,
  ): void {
    if (cell.moved !== undefined) cell.moved.set(value, options)
    else if (this.next !== undefined) {
      moveCell(cell, this.next, (sink): sink is RecordingSink & this => sink.constructor === this.constructor)
      // By the stream that it belongs to now, or the cell that records for it.
      cell.set(value, options)
    } else if (this.accepts(value)) this.put(this.table.reattach(cell, labels), value, labels, options)
  }

  /** Counts an accepted value in the series that `table.locate` found at `at`. */
  put(at: number, value: number, labels: LabelsInput | undefined, options: MeasurementOptions | undefined): void {
    if (at < 0) return
    const { cells, counts } = this.table
    const bucket = this.search.find(value)
    ;(cells[at + SUM] as number) += value
    this.countIn(bucket, cells, counts, at)
    this.counted(cells, at, bucket, value, labels, options)
  }

  /** What is left to do for a value that was counted. */
  protected counted(
    cells: Float64Array,
    at: number,
    bucket: number,
    value: number,
    labels: LabelsInput | undefined,
    options: MeasurementOptions | undefined,
  ): void {
    if (value >= LEAST_TO_LEAVE_RANGE || value <= -LEAST_TO_LEAVE_RANGE) bringInRange(cells, at + SUM)
    if (this.sampler.takes || options !== undefined) this.offer(cells, at, bucket, value, labels, options)
  }

  protected countIn(bucket: number, cells: Float64Array, counts: Uint32Array, at: number): void {
    const place = 2 * (at + FIRST_COUNT) + bucket
    const count = ((counts[place] as number) + 1) | 0
    counts[place] = count
    if (count === 0) this.table.carry(cells, place)
  }

  /** Has a value that was counted in a bucket be its exemplar, if there can be one now. */
  offer(
    cells: Float64Array,
    at: number,
    bucket: number,
    value: number,
    labels: LabelsInput | undefined,
    options: MeasurementOptions | undefined,
  ): void {
    this.exemplars.offer(cells, at, bucket, value, labels, options)
  }
}

/** One series of a histogram. What the stream's `count` does is written out here: a call costs as much as all of it. */
class HistogramCell implements MovableCell<HistogramStream> {
  cells = NO_CELLS
  counts = NO_COUNTS
  at = -1
  moved: Cell | undefined
  #search: BucketSearch
  readonly #sampler: ExemplarSampler

  constructor(
    public stream: HistogramStream,
    readonly labels: LabelsInput,
  ) {
    this.#search = stream.search
    this.#sampler = stream.sampler
  }

  enter(stream: HistogramStream): void {
    this.stream = stream
    this.#search = stream.search
  }

  add(value = 1, options?: MeasurementOptions): void {
    this.set(value, options)
  }

  set(value: number, options?: MeasurementOptions): void {
    const { at, cells, counts } = this
    if (typeof value === 'number' && value >= 0 && value < LEAST_TO_LEAVE_RANGE && at >= 0) {
      const bucket = this.#search.find(value)
      const place = 2 * (at + FIRST_COUNT) + bucket
      const count = ((counts[place] as number) + 1) | 0
      counts[place] = count
      ;(cells[at + SUM] as number) += value
      if (count === 0) this.stream.table.carry(cells, place)
      if (this.#sampler.takes || options !== undefined) {
        this.stream.offer(cells, at, bucket, value, this.labels, options)
      }
    } else this.stream.recordBound(this, value, this.labels, options)
  }
}

/** A histogram's counts as a counter of their own: the same cells, so the two never disagree. */
export class HistogramCountStream implements NumberStream {
  readonly shape = 'counter'
  readonly table: SeriesTable
  readonly exemplars: ExemplarReader

  constructor(
    readonly identity: StreamIdentity,
    readonly countsOf: HistogramStream,
  ) {
    this.table = countsOf.table
    const { exemplars } = countsOf
    this.exemplars = {
      get some() {
        return exemplars.some
      },
      at: (group, row) => {
        const exemplar = countExemplar(exemplars.at(group, row))
        return exemplar && [exemplar]
      },
    }
  }

  valueAt(group: SeriesGroup, row: number): number {
    return this.countsOf.countAt(group, row)
  }

  createdMsAt(group: SeriesGroup, row: number): number {
    return this.countsOf.createdMsAt(group, row)
  }

  // The histogram drops what is idle.
  expire(): Iterable<void> {
    return []
  }
}
