import type { LabelsInput } from '../model/labels'
import { OVERFLOW_LABEL } from '../model/labels'
import type { LabelPolicy } from './label-policy'
import { NO_CELLS, ROW_BITS, ROW_MASK, SeriesGroup, type SeriesHandle, type StoredLabel } from './series-group'

/** Label names in the order in which a caller writes them, and where each label of the group is found in it. */
interface LabelOrder {
  readonly given: readonly string[]
  readonly source: readonly number[]
  readonly group: SeriesGroup
  /** The given order is the group's order, with nothing missing. */
  readonly direct: boolean
}

/** How many distinct orders a table remembers; code writes labels in a handful of orders, an attacker in any number. */
const MAX_ORDERS = 32

interface SeriesRef {
  readonly group: SeriesGroup
  readonly row: number
}

const NO_LABELS: LabelsInput = Object.freeze({})
const OVERFLOW_VALUES: readonly StoredLabel[] = ['true']

/** What a table tells its owner. */
export interface TableEvents {
  /** A recording that was turned away, and why. */
  rejected(reason: string): void
  /** A recording that went to the overflow series. */
  overflowed(): void
}

export interface TableOptions {
  readonly policy: LabelPolicy
  readonly width: number
  /** Series a table may have, the overflow series not counted. */
  readonly limit: number
  readonly events: TableEvents
  /** Called with the cells of each new series, all 0. */
  readonly initialise?: ((cells: Float64Array, at: number) => void) | undefined
}

/**
 * All series of one metric, by label names and values.
 *
 * {@link locate} is the hot path. It walks the names of the labels it is given beside the order it saw last, which
 * checks the names and gathers the values in one pass, and then walks the values through the group's maps. Only labels
 * in another order, or a series that does not exist, leave that path.
 */
export class SeriesTable {
  /** The chunk of the series located last. */
  cells: Float64Array = NO_CELLS
  readonly groups: SeriesGroup[] = []
  readonly width: number
  /** Recordings that went to the overflow series so far. */
  overflowCount = 0
  readonly #policy: LabelPolicy
  readonly #limit: number
  readonly #events: TableEvents
  readonly #initialise: ((cells: Float64Array, at: number) => void) | undefined
  readonly #groupsByNames = new Map<string, SeriesGroup>()
  #orders: LabelOrder[] = []
  #recent: LabelOrder | undefined
  /** The group without labels. */
  #bare: SeriesGroup | undefined
  #overflow: SeriesGroup | undefined
  readonly #scratch: StoredLabel[] = []

  constructor(options: TableOptions) {
    this.#policy = options.policy
    this.width = options.width
    this.#limit = options.limit
    this.#events = options.events
    this.#initialise = options.initialise
  }

  /** Series that exist, the overflow series included. */
  get seriesCount(): number {
    let count = 0
    for (const group of this.groups) count += group.liveCount
    return count
  }

  /**
   * Finds or makes the series with these labels, and leaves its chunk in `cells`. Returns the offset in that chunk, or
   * -1 where the labels were rejected. Never throws.
   */
  locate(labels: LabelsInput | undefined): number {
    if (labels === undefined) return this.#locateBare()
    const order = this.#recent
    if (order === undefined) return this.#locateOtherwise(labels)
    try {
      const given = order.given
      const scratch = this.#scratch
      let count = 0
      for (const name in labels) {
        if (name !== given[count]) return this.#locateOtherwise(labels)
        let value = labels[name] as StoredLabel | undefined
        if (typeof value !== 'string') {
          value = this.#policy.normalise(value)
          if (value === undefined) return this.#locateOtherwise(labels)
        }
        scratch[count++] = value
      }
      if (count !== given.length) return this.#locateOtherwise(labels)
      const group = order.group
      const row = order.direct ? group.find(scratch) : group.findBySource(scratch, order.source)
      if (row < 0) return this.#locateOtherwise(labels)
      this.cells = group.chunks[row >>> ROW_BITS] as Float64Array
      return (row & ROW_MASK) * group.width
    } catch {
      return this.#reject('invalid_labels')
    }
  }

