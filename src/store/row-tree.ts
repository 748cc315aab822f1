import { isDetached } from '../model/detached'
import { type LabelRows, NONE, type RowFinder } from './label-rows'
import { isTooLong, type StoredLabel } from './label-values'

/** A label value leads on to more labels, or to a row where no other label is needed to tell it from the rest. */
interface Branch extends Map<StoredLabel, Branch | number> {}

/** The tree is arranged anew when it has this many times the rows of last time. */
const REARRANGE_GROWTH = 8

/**
 * The quick way from label values to a row, at a hundred bytes a row: a tree of maps, one label a level. The label with
 * the most values comes first, and a branch ends where one row is left; so a row is mostly found by one look-up, and
 * comparing its other labels confirms it.
 */
export class RowTree implements RowFinder {
  readonly #rows: LabelRows
  /**
   * The values themselves, row-major, so that comparing them is one step; as the row's first recording gave them, as
   * code often gives the same object again, which is equal at a glance.
   */
  readonly #values: StoredLabel[] = []
  #root: Branch = new Map()
  /** The labels in the order of the tree's levels. */
  #levels: number[]
  #rearrangeAt = REARRANGE_GROWTH

  /** Takes up the rows that there are. */
  constructor(rows: LabelRows) {
    this.#rows = rows
    this.#levels = rows.values.map((_, label) => label)
    for (let row = 0; row < rows.count; row++) this.#values.push(...rows.valuesOf(row))
    if (rows.count > 0) this.#rearrange(rows.count)
  }

  find(values: readonly StoredLabel[]): number {
    const levels = this.#levels
    const depth = levels.length
    let branch = this.#root
    for (let level = 0; level < depth; level++) {
      const value = values[levels[level] as number] as StoredLabel
      if (isTooLong(value)) return NONE
      const next = branch.get(value)
      if (next === undefined) return NONE
      if (typeof next === 'object') {
        branch = next
        continue
      }
      const start = next * depth
      for (level++; level < depth; level++) {
        const label = levels[level] as number
        if (this.#values[start + label] !== values[label]) return NONE
      }
      return next
    }
    return NONE
  }

  /**
   * As {@link find}. Where the first label alone leads to a row, which is mostly so, the other values are compared one by
   * one, which takes less time than a loop.
   */
  findFew(first: StoredLabel, second: StoredLabel, third: StoredLabel, fourth: StoredLabel): number {
    const telling = this.#levels[0]
    const value = telling === 0 ? first : telling === 1 ? second : telling === 2 ? third : fourth
    if (isTooLong(value)) return NONE
    const row = this.#root.get(value)
    if (row === undefined) return NONE
    if (typeof row === 'object') return this.#findDeeper(row, first, second, third, fourth)
    const values = this.#values
    const depth = this.#levels.length
    const start = row * depth
    if (telling !== 0 && values[start] !== first) return NONE
    if (depth > 1) {
      if (telling !== 1 && values[start + 1] !== second) return NONE
      if (depth > 2) {
        if (telling !== 2 && values[start + 2] !== third) return NONE
        if (depth > 3 && telling !== 3 && values[start + 3] !== fourth) return NONE
      }
    }
    return row
  }

  /** Goes on where the first label alone did not lead to a row. */
  #findDeeper(from: Branch, first: StoredLabel, second: StoredLabel, third: StoredLabel, fourth: StoredLabel): number {
    const levels = this.#levels
    const depth = levels.length
    let branch = from
    let row: number | undefined
    for (let level = 1; level < depth; level++) {
      const label = levels[level] as number
      const value = label === 0 ? first : label === 1 ? second : label === 2 ? third : fourth
      if (row !== undefined) {
        if (this.#values[row * depth + label] !== value) return NONE
        continue
      }
      if (isTooLong(value)) return NONE
      const next = branch.get(value)
      if (next === undefined) return NONE
      if (typeof next === 'object') branch = next
      else row = next
    }
    return row ?? NONE
  }

  add(row: number, values: readonly StoredLabel[]): void {
    for (let label = 0; label < this.#levels.length; label++) {
      const given = values[label] as StoredLabel
      this.#values.push(typeof given === 'string' && isDetached(given) ? given : this.#rows.at(row, label))
    }
    if (row + 1 >= this.#rearrangeAt) this.#rearrange(row + 1)
    else this.#link(row)
  }

  remove(row: number): void {
    this.#unlink(this.#root, row, 0)
  }

  #valueAt(row: number, level: number): StoredLabel {
    return this.#values[row * this.#levels.length + (this.#levels[level] as number)] as StoredLabel
  }

  #link(row: number): void {
    let branch = this.#root
    for (let level = 0; level < this.#levels.length; level++) {
      const value = this.#valueAt(row, level)
      const next = branch.get(value)
      if (next === undefined) {
        branch.set(value, row)
        return
      }
      if (typeof next === 'object') branch = next
      else {
        // A second row under this value: the first one moves a level down.
        const split: Branch = new Map([[this.#valueAt(next, level + 1), next]])
        branch.set(value, split)
        branch = split
      }
    }
  }

  #unlink(branch: Branch, row: number, level: number): void {
    if (level === this.#levels.length) return
    const value = this.#valueAt(row, level)
    const next = branch.get(value)
    if (typeof next === 'object') {
      this.#unlink(next, row, level + 1)
      if (next.size > 0) return
    }
    branch.delete(value)
  }

  #rearrange(rowCount: number): void {
    this.#rearrangeAt = rowCount * REARRANGE_GROWTH
    this.#levels = this.#rows.mostTellingFirst()
    this.#root = new Map()
    for (const row of this.#rows.live()) this.#link(row)
  }
}
