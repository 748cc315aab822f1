import { varintLength, writeVarint } from '../model/varint'
import { type Chunk, NOTHING } from './chunk'

/** How long a message may become before its family goes on in another one. */
export const MAX_MESSAGE_BYTES = 1024 * 1024
/** Bytes that are written in one turn at most, and in the first, each of which has twice as many. */
const TURN_BYTES = 64 * 1024
const FIRST_TURN_BYTES = 2 * 1024
/** Bytes left for the length in front of a message. */
const LENGTH_BYTES = 5
const NONE = -1

/**
 * Delimited messages, one for each family, in a chunk that is handed out when it is full.
 *
 * The length of a message stands before it, so it has to be there whole before its first byte can go. A family that is
 * longer than a megabyte goes on in another message with the same name, help and type: Prometheus reads series by series
 * and does not mind, and no page takes more memory, or more time in one turn, than that. So does one where series with native
 * buckets and series without follow one another: Prometheus reads all of a message as it does the first of them, and gives up
 * the page where another is not like that.
 */
export class FamilyMessages {
  readonly chunk: Chunk
  #header: Uint8Array = NOTHING
  /** Where the open message begins, its length included. */
  #start = NONE
  #turnBytes = FIRST_TURN_BYTES
  /** Where the turn ends. */
  #turnEnd = FIRST_TURN_BYTES
  /** Whether the series of the open message have native buckets; `undefined` as long as there are none. */
  #isNative: boolean | undefined

  /** `chunk` is empty. */
  constructor(chunk: Chunk) {
    this.chunk = chunk
  }

  /**
   * Begins the message of a family; `header` is what stands before its metrics. Where it does not fit behind other messages,
   * these go: with many small families, the chunk would grow to all of the page.
   */
  *open(header: Uint8Array): Generator<Buffer, void, void> {
    const { chunk } = this
    if (chunk.at > 0 && !chunk.hasRoom(LENGTH_BYTES + header.length)) {
      yield chunk.take()
      this.#turnEnd = this.#turnBytes
    }
    this.#header = header
    this.#begin()
  }

  /**
   * Has what is written next stand among series that have native buckets, or among others. Returns whether another
   * message begins.
   */
  keepKind(isNative: boolean): boolean {
    const isOther = this.#isNative === !isNative
    if (isOther) {
      this.close()
      this.#begin()
    }
    this.#isNative = isNative
    return isOther
  }

  /** Ends the message. One without a metric is left out. */
  close(): void {
    const { chunk } = this
    const body = this.#start + LENGTH_BYTES
    const length = chunk.at - body
    if (length === this.#header.length) chunk.at = this.#start
    else {
      const moved = this.#start + varintLength(length)
      writeVarint(chunk.buffer, this.#start, length)
      chunk.buffer.copyWithin(moved, body, chunk.at)
      chunk.at = moved + length
    }
    this.#start = NONE
  }

  fits(sizeBytes: number): boolean {
    return this.chunk.at < this.#turnEnd && this.chunk.hasRoom(sizeBytes)
  }

  /** Makes room in the open message, or in another one of its family, with turns for others in between. */
  *room(sizeBytes: number): Generator<Buffer, void, void> {
    const { chunk } = this
    if (chunk.at >= this.#turnEnd) {
      yield NOTHING
      this.#turnBytes = Math.min(2 * this.#turnBytes, TURN_BYTES)
    }
    while (!chunk.hasRoom(sizeBytes)) {
      if (this.#start > 0) {
        yield chunk.buffer.subarray(0, this.#start)
        chunk.buffer.copyWithin(0, this.#start, chunk.at)
        chunk.at -= this.#start
        this.#start = 0
      } else if (chunk.buffer.length < MAX_MESSAGE_BYTES || chunk.at === LENGTH_BYTES + this.#header.length) {
        chunk.grow(Math.max(sizeBytes, MAX_MESSAGE_BYTES - chunk.at))
        yield NOTHING
      } else {
        this.close()
        yield chunk.take()
        this.#begin()
      }
    }
    this.#turnEnd = chunk.at + this.#turnBytes
  }

  /** Hands out what was written, valid until something is written again. */
  take(): Buffer {
    return this.chunk.take()
  }

  #begin(): void {
    const { chunk } = this
    this.#isNative = undefined
    this.#start = chunk.at
    if (!chunk.hasRoom(LENGTH_BYTES + this.#header.length)) chunk.grow(LENGTH_BYTES + this.#header.length)
    chunk.buffer.set(this.#header, this.#start + LENGTH_BYTES)
    chunk.at = this.#start + LENGTH_BYTES + this.#header.length
  }
}
