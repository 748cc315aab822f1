import { type Column, withNumber } from './column'
import type { LabelValues, StoredLabel } from './label-values'

/** No row. */
export const NONE = -1

/** The label values of rows: the ids of its values, a column for each label. */
export class LabelRows {
  /** The values of each label. */
  readonly values: readonly LabelValues[]
  /** Rows ever added. */
  count = 0
  /** By row, one more than the id; 0 where the row was removed. */
  readonly #columns: Column[]

  constructor(values: readonly LabelValues[]) {
    this.values = values
    this.#columns = values.map(() => new Uint8Array(1))
  }

  add(values: readonly StoredLabel[]): void {
    const row = this.count++
    for (let label = 0; label < this.values.length; label++) {
      const number = (this.values[label] as LabelValues).take(values[label] as StoredLabel) + 1
      this.#columns[label] = withNumber(this.#columns[label] as Column, row, number)
    }
  }

  remove(row: number): void {
    for (let label = 0; label < this.values.length; label++) {
      ;(this.values[label] as LabelValues).release(this.idAt(row, label))
      ;(this.#columns[label] as Column)[row] = 0
    }
  }

  /** The rows that were not removed, numbered anew. These here are not to be used any more. */
  packed(): LabelRows {
    const packed = new LabelRows(this.values)
    const rows = this.live()
    packed.count = rows.length
    this.#columns.forEach((column, label) => {
      // No `filter`, which takes ten times as long.
      const numbers = column.slice(0, rows.length)
      for (let row = 0; row < rows.length; row++) numbers[row] = column[rows[row] as number] as number
      packed.#columns[label] = numbers
    })
    return packed
  }

  has(row: number): boolean {
    return this.#columns[0]?.[row] !== 0
  }

  idAt(row: number, label: number): number {
    return ((this.#columns[label] as Column)[row] as number) - 1
  }

  at(row: number, label: number): StoredLabel {
    return (this.values[label] as LabelValues).at(this.idAt(row, label))
  }

  valuesOf(row: number): StoredLabel[] {
    return this.values.map((_, label) => this.at(row, label))
  }

  /** The rows that were not removed. */
  live(): Uint32Array {
    const rows = new Uint32Array(this.count)
    let count = 0
    for (let row = 0; row < this.count; row++) if (this.has(row)) rows[count++] = row
    return rows.subarray(0, count)
  }

  /** The labels, those with the most values first. */
  mostTellingFirst(): number[] {
    const rows = this.live()
    const distinct = this.values.map((_, label) => this.distinct(rows, label))
    return this.values
      .map((_, label) => label)
      .sort((a, b) => (distinct[b] as number) - (distinct[a] as number) || a - b)
  }

  /** How many values of a label these rows have. A set of that many ids would take ten times as long. */
  distinct(rows: Uint32Array, label: number): number {
    const seen = new Uint8Array((this.values[label] as LabelValues).list.length)
    let count = 0
    for (let index = 0; index < rows.length; index++) {
      const id = this.idAt(rows[index] as number, label)
      if (seen[id] === 1) continue
      seen[id] = 1
      count++
    }
    return count
  }
}

/** A way from label values to a row. */
export interface RowFinder {
  /** The row with these values; {@link NONE} if there is none. */
  find(values: readonly StoredLabel[]): number
  /** As {@link find}, of up to four values. */
  findFew(first: StoredLabel, second: StoredLabel, third: StoredLabel, fourth: StoredLabel): number
  /** Takes up a row that was added, whose values were given as these. */
  add(row: number, values: readonly StoredLabel[]): void
  /** Forgets a row that is about to be removed. */
  remove(row: number): void
}
