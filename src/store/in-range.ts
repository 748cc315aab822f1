/**
 * The least number that can take a sum out of the range of numbers: half of what the two largest ones are apart. Smaller
 * ones leave the largest as it is, so whoever adds them need not look at the sum.
 */
export const LEAST_TO_LEAVE_RANGE = 2 ** 970

/**
 * A sum brought back into the range of numbers. Finite numbers may add up to an infinity, which no addition brings back
 * and which means nothing: the largest number there is stands for it.
 */
export function inRange(sum: number): number {
  if (sum > Number.MAX_VALUE) return Number.MAX_VALUE
  return sum < -Number.MAX_VALUE ? -Number.MAX_VALUE : sum
}

/** As {@link inRange}, for the sum in a cell. */
export function bringInRange(cells: Float64Array, at: number): void {
  cells[at] = inRange(cells[at] as number)
}
