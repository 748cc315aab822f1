export type StoredLabel = string | number | boolean | readonly unknown[] | object

/** A label value leads on to more labels, or to a row where no other label is needed to tell it from the rest. */
interface Branch extends Map<StoredLabel, Branch | number> {}

/** A label with more values than this has too many for one copy of each to be worth looking up. */
const MAX_COMMON_VALUES = 100
/** The tree is arranged anew when it has this many times the rows of last time. */
const REARRANGE_GROWTH = 8

/**
 * The label values of rows, and the way from values to a row.
 *
 * The way is a tree of maps, one label a level. The label with the most values comes first, and a branch ends where one
 * row is left; so a row is mostly found by one look-up, and comparing its other labels confirms it.
 */
export class LabelIndex {
  readonly #depth: number
  /** Row-major; the values of a removed row are `undefined`. */
  readonly #values: (StoredLabel | undefined)[] = []
  /** One copy of each value, by label, for labels with few of them. */
  readonly #common: Map<StoredLabel, StoredLabel>[]
  #root: Branch = new Map()
  /** The labels in the order of the tree's levels. */
  #levels: number[]
  #rearrangeAt = REARRANGE_GROWTH

  constructor(depth: number) {
    this.#depth = depth
    this.#levels = Array.from({ length: depth }, (_, label) => label)
    this.#common = this.#levels.map(() => new Map())
  }

  /** The row with these values; -1 if there is none. */
  find(values: readonly StoredLabel[]): number {
    const levels = this.#levels
    let branch = this.#root
    for (let level = 0; level < levels.length; level++) {
      const next = branch.get(values[levels[level] as number] as StoredLabel)
      if (next === undefined) return -1
      if (typeof next === 'number') return this.#holds(next, values) ? next : -1
      branch = next
    }
    return -1
  }

  /** Adds a row, whose number is the count of rows so far. */
  add(row: number, values: readonly StoredLabel[]): void {
    for (let label = 0; label < this.#depth; label++) {
      this.#values.push(this.#shared(label, values[label] as StoredLabel))
    }
    if (row + 1 >= this.#rearrangeAt) this.#rearrange(row + 1)
    else this.#link(row)
  }

  remove(row: number): void {
    this.#unlink(this.#root, row, 0)
    this.#values.fill(undefined, row * this.#depth, (row + 1) * this.#depth)
  }

  has(row: number): boolean {
    return this.#values[row * this.#depth] !== undefined
  }

  at(row: number, label: number): StoredLabel {
    return this.#values[row * this.#depth + label] as StoredLabel
  }

  valuesOf(row: number): StoredLabel[] {
    return this.#values.slice(row * this.#depth, (row + 1) * this.#depth) as StoredLabel[]
  }

  #holds(row: number, values: readonly StoredLabel[]): boolean {
    const depth = this.#depth
    const start = row * depth
    for (let label = 0; label < depth; label++) {
      if (this.#values[start + label] !== values[label]) return false
    }
    return true
  }

  /** The copy of a value that other rows hold already: requests bring a new string for the same text each time. */
  #shared(label: number, value: StoredLabel): StoredLabel {
    const common = this.#common[label] as Map<StoredLabel, StoredLabel>
    const known = common.get(value)
    if (known === undefined && common.size < MAX_COMMON_VALUES) common.set(value, value)
    return known ?? value
  }

  #link(row: number): void {
    let branch = this.#root
    for (let level = 0; level < this.#depth; level++) {
      const value = this.at(row, this.#levels[level] as number)
      const next = branch.get(value)
      if (next === undefined) {
        branch.set(value, row)
        return
      }
      if (typeof next === 'object') branch = next
      else {
        // A second row under this value: the first one moves a level down.
        const split: Branch = new Map([[this.at(next, this.#levels[level + 1] as number), next]])
        branch.set(value, split)
        branch = split
      }
    }
  }

  #unlink(branch: Branch, row: number, level: number): void {
    if (level === this.#depth) return
    const value = this.at(row, this.#levels[level] as number)
    const next = branch.get(value)
    if (typeof next === 'object') {
      this.#unlink(next, row, level + 1)
      if (next.size > 0) return
    }
    branch.delete(value)
  }

  #rearrange(rowCount: number): void {
    this.#rearrangeAt = rowCount * REARRANGE_GROWTH
    const distinct = this.#levels.map(() => new Set<StoredLabel>())
    for (let row = 0; row < rowCount; row++) {
      if (!this.has(row)) continue
      for (const [label, values] of distinct.entries()) values.add(this.at(row, label))
    }
    const sizes = distinct.map(({ size }) => size)
    this.#levels.sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b)
    this.#root = new Map()
    for (let row = 0; row < rowCount; row++) if (this.has(row)) this.#link(row)
  }
}
