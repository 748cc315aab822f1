import { LabelRows, type RowFinder } from './label-rows'
import type { LabelValues, StoredLabel } from './label-values'
import { RowHash } from './row-hash'
import { RowTree } from './row-tree'

/**
 * The most rows that may be found by the quick way. It takes a fifth less time a recording than the small one, and more
 * memory than all the rest of a series; so it is for as many series as a metric has by default.
 */
const MAX_QUICK_ROWS = 2_048

/** The label values of a group's rows, and the way from values to a row. */
export class LabelIndex {
  readonly #rows: LabelRows
  #finder: RowFinder

  constructor(values: readonly LabelValues[], rows = new LabelRows(values)) {
    this.#rows = rows
    this.#finder = rows.count > MAX_QUICK_ROWS ? new RowHash(rows) : new RowTree(rows)
  }

  /** The rows that were not removed, numbered anew, in their order. This index is not to be used any more. */
  packed(): LabelIndex {
    return new LabelIndex(this.#rows.values, this.#rows.packed())
  }

  /** The row with these values; -1 if there is none. */
  find(values: readonly StoredLabel[]): number {
    return this.#finder.find(values)
  }

  /** As {@link find}, of up to four values. */
  findFew(first: StoredLabel, second: StoredLabel, third: StoredLabel, fourth: StoredLabel): number {
    return this.#finder.findFew(first, second, third, fourth)
  }

  /** Adds a row, whose number is the count of rows so far. */
  add(row: number, values: readonly StoredLabel[]): void {
    this.#rows.add(values)
    if (row === MAX_QUICK_ROWS) this.#finder = new RowHash(this.#rows)
    else this.#finder.add(row, values)
  }

  remove(row: number): void {
    this.#finder.remove(row)
    this.#rows.remove(row)
  }

  /** Removes every row. */
  clear(): void {
    for (const row of this.#rows.live()) this.#rows.remove(row)
  }

  has(row: number): boolean {
    return this.#rows.has(row)
  }

  at(row: number, label: number): StoredLabel {
    return this.#rows.at(row, label)
  }

  /** The id of a value among those of its label. */
  idAt(row: number, label: number): number {
    return this.#rows.idAt(row, label)
  }
}
