/** Bits of an address that are the place in a chunk. */
const PLACE_BITS = 12
const PLACE_MASK = (1 << PLACE_BITS) - 1
/** Numbers that a chunk holds at most, and the first one: a histogram of a few series takes little. */
const MAX_LENGTH = 1 << PLACE_BITS
const FIRST_LENGTH = 256

/** The address of what is not in the arena. */
export const NOWHERE = -1

/**
 * Holds the bucket counts of many series in a few arrays: whoever knows an address counts there by one access to an array
 * that the series before has used, too. A chunk never moves. Room that is given back is given out again for the same length,
 * and all of it is forgotten when there is nobody left.
 */
export class BucketArena {
  readonly #chunks: Uint32Array[] = []
  /** Numbers of the last chunk that were given out. */
  #used = 0
  /** How often room was taken that was not given back. */
  #taken = 0
  readonly #free = new Map<number, number[]>()

  /** The address of so many zeros; {@link NOWHERE} where they are more than a chunk holds. */
  take(length: number): number {
    if (length > MAX_LENGTH) return NOWHERE
    this.#taken++
    const free = this.#free.get(length)?.pop()
    if (free !== undefined) return free
    const last = this.#chunks.at(-1)
    if (last === undefined || this.#used + length > last.length) {
      const doubled = last === undefined ? FIRST_LENGTH : Math.min(2 * last.length, MAX_LENGTH)
      this.#chunks.push(new Uint32Array(Math.max(doubled, length)))
      this.#used = 0
    }
    const address = ((this.#chunks.length - 1) << PLACE_BITS) + this.#used
    this.#used += length
    return address
  }

  /** The numbers at an address that was taken. */
  at(address: number, length: number): Uint32Array {
    const start = address & PLACE_MASK
    return (this.#chunks[address >>> PLACE_BITS] as Uint32Array).subarray(start, start + length)
  }

  /** Takes back what was taken. */
  give(address: number, length: number): void {
    if (address === NOWHERE) return
    if (--this.#taken === 0) {
      this.#forgetAll()
      return
    }
    this.at(address, length).fill(0)
    const free = this.#free.get(length)
    if (free === undefined) this.#free.set(length, [address])
    else free.push(address)
  }

  /** What nobody has any more is the system's. */
  #forgetAll(): void {
    this.#chunks.length = 0
    this.#used = 0
    this.#free.clear()
  }

  /** Counts one more at an address. False where 32 bits do not hold it; nothing is counted then. */
  increment(address: number): boolean {
    const chunk = this.#chunks[address >>> PLACE_BITS] as Uint32Array
    const place = address & PLACE_MASK
    const count = ((chunk[place] as number) + 1) | 0
    if (count === 0) return false
    chunk[place] = count
    return true
  }
}
