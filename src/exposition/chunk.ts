import { SLACK_BYTES } from './bytes'

/** Bytes a chunk holds unless one series alone needs more. */
const CHUNK_BYTES = 64 * 1024

/**
 * The chunk of a page that is being filled. All chunks of a page use the same bytes: a page of many megabytes would
 * otherwise make the garbage collector go through the application's whole heap.
 */
export class Chunk {
  buffer: Buffer
  view: DataView
  at = 0

  constructor(sizeBytes = CHUNK_BYTES) {
    const bytes = new ArrayBuffer(sizeBytes)
    this.buffer = Buffer.from(bytes)
    this.view = new DataView(bytes)
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

  /** Makes room for `sizeBytes` more behind what was written. */
  grow(sizeBytes: number): void {
    const bytes = new ArrayBuffer(Math.max(2 * this.at, this.at + sizeBytes + SLACK_BYTES))
    const buffer = Buffer.from(bytes)
    buffer.set(this.buffer.subarray(0, this.at))
    this.buffer = buffer
    this.view = new DataView(bytes)
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
