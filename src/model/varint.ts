/** Bytes of a varint; `value` is a whole number of 0 or more. */
export function varintLength(value: number): number {
  if (value < 2 ** 7) return 1
  if (value < 2 ** 14) return 2
  if (value < 2 ** 21) return 3
  if (value < 2 ** 28) return 4
  let length = 5
  for (let rest = Math.floor(value / 2 ** 35); rest > 0; rest = Math.floor(rest / 128)) length++
  return length
}

export function writeVarint(buffer: Uint8Array, start: number, value: number): number {
  if (value < 128) {
    buffer[start] = value
    return start + 1
  }
  let at = start
  let rest = value
  for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) buffer[at++] = (rest % 128) | 128
  for (rest |= 0; rest >= 128; rest >>>= 7) buffer[at++] = (rest & 127) | 128
  buffer[at++] = rest
  return at
}

/** Reads a varint below 2 ** 31. */
export function readVarint(buffer: Uint8Array, start: number): number {
  let value = 0
  for (let at = start, shift = 0; ; at++, shift += 7) {
    const byte = buffer[at] as number
    value |= (byte & 127) << shift
    if (byte < 128) return value
  }
}
