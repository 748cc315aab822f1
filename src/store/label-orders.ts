import { OVERFLOW_LABEL } from '../model/labels'
import type { CellLayout } from './cell-layout'
import { LabelOrder } from './label-order'
import type { LabelPolicy } from './label-policy'
import type { Vocabulary } from './label-values'
import { SeriesGroup } from './series-group'

/** Said instead of a reason where there is no room for another series. */
export const FULL = ''

/** How many distinct orders are remembered; code writes labels in a handful of orders, an attacker in any number. */
const MAX_ORDERS = 32

/** The groups of a table by their label names, and the orders in which callers write those names. */
export class LabelOrders {
  readonly groups: SeriesGroup[] = []
  /** The order that was asked for last. */
  recent: LabelOrder | undefined
  /** The group without labels. */
  bare: SeriesGroup | undefined
  readonly #policy: LabelPolicy
  readonly #layout: CellLayout
  readonly #vocabulary: Vocabulary
  #limit: number
  readonly #byNames = new Map<string, SeriesGroup>()
  #known: LabelOrder[] = []

  constructor(policy: LabelPolicy, layout: CellLayout, vocabulary: Vocabulary, limit: number) {
    this.#policy = policy
    this.#layout = layout
    this.#vocabulary = vocabulary
    this.#limit = limit
  }

  /**
   * The order of these names; or why labels of these names are rejected; or {@link FULL} where the names have no group
   * and none may be made, so that distinct names cost no memory once the limit is reached.
   */
  find(given: readonly string[], mayAdd: boolean): LabelOrder | string {
    const known = this.#known.find((order) => sameNames(order.given, given))
    if (known !== undefined) {
      this.recent = known
      return known
    }
    const placement = this.#policy.place(given)
    if (typeof placement === 'string') return placement
    const { names, source } = placement
    const existing = this.#byNames.get(JSON.stringify(names))
    if (existing === undefined && !mayAdd) return FULL
    const order = new LabelOrder(given, source, existing ?? this.groupOf(names), this.#policy)
    if (this.#known.length >= MAX_ORDERS) this.#known.shift()
    this.#known.push(order)
    this.recent = order
    return order
  }

  /** How many series the table may have from now on. */
  limitTo(limit: number): void {
    this.#limit = limit
  }

  /** The group with these names, made where there is none. */
  groupOf(names: readonly string[]): SeriesGroup {
    const key = JSON.stringify(names)
    const existing = this.#byNames.get(key)
    if (existing !== undefined) return existing
    // Half of them at least are empty then, so that forgetting them is seldom.
    if (this.groups.length > 2 * this.#limit) this.#forgetEmptyGroups()
    const group = new SeriesGroup(names, this.#layout, this.#vocabulary)
    this.#byNames.set(key, group)
    this.groups.push(group)
    if (names.length === 0) this.bare = group
    return group
  }

  /** Series that went leave groups behind: bounded here, so that names that come and go cannot grow memory. */
  #forgetEmptyGroups(): void {
    for (const [key, { liveCount, names }] of this.#byNames) {
      if (liveCount === 0 && names[0] !== OVERFLOW_LABEL) this.#byNames.delete(key)
    }
    this.groups.splice(0, this.groups.length, ...this.#byNames.values())
    this.#known = []
    this.recent = undefined
    if (this.bare?.liveCount === 0) this.bare = undefined
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}
