import type { LabelsInput } from '../model/labels'
import { OVERFLOW_LABEL } from '../model/labels'
import { NO_EXEMPLARS } from './exemplar-sampler'
import { ExemplarStore } from './exemplar-store'
import type { LabelOrder } from './label-order'
import { FULL, LabelOrders } from './label-orders'
import type { LabelPolicy } from './label-policy'
import { isTooLong, type StoredLabel } from './label-values'
import type { SeriesGroup } from './series-group'
import { NO_CELLS, NO_COUNTS, type SeriesHandle } from './series-handles'
import type { Overflow, TableEvents, TableOptions } from './table-options'
import { doneAtOnce } from './turns'

export interface SeriesRef {
  readonly group: SeriesGroup
  readonly row: number
}

const NO_LABELS: LabelsInput = Object.freeze({})
const NOTHING_DROPPED: ReadonlyMap<string, StoredLabel> = new Map()
const OVERFLOW_VALUES: readonly StoredLabel[] = ['true']
/** Why labels have no series where a value is too long for that: recordings go to the overflow series. */
const TOO_LONG = 'label_too_long'

/**
 * All series of one metric, by label names and values.
 *
 * {@link locate} is the hot path: a {@link LabelOrder}, the one that was seen last, finds the row. Only labels in another
 * order, or a series that does not exist, leave that path.
 */
export class SeriesTable {
  /** The chunk of the series located last. */
  cells: Float64Array = NO_CELLS
  /** Its counts, where the layout has some. */
  counts: Uint32Array = NO_COUNTS
  readonly groups: readonly SeriesGroup[]
  readonly width: number
  readonly exemplars: ExemplarStore
  /** Recordings that had no series of their own so far. */
  overflowCount = 0
  readonly #policy: LabelPolicy
  #limit: number
  readonly #states: number | undefined
  readonly #events: TableEvents
  readonly #initialise: ((cells: Float64Array, at: number) => void) | undefined
  readonly #orders: LabelOrders
  readonly #hasCounts: boolean
  #overflow: SeriesGroup | undefined
  readonly #scratch: StoredLabel[] = []
  #count = 0

  constructor(options: TableOptions) {
    this.#policy = options.policy
    this.width = options.layout.width
    this.#hasCounts = options.layout.counts !== undefined
    this.#limit = options.limit
    this.#states = options.states
    this.#events = options.events
    this.#initialise = options.initialise
    const { sampler = NO_EXEMPLARS, slots = 0 } = options.exemplars ?? {}
    const exemplars = new ExemplarStore(sampler, this.width, slots, (labels) => this.dropped(labels))
    const layout = { ...options.layout, moved: exemplars.move.bind(exemplars) }
    this.exemplars = exemplars
    this.#orders = new LabelOrders(options.policy, layout, options.vocabulary, options.limit)
    this.groups = this.#orders.groups
  }

  /** Series that exist, the overflow series included. */
  get seriesCount(): number {
    return this.#count
  }

  /**
   * Finds or makes the series with these labels, and leaves its chunk in `cells`. Returns the offset in that chunk, or
   * -1 where the labels were rejected. Never throws.
   */
  locate(labels: LabelsInput | undefined): number {
    if (labels === undefined) return this.#locateBare()
    const order = this.#orders.recent
    if (order === undefined) return this.#locateOtherwise(labels)
    try {
      const row = order.rowOf(labels)
      if (row < 0) return this.#locateOtherwise(labels)
      return this.#at(order.group, row)
    } catch {
      this.#events.rejected('invalid_labels')
      return -1
    }
  }

