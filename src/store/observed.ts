import type { LabelsInput } from '../model/labels'
import { amountOf, type Carried } from './carried'
import { inRange } from './in-range'
import type { SeriesGroup } from './series-group'
import type { SeriesTable } from './series-table'
import { type NumberStream, type Reject, rejectionOf, type StreamIdentity } from './stream'
import { doneAtOnce } from './turns'

/** Cells of an observed value: the value, and the collection that observed it. */
export const OBSERVED_CELLS = 2
/** How often a table has room for what one collection may observe. */
export const OBSERVED_ROOM = 2
const ROUND = 1
/** The round of what another stream observed. */
const BEFORE = -1

/**
 * Values read by callbacks at collection. A series that a collection did not observe is gone after it.
 *
 * All of them count since the instrument was made, as far as anybody can tell. When one of them was seen first is later than
 * that, and not the same after a callback that failed: Prometheus would put a zero there, in the midst of a total that went on,
 * and count all of it again.
 *
 * The limit is for the series of one collection. Its table has room for twice as many, because those of the collection
 * before are there until it is known which of them were observed again.
 */
export class ObservedStream implements NumberStream {
  #round = 0
  /** Up to which collection what was observed before goes; 0 where all of it went. */
  #over = 0
  /** Series observed in this collection. */
  #observed = 0

  constructor(
    readonly identity: StreamIdentity,
    readonly shape: 'counter' | 'upDownCounter' | 'gauge',
    readonly table: SeriesTable,
    readonly reject: Reject,
    /** Series that one collection may observe, the overflow series not counted. */
    public limit: number,
    /** Whether the instrument takes no negative values. */
    readonly nonNegative: boolean,
    /** Whether values that share a series are added up: those that a view or the limit brought together. */
    readonly accumulates: boolean,
    /** When the instrument was made, in milliseconds since the epoch. */
    private createdMs: number,
  ) {}

  /** Opens a collection. */
  begin(): void {
    // The table has no room for the series of three collections.
    doneAtOnce(this.expire())
    this.#round++
    this.#observed = 0
  }

  observe(value: number, labels: LabelsInput | undefined): void {
    if (typeof value !== 'number' || value - value !== 0 || (this.nonNegative && value < 0)) {
      this.reject(rejectionOf(value, this.nonNegative))
      return
    }
    const { table } = this
    const overflowed = table.overflowCount
    let at = table.locate(labels)
    if (at < 0) return
    if (table.cells[at + ROUND] !== this.#round && table.overflowCount === overflowed) {
      if (this.#observed < this.limit) this.#observed++
      else at = table.spill()
    }
    const { cells } = table
    const shared = this.accumulates || table.overflowCount > overflowed
    if (shared && this.shape !== 'gauge' && cells[at + ROUND] === this.#round) {
      cells[at] = inRange((cells[at] as number) + value)
    } else cells[at] = value
    cells[at + ROUND] = this.#round
  }

  /** Closes a collection: what it did not observe goes with {@link expire}. */
  end(): void {
    this.#over = this.#round
  }

  /** Goes on with another series, which was observed since `createdMs`: until it is observed again, or not. */
  absorb(group: SeriesGroup, row: number, carried: Carried, createdMs: number): void {
    const cells = group.chunkOf(row)
    const at = group.offsetOf(row)
    cells[at] = this.shape === 'gauge' ? amountOf(carried) : inRange((cells[at] as number) + amountOf(carried))
    cells[at + ROUND] = BEFORE
    this.createdMs = Math.min(this.createdMs, createdMs || Number.POSITIVE_INFINITY)
  }

  valueAt(group: SeriesGroup, row: number): number {
    return group.cellAt(row, 0)
  }

  createdMsAt(): number {
    return this.shape === 'gauge' ? 0 : this.createdMs
  }

  /** Series live from one collection to the next. */
  *expire(): Generator<void, void, void> {
    const over = this.#over
    if (over === 0) return
    for (const _step of this.table.deleteWhere((group, row) => group.cellAt(row, ROUND) < over)) {
      yield
      // Another collection began meanwhile, and has done the rest.
      if (this.#over !== over) return
    }
    this.#over = 0
  }
}
