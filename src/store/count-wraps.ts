/** One more than a count of 32 bits can hold. */
const COUNT_RANGE = 2 ** 32

/** What the counts of a group's series cannot hold: how often each of them passed its range and began again at 0. */
export class CountWraps {
  readonly #length: number
  /** By row, for each count. Few rows ever have one. */
  readonly #times = new Map<number, number[]>()

  /** `length` is the number of counts that a row has. */
  constructor(length: number) {
    this.#length = length
  }

  /** Whether no count ever passed its range. */
  get none(): boolean {
    return this.#times.size === 0
  }

  /** What is missing in a count. */
  at(row: number, index: number): number {
    return (this.#times.get(row)?.[index] ?? 0) * COUNT_RANGE
  }

  /** Adds to a row's counts what is missing in them. */
  addTo(counts: Float64Array, row: number): void {
    const times = this.#times.get(row) ?? []
    for (let index = 0; index < times.length; index++)
      (counts[index] as number) += (times[index] as number) * COUNT_RANGE
  }

  /** Has a count be `count`, of which its 32 bits hold the remainder. */
  set(row: number, index: number, count: number): void {
    const times = Math.floor(count / COUNT_RANGE)
    if (times > 0) this.#of(row)[index] = times
  }

  /** Has a count go on that began again at 0. */
  increase(row: number, index: number): void {
    ;(this.#of(row)[index] as number) += 1
  }

  delete(row: number): void {
    this.#times.delete(row)
  }

  /** Takes over what another group's row, or this group's under another number, is missing. */
  take(row: number, other: CountWraps, otherRow: number): void {
    const times = other.#times.get(otherRow)
    if (times !== undefined) this.#times.set(row, times)
  }

  #of(row: number): number[] {
    let times = this.#times.get(row)
    if (times === undefined) {
      times = new Array<number>(this.#length).fill(0)
      this.#times.set(row, times)
    }
    return times
  }
}
