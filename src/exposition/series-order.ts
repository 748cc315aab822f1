import type { StoredLabel } from '../store/label-values'
import type { SeriesGroup } from '../store/series-group'
import { doneAtOnce } from '../store/turns'
import { labelText } from './value-texts'

/** Which kinds of values a label has had: two values of different kinds may read the same. */
type Kinds = number

/** Row numbers, in two bytes each where that is enough. */
export type Rows = Uint16Array | Uint32Array

/** Rows that are sorted or merged in one go: a millisecond's work at most. */
const STEP = 1_000
/** Rows of the first step: code that runs for the first time takes ten times as long. */
const FIRST_STEP = 32
/** So often sorting begins anew because the group was packed or cleared in between; then it is done in one go. */
const MAX_TRIES = 3

/** What the objects around the rows take. */
const OBJECTS_BYTES = 350

/** The epoch of an order that nothing was put into. */
const NEVER = -1

/** The order in which the series of a group are written: by label values, whatever the order they were made in. */
export class SeriesOrder {
  /** Rows in their order; some of them may have been removed since. */
  rows: Rows = new Uint16Array(0)
  /** Kinds of values by label. */
  readonly kinds: Kinds[]
  readonly #group: SeriesGroup
  #epoch = NEVER
  /** Rows below this number were put into the order. */
  #known = 0

  constructor(group: SeriesGroup) {
    this.#group = group
    this.kinds = group.names.map(() => 0)
  }

  /** Whether rows have other numbers now than when they were put into this order. */
  get isStale(): boolean {
    return this.#epoch !== NEVER && this.#epoch !== this.#group.epoch
  }

  /** Bytes held. */
  get sizeBytes(): number {
    return OBJECTS_BYTES + this.rows.byteLength
  }

  /**
   * Puts what is new in the group into the order: a step whenever the next value is asked for, as there may be much of
   * it. The group may change between two steps; what comes then waits for the next time.
   */
  *update(): Generator<void, void, void> {
    const group = this.#group
    for (let tries = 1; ; tries++) {
      const { epoch, rowCount } = group
      const isAnew = epoch !== this.#epoch
      if (!isAnew && rowCount <= this.#known) return
      const ordering = isAnew ? this.#sorted(0, rowCount) : this.#extended(this.rows, this.#known, rowCount)
      const rows = tries > MAX_TRIES ? doneAtOnce(ordering) : yield* ordering
      // When the group was packed, the rows have other numbers now.
      if (group.epoch !== epoch) continue
      // Another page may have been quicker.
      if (this.#epoch === epoch && this.#known >= rowCount) return
      this.rows = rows
      this.#epoch = epoch
      this.#known = rowCount
      return
    }
  }

  /** The label values of a row: its place in the order, in terms that outlive a packing of the group. */
  placeOf(row: number): readonly StoredLabel[] {
    return this.#group.names.map((_name, level) => this.#group.labelAt(row, level))
  }

  /** Where in the order the rows begin that are not before `place`. */
  findPlace(place: readonly StoredLabel[]): number {
    const rows = this.rows.filter((row) => this.#group.isLive(row))
    this.rows = rows
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#isBefore(rows[middle] as number, place)) low = middle + 1
      else high = middle
    }
    return low
  }

  #isBefore(row: number, place: readonly StoredLabel[]): boolean {
    for (let level = 0; level < place.length; level++) {
      const own = labelText(this.#group.labelAt(row, level))
      const other = labelText(place[level] as StoredLabel)
      if (own !== other) return own < other
    }
    return false
  }

  /** `rows`, those below `first`, with the rows from there to `end`: another page may put some of these into the order, too. */
  *#extended(rows: Rows, first: number, end: number): Generator<void, Rows, void> {
    const fresh = yield* this.#sorted(first, end)
    return rows.length === 0 ? fresh : yield* this.#merged(rows, fresh)
  }

  /** The rows of existing series from `first` to `end`, in their order. */
  *#sorted(first: number, end: number): Generator<void, Rows, void> {
    const group = this.#group
    const { epoch } = group
    let runs: Rows[] = []
    let step = FIRST_STEP
    for (let start = first; start < end; start += step, step = Math.min(2 * step, STEP)) {
      if (start > first) yield
      if (group.epoch !== epoch) break
      const rows: number[] = []
      for (let row = start; row < Math.min(start + step, end); row++) if (group.isLive(row)) rows.push(row)
      this.#noteKinds(rows)
      rows.sort((a, b) => this.#compare(a, b))
      runs.push(end <= 2 ** 16 ? Uint16Array.from(rows) : Uint32Array.from(rows))
    }
    while (runs.length > 1) {
      const longer: Rows[] = []
      for (let index = 0; index < runs.length; index += 2) {
        const [run, next] = [runs[index] as Rows, runs[index + 1]]
        longer.push(next === undefined ? run : yield* this.#merged(run, next))
      }
      runs = longer
    }
    return runs[0] ?? new Uint16Array(0)
  }

  /** Two ordered lists as one, without the series that are gone. */
  *#merged(a: Rows, b: Rows): Generator<void, Rows, void> {
    const group = this.#group
    const { epoch } = group
    const size = a.length + b.length
    const rows = a.BYTES_PER_ELEMENT === 2 && b.BYTES_PER_ELEMENT === 2 ? new Uint16Array(size) : new Uint32Array(size)
    let count = 0
    for (let fromA = 0, fromB = 0, steps = 1; fromA < a.length || fromB < b.length; steps++) {
      if (steps % STEP === 0) yield
      if (group.epoch !== epoch) break
      const rowA = a[fromA]
      const rowB = b[fromB]
      if (rowA !== undefined && !group.isLive(rowA)) fromA++
      else if (rowB !== undefined && !group.isLive(rowB)) fromB++
      else if (rowB === undefined || (rowA !== undefined && this.#compare(rowA, rowB) < 0)) {
        rows[count++] = rowA as number
        fromA++
      } else {
        rows[count++] = rowB
        fromB++
      }
    }
    return count === rows.length ? rows : rows.slice(0, count)
  }

  #noteKinds(rows: readonly number[]): void {
    for (let level = 0; level < this.kinds.length; level++) {
      for (const row of rows) (this.kinds[level] as number) |= kindOf(this.#group.labelAt(row, level))
    }
  }

  #compare(a: number, b: number): number {
    const group = this.#group
    for (let level = 0; level < group.names.length; level++) {
      if (group.labelIdAt(a, level) === group.labelIdAt(b, level)) continue
      const left = labelText(group.labelAt(a, level))
      const right = labelText(group.labelAt(b, level))
      if (left !== right) return left < right ? -1 : 1
    }
    return a - b
  }
}

const STRING = 1
const EMPTY = 2
const OTHER = 4

function kindOf(value: StoredLabel): Kinds {
  if (typeof value !== 'string') return OTHER
  return value === '' ? EMPTY : STRING
}

/** Whether a label that has had these kinds of values may have had two that read the same. */
export function kindsMayMeet(kinds: Kinds): boolean {
  return (kinds & OTHER) !== 0 && kinds !== OTHER
}

/** Whether a label has been set to `''`, which reads as if it were absent. */
export function kindsHaveEmpty(kinds: Kinds): boolean {
  return (kinds & EMPTY) !== 0
}
