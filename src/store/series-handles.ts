/** A bound instrument's hold on its series. `at` is negative while the series does not exist. */
export interface SeriesHandle {
  cells: Float64Array
  at: number
  /** The chunk's counts; only where the group keeps counts. */
  counts?: Uint32Array
  /** Writes to the cells what the handle holds back; asked for before cells are read. */
  settle?(): void
}

/** What a handle points at while its series does not exist. */
export const NO_CELLS = new Float64Array(0)
export const NO_COUNTS = new Uint32Array(0)

/** Handles that are looked at in one step. */
const STEP = 256

/** The handles that are attached to the rows of a group, at most one to a row. */
export class SeriesHandles {
  readonly #byRow = new Map<number, SeriesHandle>()
  /** Whether some of them may hold something back. */
  #holdsBack = false

  add(row: number, handle: SeriesHandle): void {
    this.#byRow.set(row, handle)
    if (handle.settle !== undefined) this.#holdsBack = true
  }

  of(row: number): SeriesHandle | undefined {
    return this.#byRow.get(row)
  }

  /** Has each write what it holds back, in steps. */
  *settle(): Generator<void, void, void> {
    if (!this.#holdsBack) return
    let count = 0
    for (const handle of this.#byRow.values()) {
      handle.settle?.()
      if (++count % STEP === 0) yield
    }
  }

  /** Has the handle of a row, if there is one, look for its series anew. */
  detach(row: number): void {
    const handle = this.#byRow.get(row)
    if (handle === undefined) return
    handle.at = -1
    handle.cells = NO_CELLS
    if (handle.counts !== undefined) handle.counts = NO_COUNTS
    this.#byRow.delete(row)
  }

  /** As {@link detach}, of every row. */
  detachAll(): void {
    for (const row of [...this.#byRow.keys()]) this.detach(row)
  }
}