  /**
   * The handle of the series with these labels, which is made where there is none; the same handle each time. Where the
   * series cannot exist (rejected labels, the limit), the handle stays unattached. `create` makes a handle.
   */
  bind<H extends SeriesHandle>(labels: LabelsInput | undefined, create: () => H): H {
    // Nothing is recorded yet, so nothing is counted: neither as rejected nor as overflowed.
    const series = this.#lookUp(labels ?? NO_LABELS)
    if (typeof series === 'string') return create()
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
    const series = this.resolve(labels ?? NO_LABELS)
    if (series === undefined) return -1
    const { group, row } = series
    if (group !== this.#overflow && group.handleOf(row) === undefined) group.attach(handle, row)
    return this.#at(group, row)
  }

  /** The labels of a measurement that its series does not have because a view took them. Never throws. */
  protected dropped(_labels: LabelsInput | undefined): ReadonlyMap<string, StoredLabel> {
    return NOTHING_DROPPED
  }

  /** Removes one series. False if there is none with these labels. */
  remove(labels: LabelsInput): boolean {
    try {
      const order = this.#orders.find(this.#policy.namesOf(labels), false)
      if (typeof order === 'string' || this.#gather(labels, order) !== undefined) return false
      const row = order.group.find(this.#scratch)
      if (row < 0) return false
      order.group.delete(row)
      this.#count--
      return true
    } catch {
      return false
    }
  }

  /** Has bound instruments write what they hold back, so that cells can be read. */
  *settle(): Generator<void, void, void> {
    for (const group of this.groups) yield* group.settle()
  }

  /** Has a count that passed its range go on: see {@link SeriesGroup.carry}. */
  carry(cells: Float64Array, place: number): void {
    this.groups.find(({ chunks }) => chunks.includes(cells))?.carry(cells, place)
  }

  clear(): void {
    for (const group of this.groups) group.clear()
    this.cells = NO_CELLS
    this.counts = NO_COUNTS
    this.#count = 0
  }

  /** Removes the series for which `expired` holds, in steps. */
  *deleteWhere(expired: (group: SeriesGroup, row: number) => boolean): Generator<void, void, void> {
    for (const group of this.groups) {
      for (const gone of group.deleteWhere(expired)) {
        this.#count -= gone
        yield
      }
    }
  }

  #locateBare(): number {
    const bare = this.#orders.bare
    if (bare === undefined || bare.liveCount === 0) return this.#locateOtherwise(NO_LABELS)
    return this.#at(bare, 0)
  }

  #locateOtherwise(labels: LabelsInput): number {
    const series = this.resolve(labels)
    return series === undefined ? -1 : this.#at(series.group, series.row)
  }

  /** The series with these labels, made if need be; the overflow series past the limit; `undefined` if there is none. */
  resolve(labels: LabelsInput): SeriesRef | undefined {
    const series = this.#lookUp(labels)
    if (typeof series !== 'string') return series
    if (series === FULL) return this.#states === undefined ? this.#spill('limit') : this.#leaveOut(this.#states)
    if (series === TOO_LONG) return this.#spill('long_label')
    this.#events.rejected(series)
    return undefined
  }

  /**
   * The series that goes on for one of another table with these labels, made if need be, whatever the limit is: the overflow
   * series where the labels cannot be, or `labels` is `undefined`. To be called with what a table had only.
   */
  place(labels: LabelsInput | undefined): SeriesRef {
    const order = labels === undefined ? FULL : this.#read(labels, true)
    if (typeof order === 'string') return this.#overflowSeries()
    const row = order.group.find(this.#scratch)
    return row >= 0 ? { group: order.group, row } : this.#make(order.group, this.#scratch)
  }

  /** How many series may be made from now on; those that there are stay. */
  limitTo(limit: number): void {
    this.#limit = limit
    this.#orders.limitTo(limit)
  }

  /** Has every bound instrument look for its series anew. */
  release(): void {
    doneAtOnce(this.settle())
    for (const group of this.groups) group.detachAll()
  }

  /** Why no series can have these labels, were there room for it; `undefined` where one can. Counts nothing. Never throws. */
  refusal(labels: LabelsInput): string | undefined {
    try {
      const order = this.#read(labels, true)
      return typeof order === 'string' ? order : undefined
    } catch {
      return 'invalid_labels'
    }
  }

  /** The series with these labels, made if there is room; otherwise {@link FULL}, or why they can have none. */
  #lookUp(labels: LabelsInput): SeriesRef | string {
    try {
      const order = this.#read(labels, !this.#isFull())
      if (typeof order === 'string') return order
      const { group } = order
      const row = group.find(this.#scratch)
      if (row >= 0) return { group, row }
      return this.#isFull() ? FULL : this.#make(group, this.#scratch)
    } catch {
      // A getter or a proxy among the labels threw.
      return 'invalid_labels'
    }
  }

  #isFull(): boolean {
    // The one overflow series is beyond the limit; another one with its label, made by hand, is not.
    const spilled = this.#overflow !== undefined && this.#overflow.find(OVERFLOW_VALUES) >= 0
    return this.#count - (spilled ? 1 : 0) >= this.#limit
  }

  /** The order of labels, whose values are left in the scratch list in the group's order; or why they have no series. */
  #read(labels: LabelsInput, mayAdd: boolean): LabelOrder | string {
    if (typeof labels !== 'object') return 'invalid_labels'
    const given = labels ?? NO_LABELS
    const order = this.#orders.find(this.#policy.namesOf(given), mayAdd)
    return typeof order === 'string' ? order : (this.#gather(given, order) ?? order)
  }

  /**
   * Puts the values of `labels` into the scratch list in the group's order. Returns why that cannot be done: one of them
   * is no label, or {@link TOO_LONG}.
   */
  #gather(labels: LabelsInput, order: LabelOrder): string | undefined {
    const { source, given } = order
    for (let level = 0; level < source.length; level++) {
      const place = source[level] as number
      const value = this.#policy.normalise(place < 0 ? undefined : labels[given[place] as string])
      if (value === undefined) return 'invalid_label_value'
      if (isTooLong(value)) return TOO_LONG
      this.#scratch[level] = value
    }
    return undefined
  }

  #make(group: SeriesGroup, values: readonly StoredLabel[]): SeriesRef {
    const row = group.insert(this.#policy.kept(values.slice(0, group.names.length)))
    this.#count++
    this.#initialise?.(group.chunkOf(row), group.offsetOf(row))
    return { group, row }
  }

  /** Leaves the chunk of the overflow series in `cells` and returns its offset, counting a recording that goes there. */
  spill(): number {
    const { group, row } = this.#spill('limit')
    return this.#at(group, row)
  }

  /** A set of states has room or has not, so its recordings come here one after the other: all, or none. */
  #leaveOut(states: number): undefined {
    if (this.overflowCount++ % states === 0) this.#events.overflowed('states')
  }

  #spill(cause: Overflow): SeriesRef {
    this.overflowCount++
    this.#events.overflowed(cause)
    return this.#overflowSeries()
  }

  #overflowSeries(): SeriesRef {
    this.#overflow ??= this.#orders.groupOf([OVERFLOW_LABEL])
    const row = this.#overflow.find(OVERFLOW_VALUES)
    return row >= 0 ? { group: this.#overflow, row } : this.#make(this.#overflow, OVERFLOW_VALUES)
  }

  /** Leaves the chunk of a row in `cells` and returns its offset. */
  #at(group: SeriesGroup, row: number): number {
    const cells = group.chunkOf(row)
    // It mostly is the one of last time, and a look takes less than to write it.
    if (cells !== this.cells) {
      this.cells = cells
      if (this.#hasCounts) this.counts = group.countsOf(row)
    }
    return group.offsetOf(row)
  }
}
