import type { LabelsInput } from '../model/labels'
import { BucketSearch } from './bucket-search'
import { expireIdle } from './expiry'
import { ownLabels } from './own-labels'
import { NO_CELLS } from './series-group'
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

/** Cells of a histogram besides its buckets: the sum, and when it began. */
export const HISTOGRAM_CELLS = 2

/**
 * Explicit buckets: one cell for the measurements of each bucket alone, `+Inf` included, then the sum and the time of
 * creation. The count is the buckets' total, so count and buckets cannot disagree; they are cumulated when written.
 */
export class HistogramStream implements BucketStream, Sink {
  readonly streams = [this]
  readonly shape = 'histogram'
  readonly search: BucketSearch

  constructor(
    readonly identity: StreamIdentity,
    readonly bounds: readonly number[],
    readonly table: SeriesTable,
    readonly reject: Reject,
    readonly expireAfterMs: number | undefined,
    /** Whether the instrument takes no negative values. */
    readonly nonNegative: boolean,
  ) {
    this.search = new BucketSearch(bounds)
  }

  record(value: number, labels: LabelsInput | undefined): void {
    if (this.accepts(value)) this.put(this.table.locate(labels), value)
  }

  adjust(delta: number, labels: LabelsInput | undefined): void {
    this.record(delta, labels)
  }

  bind(labels: LabelsInput | undefined): Cell {
    const own = ownLabels(labels)
    return this.table.bind(own, () => new HistogramCell(this, own))
  }

  remove(labels: LabelsInput): boolean {
    return this.table.remove(labels)
  }

  clear(): void {
    this.table.clear()
  }

  expire(nowMs: number): void {
    if (this.expireAfterMs !== undefined) {
      expireIdle(this.table, this.expireAfterMs, nowMs, (cells, at) => this.countAt(cells, at))
    }
  }

  bucketAt(cells: Float64Array, at: number, index: number): number {
    return cells[at + index] as number
  }

  sumAt(cells: Float64Array, at: number): number {
    return cells[at + this.bounds.length + 1] as number
  }

  createdMsAt(cells: Float64Array, at: number): number {
    return cells[at + this.bounds.length + 2] as number
  }

  countAt(cells: Float64Array, at: number): number {
    let count = 0
    for (let index = 0; index <= this.bounds.length; index++) count += cells[at + index] as number
    return count
  }

  /** Whether a value may be recorded; says so to `reject` where it may not. */
  accepts(value: number): boolean {
    return isAccepted(value, this.nonNegative, this.reject)
  }

  /** Counts an accepted value in the series that `table.locate` found at `at`. */
  put(at: number, value: number): void {
    if (at < 0) return
    count(this.table.cells, at, this.search, value)
  }
}

/** Counts a value in the series at `at`. */
function count(cells: Float64Array, at: number, search: BucketSearch, value: number): void {
  ;(cells[at + search.find(value)] as number) += 1
  // The search has one bound more than the histogram, as many as there are buckets; the sum comes next.
  ;(cells[at + search.bounds.length] as number) += value
}

/** One series of a histogram. */
class HistogramCell implements Cell {
  cells = NO_CELLS
  at = -1
  readonly #search: BucketSearch

  constructor(
    readonly stream: HistogramStream,
    readonly labels: LabelsInput,
  ) {
    this.#search = stream.search
  }

  add(value = 1): void {
    this.set(value)
  }

  set(value: number): void {
    const at = this.at
    if (typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY && at >= 0) {
      count(this.cells, at, this.#search, value)
    } else if (this.stream.accepts(value)) {
      this.stream.put(this.stream.table.reattach(this, this.labels), value)
    }
  }
}

/** A histogram's counts as a counter of their own: the same cells, so the two never disagree. */
export class HistogramCountStream implements NumberStream {
  readonly shape = 'counter'
  readonly table: SeriesTable
  readonly #histogram: HistogramStream

  constructor(
    readonly identity: StreamIdentity,
    histogram: HistogramStream,
  ) {
    this.#histogram = histogram
    this.table = histogram.table
  }

  valueAt(cells: Float64Array, at: number): number {
    return this.#histogram.countAt(cells, at)
  }

  createdMsAt(cells: Float64Array, at: number): number {
    return this.#histogram.createdMsAt(cells, at)
  }

  // The histogram drops what is idle.
  expire(): void {}
}
