import type { ExponentialLimits } from '../model/exponential'
import { ExponentialBuckets } from './exponential-buckets'

/** What a cell holds while its series has no buckets. */
const NO_SLOT = 0

/**
 * The exponential buckets of a stream's series. They vary in number, so they do not lie in a row's cells; a cell holds
 * the number of the slot where they are. A series has none before it has a measurement other than 0.
 */
export class ExponentialSlots {
  /** The cell of a row that holds the slot. */
  readonly cell: number
  readonly limits: ExponentialLimits
  readonly #slots: (ExponentialBuckets | undefined)[] = [undefined]
  readonly #free: number[] = []

  constructor(cell: number, limits: ExponentialLimits) {
    this.cell = cell
    this.limits = limits
  }

  /** The buckets of the series at `at`, if it has any. */
  find(cells: Float64Array, at: number): ExponentialBuckets | undefined {
    return this.#slots[cells[at + this.cell] as number]
  }

  /** Gives the series at `at` buckets. */
  open(cells: Float64Array, at: number): ExponentialBuckets {
    const slot = this.#free.pop() ?? this.#slots.length
    const buckets = new ExponentialBuckets(this.limits)
    this.#slots[slot] = buckets
    cells[at + this.cell] = slot
    return buckets
  }

  /** Takes the buckets of a series that goes. */
  release(cells: Float64Array, at: number): void {
    const slot = cells[at + this.cell] as number
    if (slot === NO_SLOT) return
    cells[at + this.cell] = NO_SLOT
    this.#slots[slot] = undefined
    this.#free.push(slot)
  }
}
