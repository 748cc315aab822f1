/** Numbers that look random and follow from a seed (Steele, Lea and Flood: "Fast Splittable Pseudorandom Number Generators"). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** A whole number from 0 to `end`, exclusive. */
  below(end: number): number {
    return Math.floor((this.#bits() / 2 ** 32) * end)
  }

  /** Whether something of this probability is the case. */
  chance(probability: number): boolean {
    return this.#bits() < probability * 2 ** 32
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  list<T>(least: number, most: number, make: (index: number) => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, (_, index) => make(index))
  }

  /** A finite number of any bits. */
  double(): number {
    const view = new DataView(new ArrayBuffer(8))
    do {
      view.setUint32(0, this.#bits())
      view.setUint32(4, this.#bits())
    } while (!Number.isFinite(view.getFloat64(0)))
    return view.getFloat64(0)
  }

  #bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
}
