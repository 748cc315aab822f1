import { type Column, columnOf, withNumber } from './column'
import { type LabelRows, NONE, type RowFinder } from './label-rows'
import type { LabelValues, StoredLabel } from './label-values'

/** The most rows that share a head before the labels by which rows are told apart are chosen anew. */
const LONG_CHAIN = 4

/**
 * The way from label values to a row that takes the least memory: some five to ten bytes a row. The id of the label with
 * the most values leads straight to a row, or to a chain of the few that have this value, and comparing the other labels
 * confirms the row. Only where no label alone tells most rows apart, the hash of several ids leads to the chain.
 */
export class RowHash implements RowFinder {
  readonly #rows: LabelRows
  /** One more than the first row of each chain, or 0: by id where one label leads to it, by hash where several do. */
  #heads: Column = new Uint8Array(0)
  /** One more than the row that follows a row in its chain, or 0; empty as long as each row is alone. */
  #next: Column = new Uint8Array(0)
  /** Labels, those with the most values first. */
  #levels: number[]
  /** How many of the levels lead to a chain. */
  #leading = 1
  readonly #few: StoredLabel[] = []
  /** Rows at which the leading labels were chosen. */
  #chosenAt = 0

  /** Takes up the rows that there are. */
  constructor(rows: LabelRows) {
    this.#rows = rows
    this.#levels = rows.values.map((_, label) => label)
    this.#chooseLeading()
  }

  findFew(first: StoredLabel, second: StoredLabel, third: StoredLabel, fourth: StoredLabel): number {
    this.#few[0] = first
    this.#few[1] = second
    this.#few[2] = third
    this.#few[3] = fourth
    return this.find(this.#few)
  }

  find(values: readonly StoredLabel[]): number {
    const head = this.#headOf(values)
    if (head < 0) return NONE
    for (let row = this.#first(head); row >= 0; row = this.#after(row)) {
      if (this.#holds(row, values)) return row
    }
    return NONE
  }

  add(row: number): void {
    if (this.#leading > 1 && row >= this.#heads.length) this.#rebuild()
    else if (this.#link(row) > LONG_CHAIN) this.#chooseLeading()
  }

  remove(row: number): void {
    const head = this.#headOfRow(row)
    let before = NONE
    for (let other = this.#first(head); other !== row; other = this.#after(other)) before = other
    const next = this.#after(row) + 1
    if (before === NONE) this.#heads[head] = next
    else this.#next[before] = next
    if (row < this.#next.length) this.#next[row] = 0
  }

  #holds(row: number, values: readonly StoredLabel[]): boolean {
    for (let label = 0; label < this.#levels.length; label++) {
      if (this.#rows.at(row, label) !== values[label]) return false
    }
    return true
  }

  /** The head of the chain of these values; {@link NONE} if no row has one of them. */
  #headOf(values: readonly StoredLabel[]): number {
    let hash = 0
    for (let level = 0; level < this.#leading; level++) {
      const label = this.#levels[level] as number
      const id = (this.#rows.values[label] as LabelValues).find(values[label] as StoredLabel)
      if (id === undefined) return NONE
      if (this.#leading === 1) return id
      hash = mixed(hash, id)
    }
    return this.#slotOf(hash)
  }

  #headOfRow(row: number): number {
    return this.#leading === 1
      ? this.#rows.idAt(row, this.#levels[0] as number)
      : this.#slotOf(this.#hashOf(row, this.#leading))
  }

  #hashOf(row: number, leading: number): number {
    let hash = 0
    for (let level = 0; level < leading; level++) {
      hash = mixed(hash, this.#rows.idAt(row, this.#levels[level] as number))
    }
    return hash
  }

  /** A hash's upper bits, the ones that all of the ids have changed. The count of heads is a power of two. */
  #slotOf(hash: number): number {
    return hash >>> Math.clz32(this.#heads.length - 1)
  }

  /** Puts a row at the end of its chain. Returns how many are before it. */
  #link(row: number): number {
    const head = this.#headOfRow(row)
    let last = NONE
    let length = 0
    for (let other = this.#first(head); other >= 0; other = this.#after(other)) {
      last = other
      length++
    }
    if (last === NONE) this.#heads = withNumber(this.#heads, head, row + 1)
    else this.#next = withNumber(this.#next, last, row + 1)
    return length
  }

  #first(head: number): number {
    return head < this.#heads.length ? (this.#heads[head] as number) - 1 : NONE
  }

  #after(row: number): number {
    return row < this.#next.length ? (this.#next[row] as number) - 1 : NONE
  }

  /** Into how many chains rows would go. */
  #chains(rows: Uint32Array, leading: number): number {
    if (leading === 1) return this.#rows.distinct(rows, this.#levels[0] as number)
    return new Set(Array.from(rows, (row) => this.#hashOf(row, leading))).size
  }

  #rebuild(): void {
    const { count, values } = this.#rows
    const ids = (values[this.#levels[0] as number] as LabelValues).list.length
    this.#heads = columnOf(this.#leading === 1 ? ids : 2 ** Math.ceil(Math.log2(2 * count)), count)
    this.#next = new Uint8Array(0)
    for (const row of this.#rows.live()) this.#link(row)
  }

  /** Sorts the levels, and lets as many of them lead as it takes for chains of two rows on average. */
  #chooseLeading(): void {
    const depth = this.#levels.length
    // Once for a number of rows; then more labels lead if those chosen do not do.
    const atLeast = this.#rows.count < 2 * this.#chosenAt ? this.#leading + 1 : 1
    if (atLeast > depth) return
    this.#chosenAt = this.#rows.count
    this.#levels = this.#rows.mostTellingFirst()
    const rows = this.#rows.live()
    let leading = atLeast
    while (leading < depth && 2 * this.#chains(rows, leading) < rows.length) leading++
    this.#leading = leading
    this.#rebuild()
  }
}

/** Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4) of one id after the other. */
function mixed(hash: number, id: number): number {
  return Math.imul(hash ^ id, 0x9e3779b1)
}
