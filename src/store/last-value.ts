import type { LabelsInput } from '../model/labels'
import { amountOf, type Carried } from './carried'
import { expireUnused } from './expiry'
import { inRange } from './in-range'
import { ownLabels } from './own-labels'
import type { SeriesGroup } from './series-group'
import { NO_CELLS } from './series-handles'
import type { SeriesTable } from './series-table'
import { type Cell, isAccepted, type NumberStream, type Reject, type Sink, type StreamIdentity } from './stream'
import { type MovableCell, moveCell, type RecordingSink, Succeeded } from './succession'

/** Cells of a last value: the value, and where its series expire whether it was in use. */
export const LAST_VALUE_CELLS = 1
const USE = 1

/** The value set last: a gauge. */
export class LastValueStream extends Succeeded implements NumberStream, Sink {
  readonly streams = [this]
  readonly shape = 'gauge'
  /** Gauges are added to; what another instrument adds or records is its last value. */
  readonly adjusts: boolean
  readonly expires: boolean

  constructor(
    readonly identity: StreamIdentity,
    readonly table: SeriesTable,
    readonly reject: Reject,
    readonly expireAfterMs: number | undefined,
    /** Whether the instrument takes no negative values: a counter's last value. */
    readonly nonNegative: boolean,
  ) {
    super()
    this.adjusts = identity.instrument === 'gauge'
    this.expires = expireAfterMs !== undefined
  }

  record(value: number, labels: LabelsInput | undefined): void {
    const at = this.#locate(value, labels)
    if (at >= 0) this.write(this.table.cells, at, value)
  }

  adjust(delta: number, labels: LabelsInput | undefined): void {
    if (!this.adjusts) {
      this.record(delta, labels)
      return
    }
    const at = this.#locate(delta, labels)
    if (at >= 0) this.write(this.table.cells, at, (this.table.cells[at] as number) + delta)
  }

  bind(labels: LabelsInput | undefined): Cell {
    const own = ownLabels(labels)
    return this.table.bind(own, () => new LastValueCell(this, own))
  }

  remove(labels: LabelsInput): boolean {
    return this.table.remove(labels)
  }

  clear(): void {
    this.table.clear()
  }

  expire(nowMs: number): Iterable<void> {
    return this.expireAfterMs === undefined ? [] : expireUnused(this.table, this.expireAfterMs, nowMs)
  }

  /** Has the value of another series. */
  absorb(group: SeriesGroup, row: number, carried: Carried): void {
    this.write(group.chunkOf(row), group.offsetOf(row), amountOf(carried))
  }

  valueAt(group: SeriesGroup, row: number): number {
    return group.cellAt(row, 0)
  }

  createdMsAt(): number {
    return 0
  }

  /** Whether a value may be recorded; says so to `reject` where it may not. */
  accepts(value: number): boolean {
    return isAccepted(value, this.nonNegative, this.reject)
  }

  /** Has an accepted value, or what additions came to, be that of the series at `at`. */
  write(cells: Float64Array, at: number, value: number): void {
    cells[at] = value - value === 0 ? value : inRange(value)
    if (this.expires) cells[at + USE] = 0
  }

  #locate(value: number, labels: LabelsInput | undefined): number {
    return this.accepts(value) ? this.table.locate(labels) : -1
  }
}

/** One series of a last value. */
class LastValueCell implements MovableCell<LastValueStream> {
  cells = NO_CELLS
  at = -1
  moved: Cell | undefined

  constructor(
    public stream: LastValueStream,
    readonly labels: LabelsInput,
  ) {}

  enter(stream: LastValueStream): void {
    this.stream = stream
  }

  set(value: number): void {
    if (this.#isElsewhere()) {
      this.moved?.set(value)
      return
    }
    const at = this.#locate(value)
    if (at >= 0) this.stream.write(this.stream.table.cells, at, value)
  }

  add(delta?: number): void {
    if (this.#isElsewhere()) {
      this.moved?.add(delta)
      return
    }
    if (!this.stream.adjusts) {
      this.set(delta ?? 1)
      return
    }
    // What is missing is no number, and turned away as such.
    const at = this.#locate(delta as number)
    const { cells } = this.stream.table
    if (at >= 0) this.stream.write(cells, at, (cells[at] as number) + (delta as number))
  }

  /** Whether another cell records for it. */
  #isElsewhere(): boolean {
    if (this.at >= 0) return false
    if (this.moved === undefined && this.stream.next !== undefined) moveCell(this, this.stream.next, isLastValue)
    return this.moved !== undefined
  }

  /** As `table.locate`: leaves the chunk in the table's `cells`. */
  #locate(value: number): number {
    const { table } = this.stream
    if (!this.stream.accepts(value)) return -1
    if (this.at < 0) return table.reattach(this, this.labels)
    table.cells = this.cells
    return this.at
  }
}

function isLastValue(sink: RecordingSink): sink is LastValueStream {
  return sink instanceof LastValueStream
}
