/** Numbers that a chunk holds: 16 KiB of them. */
const CHUNK_BITS = 12
const CHUNK_LENGTH = 1 << CHUNK_BITS
const CHUNK_MASK = CHUNK_LENGTH - 1

/** The address of what is not in the arena. */
export const NOWHERE = -1

/**
 * Holds the bucket counts of many series in a few arrays: whoever knows an address counts there by one access to an array
 * that the series before has used, too. A chunk never moves. Room that is given back is given out again for the same length.
 */
export class BucketArena {
  readonly #chunks: Uint32Array[] = []
  /** The first address that was never given out. */
  #next = 0
  readonly #free = new Map<number, number[]>()

  /** The address of so many zeros; {@link NOWHERE} where they are more than a chunk holds. */
  take(length: number): number {
    const free = this.#free.get(length)?.pop()
    if (free !== undefined) return free
    if (length > CHUNK_LENGTH) return NOWHERE
    const left = this.#chunks.length * CHUNK_LENGTH - this.#next
    if (left < length) {
      this.#next += left
      this.#chunks.push(new Uint32Array(CHUNK_LENGTH))
    }
    const address = this.#next
    this.#next += length
    return address
  }

  /** The numbers at an address that was taken. */
  at(address: number, length: number): Uint32Array {
    const start = address & CHUNK_MASK
    return (this.#chunks[address >>> CHUNK_BITS] as Uint32Array).subarray(start, start + length)
  }

  /** Takes back what was taken. */
  give(address: number, length: number): void {
    if (address === NOWHERE) return
    this.at(address, length).fill(0)
    const free = this.#free.get(length)
    if (free === undefined) this.#free.set(length, [address])
    else free.push(address)
  }

  /** Counts one more at an address. False where 32 bits do not hold it; nothing is counted then. */
  increment(address: number): boolean {
    const chunk = this.#chunks[address >>> CHUNK_BITS] as Uint32Array
    const count = ((chunk[address & CHUNK_MASK] as number) + 1) | 0
    if (count === 0) return false
    chunk[address & CHUNK_MASK] = count
    return true
  }
}
