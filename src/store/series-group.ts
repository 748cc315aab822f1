import type { CellLayout } from './cell-layout'
import { copyCells, wordsOf } from './copy-cells'
import { CountWraps } from './count-wraps'
import { LabelIndex } from './label-index'
import type { LabelValues, StoredLabel, Vocabulary } from './label-values'
import { NO_COUNTS, type SeriesHandle, SeriesHandles } from './series-handles'
import { doneAtOnce } from './turns'

export const ROW_BITS = 6
export const ROWS_PER_CHUNK = 1 << ROW_BITS
export const ROW_MASK = ROWS_PER_CHUNK - 1

/** Series that are looked at in one step. */
const STEP = 256

/**
 * The series of one metric that have the same label names.
 *
 * A series is a row: a small integer. A {@link LabelIndex} leads from label values to it; its numbers lie in a
 * Float64Array that holds {@link ROWS_PER_CHUNK} rows of `width` cells. A chunk never moves, so whoever knows a chunk
 * and an offset can write without asking again, and a recording allocates nothing.
 *
 * Counts take half a cell each, as 32 bits; `counts` shows the same bytes as `chunks`. What a count cannot hold is
 * carried elsewhere: see {@link CountWraps}.
 *
 * A deleted row is left behind as a hole. When holes outnumber series the group is packed: rows get new numbers and
 * chunks, and `epoch` rises so that caches keyed by row start again.
 */
export class SeriesGroup {
  readonly names: readonly string[]
  /** Cells a row. */
  readonly width: number
  /** Chunks of {@link ROWS_PER_CHUNK} rows each. */
  chunks: Float64Array[] = []
  /** The chunks' bytes as whole numbers; empty where the layout has no counts. */
  counts: Uint32Array[] = []
  /** Rows ever given out since the last packing, holes included. */
  rowCount = 0
  /** Series that exist. */
  liveCount = 0
  /** Rises when rows get new numbers. */
  epoch = 0
  /** The values of each of `names`. */
  readonly values: readonly LabelValues[]
  readonly #counts: CellLayout['counts']
  readonly #released: CellLayout['released']
  readonly #moved: CellLayout['moved']
  #labels: LabelIndex
  #handles = new SeriesHandles()
  #wraps: CountWraps

  constructor(names: readonly string[], layout: CellLayout, vocabulary: Vocabulary) {
    this.names = names
    this.width = layout.width
    this.#counts = layout.counts
    this.#released = layout.released
    this.#moved = layout.moved
    this.values = names.map((name) => vocabulary.valuesOf(name))
    this.#labels = new LabelIndex(this.values)
    this.#wraps = this.#newWraps()
  }

  /** The row of the series with these values, in the order of `names`; -1 if there is none. */
  find(values: readonly StoredLabel[]): number {
    return this.names.length === 0 ? this.liveCount - 1 : this.#labels.find(values)
  }

  /** As {@link find}, of up to four values; what stands for those that are too many is not looked at. */
  findFew(first: StoredLabel, second: StoredLabel, third: StoredLabel, fourth: StoredLabel): number {
    return this.#labels.findFew(first, second, third, fourth)
  }

  /** Adds a series that does not exist yet, all cells 0. Returns its row. */
  insert(values: readonly StoredLabel[]): number {
    if (this.names.length === 0 && this.rowCount > 0) this.#reset()
    const row = this.#addCells()
    this.#labels.add(row, values)
    return row
  }

  /** Removes a series; its handle, if it was bound, finds or makes the series anew when it is next used. */
  delete(row: number): void {
    this.#drop(row)
    this.#packIfSparse()
  }

  /**
   * Removes every series for which `expired` holds, and tells after each step how many went in it. The group may change
   * between two steps; when it was packed or cleared, the rest stays.
   */
  *deleteWhere(expired: (group: SeriesGroup, row: number) => boolean): Generator<number, void, void> {
    const { epoch, rowCount } = this
    for (let start = 0; start < rowCount; start += STEP) {
      if (this.epoch !== epoch) return
      let gone = 0
      for (let row = start; row < Math.min(start + STEP, rowCount); row++) {
        if (!this.isLive(row) || !expired(this, row)) continue
        this.#drop(row)
        gone++
      }
      yield gone
    }
    // Packing renumbers rows, so it waits until the last one is gone.
    if (this.epoch === epoch) this.#packIfSparse()
  }

