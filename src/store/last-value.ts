import type { LabelsInput } from '../model/labels'
import { expireIdle } from './expiry'
import { NO_CELLS } from './series-group'
import type { SeriesTable } from './series-table'
import { type Cell, type NumberStream, type Reject, rejectionOf, type Sink, type StreamIdentity } from './stream'

/** Cells of a last value: the value, and how often it was written, by which idleness is told from sameness. */
export const LAST_VALUE_CELLS = 2
const WRITES = 1

/** The value set last: a gauge. */
export class LastValueStream implements NumberStream, Sink {
  readonly streams = [this]
  readonly shape = 'gauge'

  constructor(
    readonly identity: StreamIdentity,
    readonly table: SeriesTable,
    readonly reject: Reject,
    readonly expireAfterMs: number | undefined,
  ) {}

  record(value: number, labels: LabelsInput | undefined): void {
    const at = this.#locate(value, labels)
    if (at >= 0) write(this.table.cells, at, value)
  }

  adjust(delta: number, labels: LabelsInput | undefined): void {
    const at = this.#locate(delta, labels)
    if (at >= 0) write(this.table.cells, at, this.valueAt(this.table.cells, at) + delta)
  }

  bind(labels: LabelsInput | undefined): Cell {
    const own = { ...labels }
    return this.table.bind(own, () => new LastValueCell(this, own))
  }

  remove(labels: LabelsInput): boolean {
    return this.table.remove(labels)
  }

  clear(): void {
    this.table.clear()
  }

  expire(nowMs: number): void {
    if (this.expireAfterMs !== undefined) {
      expireIdle(this.table, this.expireAfterMs, nowMs, (cells, at) => cells[at + WRITES] as number)
    }
  }

  valueAt(cells: Float64Array, at: number): number {
    return cells[at] as number
  }

  createdMsAt(): number {
    return 0
  }

  #locate(value: number, labels: LabelsInput | undefined): number {
    if (typeof value === 'number' && value - value === 0) return this.table.locate(labels)
    this.reject(rejectionOf(value, false))
    return -1
  }
}

function write(cells: Float64Array, at: number, value: number): void {
  cells[at] = value
  ;(cells[at + WRITES] as number) += 1
}

/** One series of a gauge. */
class LastValueCell implements Cell {
  cells = NO_CELLS
  at = -1

  constructor(
    readonly stream: LastValueStream,
    readonly labels: LabelsInput,
  ) {}

  set(value: number): void {
    if (this.#ready(value)) write(this.cells, this.at, value)
    else this.stream.record(value, this.labels)
  }

  add(delta = 1): void {
    if (this.#ready(delta)) write(this.cells, this.at, (this.cells[this.at] as number) + delta)
    else this.stream.adjust(delta, this.labels)
  }

  #ready(value: number): boolean {
    if (typeof value !== 'number' || value - value !== 0) return false
    return this.at >= 0 || (this.stream.table.reattach(this, this.labels) >= 0 && this.at >= 0)
  }
}
