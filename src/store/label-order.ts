import type { LabelsInput } from '../model/labels'
import type { LabelPolicy } from './label-policy'
import { NONE } from './label-rows'
import type { StoredLabel } from './label-values'
import type { SeriesGroup } from './series-group'

/** V8 makes it a check that costs nothing in a `for`-`in` loop over the same object, which lists inherited names too. */
const hasOwn = Object.prototype.hasOwnProperty

/** Labels that have a way of their own: see {@link LabelOrder.rowOf}. */
const FEW = 4

/** Label names in the order in which a caller writes them, and the group that they belong to. */
export class LabelOrder {
  readonly given: readonly string[]
  /** Where each label of the group is among those given; negative where it is missing, which is as good as `''`. */
  readonly source: readonly number[]
  readonly group: SeriesGroup
  readonly #policy: LabelPolicy
  /** Whether the given order is the group's, with nothing missing. */
  readonly #isDirect: boolean
  readonly #areFew: boolean
  readonly #values: StoredLabel[] = []
  readonly #ordered: StoredLabel[] = []

  constructor(given: readonly string[], source: readonly number[], group: SeriesGroup, policy: LabelPolicy) {
    this.given = given
    this.source = source
    this.group = group
    this.#policy = policy
    this.#isDirect = source.length === given.length && source.every((place, level) => place === level)
    this.#areFew = this.#isDirect && given.length <= FEW && given.length > 0
  }

  /**
   * The row of the series with these labels; {@link NONE} where there is none, where their names are others or stand in
   * another order, and where a value is no label. Checks the names and gathers the values in one pass. A few values stay in
   * variables: putting them into a list takes as long as looking for the row.
   */
  rowOf(labels: LabelsInput): number {
    if (!this.#areFew) return this.#rowOfMany(labels)
    const { given, group } = this
    let first: StoredLabel = ''
    let second: StoredLabel = ''
    let third: StoredLabel = ''
    let fourth: StoredLabel = ''
    let count = 0
    for (const name in labels) {
      if (name !== given[count] || !hasOwn.call(labels, name)) return NONE
      let value = labels[name] as StoredLabel | undefined
      if (typeof value !== 'string') {
        value = this.#policy.normalise(value)
        if (value === undefined) return NONE
      }
      if (count === 0) first = value
      else if (count === 1) second = value
      else if (count === 2) third = value
      else fourth = value
      count++
    }
    if (count !== given.length || typeof labels !== 'object') return NONE
    return group.findFew(first, second, third, fourth)
  }

  #rowOfMany(labels: LabelsInput): number {
    const { given, group } = this
    const values = this.#values
    let count = 0
    for (const name in labels) {
      if (name !== given[count] || !hasOwn.call(labels, name)) return NONE
      let value = labels[name] as StoredLabel | undefined
      if (typeof value !== 'string') {
        value = this.#policy.normalise(value)
        if (value === undefined) return NONE
      }
      values[count++] = value
    }
    if (count !== given.length || typeof labels !== 'object') return NONE
    return group.find(this.#isDirect ? values : this.#inOrder(values))
  }

  /** Given values in the order of the group's labels. */
  #inOrder(values: readonly StoredLabel[]): readonly StoredLabel[] {
    const { source } = this
    const depth = source.length
    for (let level = 0; level < depth; level++) {
      const place = source[level] as number
      this.#ordered[level] = place < 0 ? '' : (values[place] as StoredLabel)
    }
    return this.#ordered
  }
}