  clear(): void {
    if (this.#released !== undefined) this.forEach((row) => void this.#release(row))
    this.detachAll()
    this.#labels.clear()
    this.#reset()
  }

  isLive(row: number): boolean {
    return this.names.length === 0 ? this.liveCount > 0 : this.#labels.has(row)
  }

  /** The value of the label `names[level]` of a series. */
  labelAt(row: number, level: number): StoredLabel {
    return this.#labels.at(row, level)
  }

  /** The id of {@link labelAt} among `values[level]`. */
  labelIdAt(row: number, level: number): number {
    return this.#labels.idAt(row, level)
  }

  cellAt(row: number, cell: number): number {
    return this.chunkOf(row)[this.offsetOf(row) + cell] as number
  }

  /** The count with this number. */
  countAt(row: number, index: number): number {
    const counts = this.countsOf(row)
    const count = counts[this.#countsOffset(row) + index] as number
    return this.#wraps.none ? count : count + this.#wraps.at(row, index)
  }

  /** Puts all counts into `numbers`. */
  readCounts(row: number, numbers: Float64Array): void {
    const counts = this.countsOf(row)
    const offset = this.#countsOffset(row)
    const length = this.#counts?.length ?? 0
    for (let index = 0; index < length; index++) numbers[index] = counts[offset + index] as number
    if (!this.#wraps.none) this.#wraps.addTo(numbers, row)
  }

  /** Sets a count, to any whole number. */
  setCount(row: number, index: number, count: number): void {
    const counts = this.countsOf(row)
    // An array of 32 bits keeps the remainder.
    counts[this.#countsOffset(row) + index] = count
    this.#wraps.set(row, index, count)
  }

  /** Has the count at `place` of a chunk's counts go on where it passed its range and began again at 0. */
  carry(cells: Float64Array, place: number): void {
    const rowInChunk = Math.floor(place / (2 * this.width))
    const row = this.chunks.indexOf(cells) * ROWS_PER_CHUNK + rowInChunk
    this.#wraps.increase(row, place - this.#countsOffset(row))
  }

  chunkOf(row: number): Float64Array {
    return this.chunks[row >>> ROW_BITS] as Float64Array
  }

  /** The counts of a row's chunk. */
  countsOf(row: number): Uint32Array {
    return this.counts[row >>> ROW_BITS] as Uint32Array
  }

  offsetOf(row: number): number {
    return (row & ROW_MASK) * this.width
  }

  /** Visits every series in the order in which they were made. */
  forEach(visit: (row: number) => void): void {
    for (let row = 0; row < this.rowCount; row++) if (this.isLive(row)) visit(row)
  }

  /** Points a handle at a series and keeps it pointed there until the series goes. */
  attach(handle: SeriesHandle, row: number): void {
    handle.cells = this.chunkOf(row)
    handle.at = this.offsetOf(row)
    if (this.#counts !== undefined) handle.counts = this.countsOf(row)
    this.#handles.add(row, handle)
  }

  /** Has every handle write what it holds back, in steps. */
  settle(): Generator<void, void, void> {
    return this.#handles.settle()
  }

  /** Has every handle look for its series anew. What it holds back is to be written before. */
  detachAll(): void {
    this.#handles.detachAll()
  }

  /** The handle that is attached to a series. */
  handleOf(row: number): SeriesHandle | undefined {
    return this.#handles.of(row)
  }

  /** Adds a row, all cells 0. */
  #addCells(): number {
    const row = this.rowCount++
    if (row >>> ROW_BITS === this.chunks.length) {
      const chunk = new Float64Array(ROWS_PER_CHUNK * this.width)
      this.chunks.push(chunk)
      if (this.#counts !== undefined) this.counts.push(new Uint32Array(chunk.buffer))
    }
    this.liveCount++
    return row
  }

  #drop(row: number): void {
    this.#release(row)
    this.#labels.remove(row)
    this.liveCount--
    this.#wraps.delete(row)
    this.#handles.detach(row)
  }

  #release(row: number): void {
    this.#released?.(this.chunkOf(row), this.offsetOf(row))
  }

  #countsOffset(row: number): number {
    return 2 * (this.offsetOf(row) + (this.#counts?.firstCell ?? 0))
  }

  #newWraps(): CountWraps {
    return new CountWraps(this.#counts?.length ?? 0)
  }

  #packIfSparse(): void {
    if (this.rowCount > 2 * ROWS_PER_CHUNK && this.liveCount < this.rowCount / 2) this.#pack()
  }

  #pack(): void {
    doneAtOnce(this.settle())
    const { chunks, rowCount, width } = this
    const labels = this.#labels
    const handles = this.#handles
    const wraps = this.#wraps
    this.#reset()
    this.#labels = labels.packed()
    const source = chunks.map(wordsOf)
    let target: Uint32Array = NO_COUNTS
    for (let from = 0; from < rowCount; from++) {
      if (!labels.has(from)) continue
      const row = this.#addCells()
      const at = (from & ROW_MASK) * width
      const chunk = chunks[from >>> ROW_BITS] as Float64Array
      if ((row & ROW_MASK) === 0) target = wordsOf(this.chunkOf(row))
      copyCells(source[from >>> ROW_BITS] as Uint32Array, at, target, this.offsetOf(row), width)
      this.#moved?.(chunk, at, this.chunkOf(row), this.offsetOf(row))
      this.#wraps.take(row, wraps, from)
      const handle = handles.of(from)
      if (handle !== undefined) this.attach(handle, row)
    }
  }

  #reset(): void {
    this.chunks = []
    this.counts = []
    this.rowCount = 0
    this.liveCount = 0
    this.epoch++
    this.#labels = new LabelIndex(this.values)
    this.#handles = new SeriesHandles()
    this.#wraps = this.#newWraps()
  }
}
