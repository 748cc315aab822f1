/** Slots of an empty table. */
const FIRST_SLOTS = 4
/** The share of slots that may be taken, in eighths: looking for a text compares it with one or two others. */
const MAX_LOAD_EIGHTHS = 6

/** So that nobody outside can choose texts that meet in one slot. */
const SEED = (Math.random() * 2 ** 32) | 0

/**
 * From a text to its number, in five to eleven bytes a text: a map of the language takes four to nine times that. It
 * keeps the numbers alone and asks the list for the text of each.
 *
 * Hashing with open addressing; what follows a removed text moves up, so that no slot is ever lost (Knuth, The Art of
 * Computer Programming, volume 3, section 6.4, algorithms L and R).
 */
export class TextIds {
  /** One more than the number; 0 is a free slot. The count of slots is a power of two. */
  #slots = new Uint32Array(FIRST_SLOTS)
  #count = 0
  readonly #texts: readonly unknown[]

  /** `texts` has each text at its number, from before it is added until after it is removed. */
  constructor(texts: readonly unknown[]) {
    this.#texts = texts
  }

  get size(): number {
    return this.#count
  }

  get(text: string): number | undefined {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = hashOf(text) & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot] as number
      if (number === 0) return undefined
      if (this.#texts[number - 1] === text) return number - 1
    }
  }

  /** Adds a text that is not there. */
  add(text: string, id: number): void {
    if (8 * ++this.#count > MAX_LOAD_EIGHTHS * this.#slots.length) this.#grow()
    place(this.#slots, hashOf(text), id + 1)
  }

  /** Removes a text that is there. */
  delete(text: string): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let free = hashOf(text) & mask
    while (this.#texts[(slots[free] as number) - 1] !== text) free = (free + 1) & mask
    this.#count--
    for (let slot = (free + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#homeOf(slots[slot] as number)
      // Whoever's way from its home leads over the free slot moves there.
      if (((slot - home) & mask) < ((slot - free) & mask)) continue
      slots[free] = slots[slot] as number
      free = slot
    }
    slots[free] = 0
  }

  #homeOf(number: number): number {
    return hashOf(this.#texts[number - 1] as string) & (this.#slots.length - 1)
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2)
    for (const number of this.#slots) if (number !== 0) place(slots, hashOf(this.#texts[number - 1] as string), number)
    this.#slots = slots
  }
}

function place(slots: Uint32Array, hash: number, number: number): void {
  const mask = slots.length - 1
  let slot = hash & mask
  while (slots[slot] !== 0) slot = (slot + 1) & mask
  slots[slot] = number
}

/** FNV-1a (Fowler, Noll and Vo) over the text's units, with its upper bits brought into the lower ones. */
function hashOf(text: string): number {
  let hash = SEED
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash ^ (hash >>> 15)
}
