import { varintLength, writeVarint } from '../../model/varint'

/** Wire types (protobuf's encoding guide, "Message Structure"). */
const VARINT = 0
const FIXED64 = 1
const LENGTH = 2

const FIRST_BYTES = 64 * 1024
/** Bytes of the longest field that has no length: its tag and its value. */
const FIELD_BYTES = 20
/** Up to here, a loop over the characters takes less time than a call of Node.js's own. */
const SHORT_CHARACTERS = 48
const TWO_32 = 2 ** 32

/** Writes protobuf in one pass: a message is written before its length, and moved where that takes other room than was left. */
export class ProtobufWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  /** What was written, as bytes of their own; begins anew, in the memory that there is. */
  finish(): Buffer {
    const written = Buffer.from(this.#bytes.subarray(0, this.#at))
    this.#at = 0
    return written
  }

  /**
   * Begins a message, with so many bytes left for its length: 1 where it is likely below 128. Give what this returns, and the
   * same `lengthBytes`, to {@link close}.
   */
  open(field: number, lengthBytes: 1 | 2 = 2): number {
    this.#reserve(FIELD_BYTES)
    this.#bytes[this.#at] = (field << 3) | LENGTH
    this.#at += 1 + lengthBytes
    return this.#at
  }

  close(start: number, lengthBytes: 1 | 2 = 2): void {
    const end = this.#at
    const length = end - start
    const first = start - lengthBytes
    const needed = varintLength(length)
    if (needed !== lengthBytes) {
      this.#reserve(FIELD_BYTES)
      this.#bytes.copyWithin(first + needed, start, end)
    }
    this.#at = first
    this.#varint(length)
    this.#at += length
  }

  text(field: number, text: string): void {
    const { length } = text
    this.#reserve(FIELD_BYTES + 3 * length)
    const bytes = this.#bytes
    bytes[this.#at++] = (field << 3) | LENGTH
    if (length <= SHORT_CHARACTERS) {
      let at = this.#at
      bytes[at++] = length
      let index = 0
      for (; index < length; index++) {
        const code = text.charCodeAt(index)
        if (code > 127) break
        bytes[at++] = code
      }
      if (index === length) {
        this.#at = at
        return
      }
    }
    this.#varint(Buffer.byteLength(text))
    this.#at += bytes.write(text, this.#at)
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#reserve(FIELD_BYTES + bytes.length)
    this.#bytes[this.#at++] = (field << 3) | LENGTH
    this.#varint(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** A whole number of less than 2 ** 63 and more than -(2 ** 63). */
  varint(field: number, value: number): void {
    this.#reserve(FIELD_BYTES)
    this.#bytes[this.#at++] = (field << 3) | VARINT
    this.packedVarint(value)
  }

  /** A whole number where small negative ones become small varints. */
  zigzag(field: number, value: number): void {
    this.varint(field, value >= 0 ? 2 * value : -2 * value - 1)
  }

  double(field: number, value: number): void {
    this.#reserve(FIELD_BYTES)
    this.#bytes[this.#at] = (field << 3) | FIXED64
    this.#view.setFloat64(this.#at + 1, value, true)
    this.#at += 9
  }

  /** A whole number in eight bytes, in two's complement where it is negative. */
  fixed64(field: number, value: number): void {
    const high = Math.floor(value / TWO_32)
    this.fixed64Halves(field, value - high * TWO_32, high)
  }

  fixed64Halves(field: number, low: number, high: number): void {
    this.#reserve(FIELD_BYTES)
    this.#bytes[this.#at] = (field << 3) | FIXED64
    this.#view.setUint32(this.#at + 1, low, true)
    this.#view.setUint32(this.#at + 5, high, true)
    this.#at += 9
  }

  /** Without a tag, where they stand one behind the other in a message. */
  packedVarint(value: number): void {
    this.#reserve(FIELD_BYTES)
    if (value >= 0) {
      this.#varint(value)
      return
    }
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest >= 128n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 127n) | 128
    this.#bytes[this.#at++] = Number(rest)
  }

  /** Doubles one behind the other. */
  doubles(field: number, values: readonly number[]): void {
    this.#reserve(FIELD_BYTES + 8 * values.length)
    this.#bytes[this.#at++] = (field << 3) | LENGTH
    this.#varint(8 * values.length)
    for (const value of values) {
      this.#view.setFloat64(this.#at, value, true)
      this.#at += 8
    }
  }

  /** Whole numbers of 0 or more in eight bytes each, one behind the other. */
  fixed64s(field: number, values: readonly number[]): void {
    this.#reserve(FIELD_BYTES + 8 * values.length)
    this.#bytes[this.#at++] = (field << 3) | LENGTH
    this.#varint(8 * values.length)
    for (const value of values) {
      this.#view.setUint32(this.#at, value, true)
      this.#view.setUint32(this.#at + 4, value < TWO_32 ? 0 : Math.floor(value / TWO_32), true)
      this.#at += 8
    }
  }

  #varint(value: number): void {
    this.#at = writeVarint(this.#bytes, this.#at, value)
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const longer = Buffer.allocUnsafeSlow(2 * (this.#at + more))
    longer.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = longer
    this.#view = new DataView(longer.buffer)
  }
}
