/** A chunk's bytes as whole numbers, two to a cell. */
export function wordsOf(cells: Float64Array): Uint32Array {
  return new Uint32Array(cells.buffer)
}

/**
 * Copies the cells of a row between chunks: they are so few that the call of `set` takes longer. As whole numbers, because
 * two counts in one cell may look like a NaN, whose bits may change on the way.
 */
export function copyCells(source: Uint32Array, from: number, target: Uint32Array, to: number, width: number): void {
  for (let word = 0; word < 2 * width; word++) target[2 * to + word] = source[2 * from + word] as number
}
