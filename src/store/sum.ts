import type { MeasurementOptions } from '../model/exemplar'
import type { LabelsInput } from '../model/labels'
import { amountOf, type Carried } from './carried'
import type { ExemplarSampler } from './exemplar-sampler'
import type { ExemplarStore } from './exemplar-store'
import { expireUnused } from './expiry'
import { inRange, LEAST_TO_LEAVE_RANGE } from './in-range'
import { ownLabels } from './own-labels'
import type { SeriesGroup } from './series-group'
import { NO_CELLS } from './series-handles'
import type { SeriesTable } from './series-table'
import { type Cell, type NumberStream, type Reject, rejectionOf, type Sink, type StreamIdentity } from './stream'
import { type MovableCell, moveCell, type RecordingSink, Succeeded } from './succession'

/** Cells of a sum: its value, when it began, and where its series expire whether it was in use. */
export const SUM_CELLS = 2
const CREATED = 1
const USE = 2

/** A running total: monotonic for counters, free to fall for up-down counters. */
export class SumStream extends Succeeded implements NumberStream, Sink {
  readonly streams = [this]
  readonly monotonic: boolean
  readonly expires: boolean
  readonly exemplars: ExemplarStore
  readonly sampler: ExemplarSampler

  constructor(
    readonly identity: StreamIdentity,
    readonly shape: 'counter' | 'upDownCounter',
    readonly table: SeriesTable,
    readonly reject: Reject,
    readonly expireAfterMs: number | undefined,
  ) {
    super()
    this.monotonic = shape === 'counter'
    this.expires = expireAfterMs !== undefined
    this.exemplars = table.exemplars
    this.sampler = table.exemplars.sampler
  }

  record(value: number, labels: LabelsInput | undefined, options?: MeasurementOptions): void {
    if (typeof value !== 'number' || value - value !== 0 || (value < 0 && this.monotonic)) {
      this.reject(rejectionOf(value, this.monotonic))
      return
    }
    const at = this.table.locate(labels)
    if (at < 0) return
    const { cells } = this.table
    this.put(cells, at, value)
    if (this.sampler.takes || options !== undefined) this.exemplars.offer(cells, at, 0, value, labels, options)
  }

  /** Adds an accepted value to the series at `at`. */
  put(cells: Float64Array, at: number, value: number): void {
    const sum = (cells[at] as number) + value
    cells[at] = sum - sum === 0 ? sum : inRange(sum)
    if (this.expires) cells[at + USE] = 0
  }

  adjust(delta: number, labels: LabelsInput | undefined, options?: MeasurementOptions): void {
    this.record(delta, labels, options)
  }

  bind(labels: LabelsInput | undefined): Cell {
    const own = ownLabels(labels)
    return this.table.bind(own, () => (this.monotonic ? new CounterCell(this, own) : new SumCell(this, own)))
  }

  remove(labels: LabelsInput): boolean {
    return this.table.remove(labels)
  }

  clear(): void {
    this.table.clear()
  }

  expire(nowMs: number): Iterable<void> {
    if (this.expireAfterMs === undefined) return []
    // What is open is closed in the same series: a new one would begin at 0, and fall below it.
    const stays = this.identity.instrument === 'upDownCounter' ? (value: number) => value !== 0 : undefined
    return expireUnused(this.table, this.expireAfterMs, nowMs, stays)
  }

  /** Adds what another series counted since `createdMs`. */
  absorb(group: SeriesGroup, row: number, carried: Carried, createdMs: number): void {
    const cells = group.chunkOf(row)
    const at = group.offsetOf(row)
    this.put(cells, at, amountOf(carried))
    cells[at + CREATED] = Math.min(cells[at + CREATED] as number, createdMs)
  }

  /** Tells which sinks have cells of the same kind. */
  static isLike(stream: SumStream): (sink: RecordingSink) => sink is SumStream {
    return (sink): sink is SumStream => sink instanceof SumStream && sink.monotonic === stream.monotonic
  }

