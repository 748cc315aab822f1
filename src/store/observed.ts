import type { LabelsInput } from '../model/labels'
import type { SeriesTable } from './series-table'
import { type NumberStream, type Reject, rejectionOf, type StreamIdentity } from './stream'

/** Cells of an observed value: the value, the collection that observed it, and when the series began. */
export const OBSERVED_CELLS = 3
const ROUND = 1
const CREATED = 2

/** Values read by callbacks at collection. A series that a collection did not observe is gone after it. */
export class ObservedStream implements NumberStream {
  #round = 0

  constructor(
    readonly identity: StreamIdentity,
    readonly shape: 'counter' | 'upDownCounter' | 'gauge',
    readonly table: SeriesTable,
    readonly reject: Reject,
    /** Whether values that share a series are added up: those that a view or the limit brought together. */
    readonly accumulates: boolean,
  ) {}

  /** Opens a collection. */
  begin(): void {
    this.#round++
  }

  observe(value: number, labels: LabelsInput | undefined): void {
    if (typeof value !== 'number' || value - value !== 0 || (this.shape === 'counter' && value < 0)) {
      this.reject(rejectionOf(value, this.shape === 'counter'))
      return
    }
    const overflowed = this.table.overflowCount
    const at = this.table.locate(labels)
    if (at < 0) return
    const { cells } = this.table
    const shared = this.accumulates || this.table.overflowCount > overflowed
    if (shared && this.shape !== 'gauge' && cells[at + ROUND] === this.#round) (cells[at] as number) += value
    else cells[at] = value
    cells[at + ROUND] = this.#round
  }

  /** Closes a collection: what it did not observe goes. */
  end(): void {
    this.table.deleteWhere((cells, at) => cells[at + ROUND] !== this.#round)
  }

  valueAt(cells: Float64Array, at: number): number {
    return cells[at] as number
  }

  createdMsAt(cells: Float64Array, at: number): number {
    return this.shape === 'gauge' ? 0 : (cells[at + CREATED] as number)
  }

  // Series live from one collection to the next.
  expire(): void {}
}
