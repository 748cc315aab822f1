import type { ExponentialLimits } from '../model/exponential'
import { BucketArena, NOWHERE } from './bucket-arena'
import { ExponentialBuckets } from './exponential-buckets'
import { type ExponentialIndex, TABLE_SCALE } from './exponential-index'

/** What a cell holds while its series has no buckets. */
const NO_SLOT = 0

/** Cells of a row: the slot, and four whole numbers, two to a cell, that tell where most values are counted. */
export const SLOT_CELLS = 3
/** Where these numbers are, of 32 bits each, counted from the slot. `ROOM` is 0 while there is no such place. */
const SCALE = 2
const OFFSET = 3
const ADDRESS = 4
const ROOM = 5

/**
 * The exponential buckets of a stream's series. They vary in number, so they do not lie in a row's cells; a cell holds
 * the number of the slot where they are. A series has none before it has a measurement other than 0. The row's other cells
 * tell where in the arena its positive buckets are, so that a recording need not follow the objects that know.
 */
export class ExponentialSlots {
  /** The first of a row's {@link SLOT_CELLS}. */
  readonly cell: number
  readonly limits: ExponentialLimits
  readonly #arena = new BucketArena()
  readonly #slots: (ExponentialBuckets | undefined)[] = [undefined]
  readonly #free: number[] = []

  constructor(cell: number, limits: ExponentialLimits) {
    this.cell = cell
    this.limits = limits
  }

  /** The buckets of the series at `at`, if it has any: to be read, and changed by {@link change} alone. */
  find(cells: Float64Array, at: number): ExponentialBuckets | undefined {
    return this.#slots[cells[at + this.cell] as number]
  }

  /**
   * Counts the value that `index` holds, which is positive, in the bucket that the row's cells lead to; `words` are the
   * cells' bytes as whole numbers. False where they lead to none: nothing is counted then.
   */
  addQuickly(words: Uint32Array, at: number, index: ExponentialIndex): boolean {
    const first = 2 * (at + this.cell)
    const place = index.tableBucketAt((words[first + SCALE] as number) | 0) - ((words[first + OFFSET] as number) | 0)
    if (place < 0 || place >= (words[first + ROOM] as number)) return false
    return this.#arena.increment((words[first + ADDRESS] as number) + place)
  }

  /** Changes the buckets of the series at `at`, which has some from then on. */
  change(cells: Float64Array, words: Uint32Array, at: number, change: (buckets: ExponentialBuckets) => void): void {
    const buckets = this.find(cells, at) ?? this.#open(cells, at)
    change(buckets)
    const first = 2 * (at + this.cell)
    const { address, counts, offset } = buckets.positive
    words[first + SCALE] = buckets.scale
    words[first + OFFSET] = offset
    words[first + ADDRESS] = address
    words[first + ROOM] = address === NOWHERE || buckets.scale > TABLE_SCALE ? 0 : counts.length
  }

  /** Takes the buckets of a series that goes. */
  release(cells: Float64Array, at: number): void {
    const slot = cells[at + this.cell] as number
    if (slot === NO_SLOT) return
    cells.fill(0, at + this.cell, at + this.cell + SLOT_CELLS)
    this.#slots[slot]?.release()
    this.#slots[slot] = undefined
    this.#free.push(slot)
  }

  #open(cells: Float64Array, at: number): ExponentialBuckets {
    const slot = this.#free.pop() ?? this.#slots.length
    const buckets = new ExponentialBuckets(this.limits, this.#arena)
    this.#slots[slot] = buckets
    cells[at + this.cell] = slot
    return buckets
  }
}