  valueAt(group: SeriesGroup, row: number): number {
    return group.cellAt(row, 0)
  }

  createdMsAt(group: SeriesGroup, row: number): number {
    return group.cellAt(row, CREATED)
  }
}

/** One series of a sum that may fall. */
class SumCell implements MovableCell<SumStream> {
  cells = NO_CELLS
  at = -1
  moved: Cell | undefined

  constructor(
    public stream: SumStream,
    readonly labels: LabelsInput,
  ) {}

  enter(stream: SumStream): void {
    this.stream = stream
  }

  add(value?: number): void {
    // Of all numbers, only NaN and the infinities are not 0 when taken from themselves.
    if (typeof value === 'number' && value - value === 0 && this.at >= 0) this.stream.put(this.cells, this.at, value)
    else recordRare(this, value)
  }

  set(value: number): void {
    this.add(value)
  }
}

/** Ones that a bound counter holds back at most before it writes them to its cell. */
const MAX_ONES = 1_000_000_000

/**
 * One series of a counter. Ones, which is nearly all that is added to counters, are held back as a small integer and
 * written to the cell when it is read: adding to an integer takes a third of the time that adding to a double in
 * memory takes.
 */
class CounterCell implements MovableCell<SumStream> {
  cells = NO_CELLS
  moved: Cell | undefined
  readonly sampler: ExemplarSampler
  #at = -1
  /** How many ones more may be held back: none while the series does not exist. */
  #room = 0
  /** Whether something else was added, which is told to the cell together with the ones. */
  #isUsed = false

  constructor(
    public stream: SumStream,
    readonly labels: LabelsInput,
  ) {
    this.sampler = stream.sampler
  }

  enter(stream: SumStream): void {
    this.stream = stream
  }

  get at(): number {
    return this.#at
  }

  /** What is held back for a series that was removed goes with it. */
  set at(at: number) {
    this.#at = at
    this.#room = at < 0 ? 0 : MAX_ONES
    this.#isUsed = false
  }

  add(value = 1, options?: MeasurementOptions): void {
    if (value === 1 && this.#room > 0 && !this.sampler.takes && options === undefined) this.#room--
    else this.#addOther(value, options)
  }

  #addOther(value: number, options: MeasurementOptions | undefined): void {
    const at = this.#at
    if (this.#room === 0) this.settle()
    if (typeof value !== 'number' || !(value >= 0 && value < LEAST_TO_LEAVE_RANGE) || at < 0) {
      recordRare(this, value, options)
      return
    }
    ;(this.cells[at] as number) += value
    this.#isUsed = true
    if (!this.sampler.takes && options === undefined) return
    this.stream.exemplars.offer(this.cells, at, 0, value, this.labels, options)
  }

  settle(): void {
    if (this.#at < 0) return
    const ones = MAX_ONES - this.#room
    if (this.#isUsed || ones > 0) this.stream.put(this.cells, this.#at, ones)
    this.#room = MAX_ONES
    this.#isUsed = false
  }

  set(value: number, options?: MeasurementOptions): void {
    this.#addOther(value, options)
  }
}

/** The rare way: a value to reject, a very large one, or a series that went away, went elsewhere or never came to be. */
function recordRare(cell: SumCell | CounterCell, value: number | undefined, options?: MeasurementOptions): void {
  if (cell.moved === undefined && cell.stream.next !== undefined) {
    moveCell(cell, cell.stream.next, SumStream.isLike(cell.stream))
  }
  if (cell.moved !== undefined) {
    cell.moved.set(value as number, options)
    return
  }
  const { stream, labels } = cell
  const { monotonic } = stream
  if (typeof value !== 'number' || value - value !== 0 || (monotonic && value < 0)) {
    stream.reject(rejectionOf(value, monotonic))
    return
  }
  const at = stream.table.reattach(cell, labels)
  if (at < 0) return
  const { cells } = stream.table
  stream.put(cells, at, value)
  if (stream.sampler.takes || options !== undefined) stream.exemplars.offer(cells, at, 0, value, labels, options)
}
