import { copyWords, SLACK_BYTES } from './bytes'

/** What a page gives in a turn in which nothing was handed out. */
export const NOTHING = Buffer.alloc(0)

/** Bytes a chunk holds unless one series alone needs more. */
const CHUNK_BYTES = 64 * 1024
/** Texts of fewer bytes have no length near 16,383, which ends with the bytes F0 to FF and 7F. */
const LONG_BYTES = 2 ** 12

/**
 * The chunk of a page that is being filled. All chunks of a page use the same bytes: a page of many megabytes would
 * otherwise make the garbage collector go through the application's whole heap.
 */
export class Chunk {
  buffer: Buffer
  view: DataView
  at = 0

  constructor(sizeBytes = CHUNK_BYTES) {
    this.buffer = Buffer.allocUnsafeSlow(sizeBytes)
    this.view = new DataView(this.buffer.buffer)
  }

  get sizeBytes(): number {
    return this.buffer.length
  }

  /** Whether `sizeBytes` more fit, and the slack that {@link copyWords} needs. An empty chunk grows until they do. */
  fits(sizeBytes: number): boolean {
    if (this.hasRoom(sizeBytes)) return true
    if (this.at > 0) return false
    this.grow(sizeBytes)
    return true
  }

  hasRoom(sizeBytes: number): boolean {
    return this.at + sizeBytes + SLACK_BYTES <= this.buffer.length
  }

  /** Makes room for `sizeBytes` from `at` on; what stands before stays. */
  reserve(at: number, sizeBytes: number): void {
    if (at + sizeBytes + SLACK_BYTES <= this.buffer.length) return
    this.at = at
    this.grow(sizeBytes)
  }

  /** Makes room for `sizeBytes` more behind what was written. */
  grow(sizeBytes: number): void {
    const buffer = Buffer.allocUnsafeSlow(Math.max(2 * this.at, this.at + sizeBytes + SLACK_BYTES))
    buffer.set(this.buffer.subarray(0, this.at))
    this.buffer = buffer
    this.view = new DataView(buffer.buffer)
  }

  /** Writes `length` bytes of those before `at` once more, where there is room. Returns the end. */
  copyWithin(at: number, from: number, length: number): number {
    // The length of a text that long may look like a NaN to `copyWords`.
    if (length < LONG_BYTES) return copyWords(this.view, at, this.view, from, length)
    this.buffer.copyWithin(at, from, from + length)
    return at + length
  }

  text(text: string): void {
    this.at += this.buffer.write(text, this.at, 'utf8')
  }

  /** Hands out what was written, valid until something is written again. */
  take(): Buffer {
    const taken = this.buffer.subarray(0, this.at)
    this.at = 0
    return taken
  }
}
