import { Chunk } from './chunk'

/** Bytes a part holds unless one series alone needs more. */
const PART_BYTES = 32 * 1024
/** Most services have few series of what is held. */
const FIRST_BYTES = 1024

/** What is written on a page before it is its turn there. */
export class Held {
  readonly #full: Buffer[] = []
  #last = new Chunk(FIRST_BYTES)

  /** Where the next `sizeBytes` are to be written. */
  room(sizeBytes: number): Chunk {
    if (this.#last.hasRoom(sizeBytes)) return this.#last
    if (this.#last.at + sizeBytes > PART_BYTES) {
      this.#full.push(this.#last.take())
      this.#last = new Chunk(PART_BYTES)
    }
    if (!this.#last.hasRoom(sizeBytes)) this.#last.grow(sizeBytes)
    return this.#last
  }

  /** What was written, in parts that end with a series. None of them is empty. */
  parts(): Buffer[] {
    return [...this.#full, this.#last.take()].filter(({ length }) => length > 0)
  }
}
