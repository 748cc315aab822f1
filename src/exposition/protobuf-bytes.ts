import { varintLength, writeVarint } from '../model/varint'
import type { Chunk } from './chunk'

/** The fields of `google.protobuf.Timestamp`. */
const SECONDS = 1
const NANOS = 2

/** Field tags: the field's number and its wire type (protobuf's encoding guide, "Message Structure"). */
export const varintField = (number: number): number => number << 3
export const doubleField = (number: number): number => (number << 3) | 1
export const lengthField = (number: number): number => (number << 3) | 2

/** Small negative numbers become small varints (protobuf's encoding guide, "Signed Integers"). */
export function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1
}

/** Bytes of a field with so many bytes, its tag of one byte and its length included. */
export function lengthFieldBytes(length: number): number {
  return 1 + varintLength(length) + length
}

/** Bytes of a message's tag and of the length that {@link closeMessage} writes. */
export const OPEN_BYTES = 3

/** Begins a message as a field with a tag of one byte. Returns where its body begins. */
export function openMessage(buffer: Uint8Array, start: number, tag: number): number {
  buffer[start] = tag
  return start + OPEN_BYTES
}

/**
 * Ends a message by writing its length before its body. The length takes two bytes even where one would do (protobuf's
 * encoding guide lets a varint be longer than needed), so that it need not be known before the body is written; a body
 * that is too long for that moves, by two bytes at most. Returns the end.
 */
export function closeMessage(buffer: Uint8Array, body: number, end: number): number {
  const length = end - body
  const at = body - 2
  if (length < 2 ** 14) {
    buffer[at] = (length & 127) | 128
    buffer[at + 1] = length >>> 7
    return end
  }
  const moved = at + varintLength(length)
  buffer.copyWithin(moved, body, end)
  writeVarint(buffer, at, length)
  return moved + length
}

/** Writes a tag of one byte and a double behind it. */
export function writeDouble({ buffer, view }: Chunk, start: number, tag: number, value: number): number {
  buffer[start] = tag
  view.setFloat64(start + 1, value, true)
  return start + 9
}

/** The most bytes that a time takes, as whole words. */
export const MAX_TIMESTAMP_BYTES = 16

/** Bytes of a `google.protobuf.Timestamp`. */
export function timestampBytes(epochMs: number): number {
  const seconds = Math.floor(epochMs / 1_000)
  return 2 + varintLength(seconds) + varintLength(nanosOf(epochMs, seconds))
}

export function writeTimestamp(buffer: Uint8Array, start: number, epochMs: number): number {
  const seconds = Math.floor(epochMs / 1_000)
  buffer[start] = varintField(SECONDS)
  const at = writeVarint(buffer, start + 1, seconds)
  buffer[at] = varintField(NANOS)
  return writeVarint(buffer, at + 1, nanosOf(epochMs, seconds))
}

function nanosOf(epochMs: number, seconds: number): number {
  return Math.floor((epochMs - seconds * 1_000) * 1e6)
}

/** Bytes that are put together one field after the other, where they are not many. */
export class Message {
  #bytes = Buffer.alloc(64)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What was written, until something is written again. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  varint(number: number, value: number): void {
    this.#reserve(20)
    this.#length = writeVarint(this.#bytes, this.#length, varintField(number))
    this.#length = writeVarint(this.#bytes, this.#length, value)
  }

  double(number: number, value: number): void {
    this.#reserve(18)
    this.#length = writeVarint(this.#bytes, this.#length, doubleField(number))
    this.#length = this.#bytes.writeDoubleLE(value, this.#length)
  }

  /** A double by its eight bytes: the bits of a NaN may mean something. */
  doubleBytes(number: number, bytes: Uint8Array): void {
    this.#reserve(18)
    this.#length = writeVarint(this.#bytes, this.#length, doubleField(number))
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  text(number: number, text: string): void {
    const length = Buffer.byteLength(text)
    this.#open(number, length)
    this.#length += this.#bytes.write(text, this.#length)
  }

  /** A time, in milliseconds since the epoch. */
  timestamp(number: number, epochMs: number): void {
    this.#open(number, timestampBytes(epochMs))
    this.#length = writeTimestamp(this.#bytes, this.#length, epochMs)
  }

  message(number: number, message: Message): void {
    this.#open(number, message.length)
    this.#length = message.copyTo(this.#bytes, this.#length)
  }

  /** Copies what was written. Returns the end. */
  copyTo(target: Uint8Array, start: number): number {
    const bytes = this.#bytes
    let at = start
    for (let index = 0; index < this.#length; index++) target[at++] = bytes[index] as number
    return at
  }

  #open(number: number, length: number): void {
    this.#reserve(20 + length)
    this.#length = writeVarint(this.#bytes, this.#length, lengthField(number))
    this.#length = writeVarint(this.#bytes, this.#length, length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const longer = Buffer.alloc(2 * (this.#length + more))
    longer.set(this.bytes)
    this.#bytes = longer
  }
}
