import { varintLength, writeVarint } from '../model/varint'

/** How many bytes a literal has at most, for its length to take two bytes. */
const MAX_LITERAL_BYTES = 2 ** 16
/** A literal whose length, less one, stands in the two bytes behind the tag. */
const LITERAL_TAG = 61 << 2

/**
 * Bytes as a block of Snappy's format, which remote write asks for: their length as a varint, then literals and copies. Here
 * all is literal. That compresses nothing, needs no package, and is read by whoever reads Snappy (format_description.txt,
 * section 2.1): what is pushed once is small.
 */
export function snappyBlock(bytes: Buffer): Buffer {
  const length = Buffer.alloc(varintLength(bytes.length))
  writeVarint(length, 0, bytes.length)
  const parts: Buffer[] = [length]
  for (let start = 0; start < bytes.length; start += MAX_LITERAL_BYTES) {
    const literal = bytes.subarray(start, start + MAX_LITERAL_BYTES)
    const last = literal.length - 1
    parts.push(Buffer.of(LITERAL_TAG, last & 255, last >>> 8), literal)
  }
  return Buffer.concat(parts)
}
