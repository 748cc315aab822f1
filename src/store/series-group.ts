import { LabelIndex, type StoredLabel } from './label-index'

export const ROW_BITS = 6
export const ROWS_PER_CHUNK = 1 << ROW_BITS
export const ROW_MASK = ROWS_PER_CHUNK - 1

/** A bound instrument's hold on its series. `at` is negative while the series does not exist. */
export interface SeriesHandle {
  cells: Float64Array
  at: number
  /** Writes to the cells what the handle holds back; asked for before cells are read. */
  settle?(): void
}

/** What a handle points at while its series does not exist. */
export const NO_CELLS = new Float64Array(0)

/**
 * The series of one metric that have the same label names.
 *
 * A series is a row: a small integer. A {@link LabelIndex} leads from label values to it; its numbers lie in a
 * Float64Array that holds {@link ROWS_PER_CHUNK} rows of `width` cells. A chunk never moves, so whoever knows a chunk
 * and an offset can write without asking again, and a recording allocates nothing.
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
  /** Rows ever given out since the last packing, holes included. */
  rowCount = 0
  /** Series that exist. */
  liveCount = 0
  /** Rises when rows get new numbers. */
  epoch = 0
  /** Rises when a row is deleted. */
  deletions = 0
  #labels: LabelIndex
  readonly #ordered: StoredLabel[] = []
  #handles = new Map<number, SeriesHandle>()

  constructor(names: readonly string[], width: number) {
    this.names = names
    this.width = width
    this.#labels = new LabelIndex(names.length)
  }

  /** The row of the series with these values, in the order of `names`; -1 if there is none. */
  find(values: readonly StoredLabel[]): number {
    return this.names.length === 0 ? this.liveCount - 1 : this.#labels.find(values)
  }

  /** As {@link find}, where the value of `names[level]` stands at `source[level]`; a negative place means `''`. */
  findBySource(values: readonly StoredLabel[], source: readonly number[]): number {
    const depth = source.length
    for (let level = 0; level < depth; level++) {
      const place = source[level] as number
      this.#ordered[level] = place < 0 ? '' : (values[place] as StoredLabel)
    }
    return this.find(this.#ordered)
  }

  /** Adds a series that does not exist yet, all cells 0. Returns its row. */
  insert(values: readonly StoredLabel[]): number {
    if (this.names.length === 0 && this.rowCount > 0) this.#pack()
    const row = this.rowCount++
    if (row >>> ROW_BITS === this.chunks.length) this.chunks.push(new Float64Array(ROWS_PER_CHUNK * this.width))
    this.liveCount++
    this.#labels.add(row, values)
    return row
  }

  /** Removes a series; its handle, if it was bound, finds or makes the series anew when it is next used. */
  delete(row: number): void {
    this.#drop(row)
    this.#packIfSparse()
  }

  /** Removes every series for which `expired` holds. */
  deleteWhere(expired: (cells: Float64Array, at: number, row: number) => boolean): number {
    const doomed: number[] = []
    this.forEach((cells, at, row) => {
      if (expired(cells, at, row)) doomed.push(row)
    })
    // Packing renumbers rows, so it waits until the last one is gone.
    for (const row of doomed) this.#drop(row)
    this.#packIfSparse()
    return doomed.length
  }

  clear(): void {
    for (const row of [...this.#handles.keys()]) this.#detach(row)
    this.#reset()
  }

  isLive(row: number): boolean {
    return this.names.length === 0 ? this.liveCount > 0 : this.#labels.has(row)
  }

  /** The value of the label `names[level]` of a series. */
  labelAt(row: number, level: number): StoredLabel {
    return this.#labels.at(row, level)
  }

  chunkOf(row: number): Float64Array {
    return this.chunks[row >>> ROW_BITS] as Float64Array
  }

  offsetOf(row: number): number {
    return (row & ROW_MASK) * this.width
  }

  /** Visits every series in the order in which they were made. */
  forEach(visit: (cells: Float64Array, at: number, row: number) => void): void {
    for (let row = 0; row < this.rowCount; row++) {
      if (this.isLive(row)) visit(this.chunkOf(row), this.offsetOf(row), row)
    }
  }

  /** Points a handle at a series and keeps it pointed there until the series goes. */
  attach(handle: SeriesHandle, row: number): void {
    handle.cells = this.chunkOf(row)
    handle.at = this.offsetOf(row)
    this.#handles.set(row, handle)
  }

  /** Has every handle write what it holds back. */
  settle(): void {
    for (const handle of this.#handles.values()) handle.settle?.()
  }

  /** The handle that is attached to a series. */
  handleOf(row: number): SeriesHandle | undefined {
    return this.#handles.get(row)
  }

  #drop(row: number): void {
    this.#labels.remove(row)
    this.liveCount--
    this.deletions++
    this.#detach(row)
  }

  #packIfSparse(): void {
    if (this.rowCount > 2 * ROWS_PER_CHUNK && this.liveCount < this.rowCount / 2) this.#pack()
  }

  #detach(row: number): void {
    const handle = this.#handles.get(row)
    if (handle === undefined) return
    handle.at = -1
    handle.cells = NO_CELLS
    this.#handles.delete(row)
  }

  #pack(): void {
    this.settle()
    const { chunks, rowCount, width } = this
    const labels = this.#labels
    const handles = this.#handles
    const labelled = this.names.length > 0
    this.#reset()
    for (let from = 0; from < rowCount; from++) {
      if (!labelled || !labels.has(from)) continue
      const row = this.insert(labels.valuesOf(from))
      const at = (from & ROW_MASK) * width
      this.chunkOf(row).set((chunks[from >>> ROW_BITS] as Float64Array).subarray(at, at + width), this.offsetOf(row))
      const handle = handles.get(from)
      if (handle !== undefined) this.attach(handle, row)
    }
  }

  #reset(): void {
    this.chunks = []
    this.rowCount = 0
    this.liveCount = 0
    this.epoch++
    this.#labels = new LabelIndex(this.names.length)
    this.#handles = new Map()
  }
}