  /**
   * The handle of the series with these labels, which is made where there is none; the same handle each time. Where the
   * series cannot exist (rejected labels, the limit), the handle stays unattached. `create` makes a handle.
   */
  bind<H extends SeriesHandle>(labels: LabelsInput | undefined, create: () => H): H {
    const series = this.#resolve(labels ?? NO_LABELS)
    if (series === undefined || series.group === this.#overflow) return create()
    const existing = series.group.handleOf(series.row)
    if (existing !== undefined) return existing as H
    const handle = create()
    series.group.attach(handle, series.row)
    return handle
  }

  /**
   * {@link locate} for a handle that lost its series or never had one: attaches it where the series may exist and has
   * no other handle.
   */
  reattach(handle: SeriesHandle, labels: LabelsInput | undefined): number {
    const series = this.#resolve(labels ?? NO_LABELS)
    if (series === undefined) return -1
    const { group, row } = series
    if (group !== this.#overflow && group.handleOf(row) === undefined) group.attach(handle, row)
    return this.#at(series)
  }

  /** Removes one series. False if there is none with these labels. */
  remove(labels: LabelsInput): boolean {
    try {
      const order = this.#orderFor(this.#policy.namesOf(labels))
      if (typeof order === 'string' || !this.#gather(labels, order)) return false
      const row = order.group.find(this.#scratch)
      if (row < 0) return false
      order.group.delete(row)
      return true
    } catch {
      return false
    }
  }

  clear(): void {
    for (const group of this.groups) group.clear()
  }

  /** Removes the series for which `expired` holds. */
  deleteWhere(expired: (cells: Float64Array, at: number) => boolean): void {
    for (const group of this.groups) group.deleteWhere(expired)
  }

  #locateBare(): number {
    const bare = this.#bare
    if (bare === undefined || bare.liveCount === 0) return this.#locateOtherwise(NO_LABELS)
    this.cells = bare.chunks[0] as Float64Array
    return 0
  }

  #locateOtherwise(labels: LabelsInput): number {
    const series = this.#resolve(labels)
    return series === undefined ? -1 : this.#at(series)
  }

  /** The series with these labels, made if need be; the overflow series past the limit; `undefined` if rejected. */
  #resolve(labels: LabelsInput): SeriesRef | undefined {
    try {
      if (typeof labels !== 'object') return this.#turnAway('invalid_labels')
      const order = this.#orderFor(this.#policy.namesOf(labels ?? NO_LABELS))
      if (typeof order === 'string') return this.#turnAway(order)
      if (!this.#gather(labels ?? NO_LABELS, order)) return this.#turnAway('invalid_label_value')
      const { group } = order
      const row = group.find(this.#scratch)
      if (row >= 0) return { group, row }
      if (this.seriesCount - (this.#overflow?.liveCount ?? 0) >= this.#limit) return this.#spill()
      return this.#make(group, this.#scratch)
    } catch {
      // A getter or a proxy among the labels threw.
      return this.#turnAway('invalid_labels')
    }
  }

  /** Puts the values of `labels` into the scratch list in the group's order. False if one of them cannot be a label. */
  #gather(labels: LabelsInput, order: LabelOrder): boolean {
    const { source, given } = order
    for (let level = 0; level < source.length; level++) {
      const place = source[level] as number
      const value = this.#policy.normalise(place < 0 ? undefined : labels[given[place] as string])
      if (value === undefined) return false
      this.#scratch[level] = value
    }
    return true
  }

  #make(group: SeriesGroup, values: readonly StoredLabel[]): SeriesRef {
    const row = group.insert(values)
    this.#initialise?.(group.chunkOf(row), group.offsetOf(row))
    return { group, row }
  }

  #spill(): SeriesRef {
    this.overflowCount++
    this.#events.overflowed()
    this.#overflow ??= this.#group([OVERFLOW_LABEL])
    const row = this.#overflow.find(OVERFLOW_VALUES)
    return row >= 0 ? { group: this.#overflow, row } : this.#make(this.#overflow, OVERFLOW_VALUES)
  }

  #at({ group, row }: SeriesRef): number {
    this.cells = group.chunkOf(row)
    return group.offsetOf(row)
  }

  #orderFor(given: readonly string[]): LabelOrder | string {
    const known = this.#orders.find((order) => sameNames(order.given, given))
    if (known !== undefined) {
      this.#recent = known
      return known
    }
    const placement = this.#policy.place(given)
    if (typeof placement === 'string') return placement
    const { names, source } = placement
    const direct = names.length === given.length && source.every((place, level) => place === level)
    const order: LabelOrder = { given, source, group: this.#group(names), direct }
    if (this.#orders.length >= MAX_ORDERS) this.#orders.shift()
    this.#orders.push(order)
    this.#recent = order
    return order
  }

  #group(names: readonly string[]): SeriesGroup {
    const key = JSON.stringify(names)
    let group = this.#groupsByNames.get(key)
    if (group === undefined) {
      if (this.groups.length > this.#limit) this.#forgetEmptyGroups()
      group = new SeriesGroup(names, this.width)
      this.#groupsByNames.set(key, group)
      this.groups.push(group)
      if (names.length === 0) this.#bare = group
    }
    return group
  }

  /** Names past the limit leave groups without series behind: bounded here, so that names cannot grow memory. */
  #forgetEmptyGroups(): void {
    for (const [key, group] of this.#groupsByNames) {
      if (group.liveCount === 0 && group !== this.#overflow) this.#groupsByNames.delete(key)
    }
    this.groups.splice(0, this.groups.length, ...this.#groupsByNames.values())
    this.#orders = []
    this.#recent = undefined
    if (this.#bare?.liveCount === 0) this.#bare = undefined
  }

  #turnAway(reason: string): undefined {
    this.#events.rejected(reason)
  }

  #reject(reason: string): number {
    this.#events.rejected(reason)
    return -1
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}
