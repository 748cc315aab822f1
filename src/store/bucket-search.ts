/**
 * Finds the bucket of a value.
 *
 * The upper bits of a double, exponent and the first bits of the mantissa, divide the positive numbers into steps that
 * rise with them. A table tells for each step the first bucket that it can be in; from there the bounds are compared one
 * by one, seldom more than one of them. Measured with random values, a binary search takes twice as long: the
 * processor cannot foresee its turns.
 */
export class BucketSearch {
  /** The bounds, and `Infinity`, at which the comparison ends. */
  readonly bounds: Float64Array
  readonly #table: Uint16Array
  readonly #shift: number
  readonly #firstStep: number

  constructor(bounds: readonly number[]) {
    this.bounds = Float64Array.of(...bounds, Number.POSITIVE_INFINITY)
    const lowest = bounds.find((bound) => bound > 0) ?? 1
    const highest = Math.max(bounds.at(-1) ?? 1, lowest)
    let shift = FINEST_SHIFT
    while (stepOf(highest, shift) - stepOf(lowest, shift) >= MAX_STEPS) shift++
    this.#shift = shift
    this.#firstStep = stepOf(lowest, shift)
    this.#table = Uint16Array.from({ length: stepOf(highest, shift) - this.#firstStep + 1 }, (_, index) => {
      // What is below the first step starts there too.
      const from = index === 0 ? Number.NEGATIVE_INFINITY : startOf(this.#firstStep + index, shift)
      return this.bounds.findIndex((bound) => from <= bound)
    })
  }

  /** The first bucket whose upper bound is not below `value`; bounds are inclusive. `value` is no NaN. */
  find(value: number): number {
    const table = this.#table
    number[0] = value
    const step = ((words[HIGH_WORD] as number) >> this.#shift) - this.#firstStep
    const bounds = this.bounds
    // Not by branches, which values near the ends would have the processor guess.
    let bucket = table[Math.max(0, Math.min(step, table.length - 1))] as number
    while (value > (bounds[bucket] as number)) bucket++
    return bucket
  }
}

/** Sixteen steps from one power of two to the next. */
const FINEST_SHIFT = 16
const MAX_STEPS = 1_024

const number = new Float64Array(1)
const words = new Int32Array(number.buffer)
number[0] = 1
/** Where the bits that a double begins with are: the machine's byte order tells. */
const HIGH_WORD = words[1] === 0 ? 0 : 1

function stepOf(value: number, shift: number): number {
  number[0] = value
  return (words[HIGH_WORD] as number) >> shift
}

function startOf(step: number, shift: number): number {
  words[1 - HIGH_WORD] = 0
  words[HIGH_WORD] = step << shift
  return number[0] as number
}
