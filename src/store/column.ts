/** Numbers of 0 or more, of as many bits as the largest of them needs. */
export type Column = Uint8Array | Uint16Array | Uint32Array

/** How much longer than needed an array is made: little, as it is held for as long as the series are. */
const GROWTH = 1.125

/** A column of zeros with room for numbers up to `most`. */
export function columnOf(length: number, most: number): Column {
  if (most < 2 ** 8) return new Uint8Array(length)
  return most < 2 ** 16 ? new Uint16Array(length) : new Uint32Array(length)
}

/** The column with a number at `index`: the same one, or a copy where the number or the place is too much for it. */
export function withNumber(column: Column, index: number, number: number): Column {
  let roomy = column
  if (number >= 2 ** (8 * column.BYTES_PER_ELEMENT)) {
    roomy = columnOf(column.length, number)
    roomy.set(column)
  }
  if (index >= roomy.length) roomy = grown(roomy, index + 1)
  roomy[index] = number
  return roomy
}

/** A copy with room for `length` numbers and some more. */
export function grown<T extends Column>(array: T, length: number): T {
  const longer = new (array.constructor as new (length: number) => T)(Math.ceil(length * GROWTH))
  longer.set(array)
  return longer
}
