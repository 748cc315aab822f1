import { boundBelow } from './exponential-bound'

/** The scale of the table: the finest that Prometheus takes. Few histograms stay finer than that. */
const TABLE_SCALE = 8
const STEPS = 2 ** TABLE_SCALE

/** Bits of the fraction in the word that a double begins with. */
const HIGH_BITS = 20
const HIGH_MASK = 2 ** HIGH_BITS - 1
const EXPONENT_BIAS = 1_023
const SMALLEST_NORMAL = 2 ** -1_022

/** How near to a bound, in steps, a place must be for `Math.log2` not to tell on which side; its own error is a thousandth of it. */
const DOUBT = 1e-6

/**
 * Finds the bucket of a value in an exponential histogram. At scale `s`, bucket `i` holds what is above
 * `2 ** (i / 2 ** s)` and not above `2 ** ((i + 1) / 2 ** s)` (data model specification, "Exponential Buckets").
 *
 * Of two scales, a bucket of the coarser one is a whole number of the finer one's: an index, shifted right. So one table
 * serves every scale up to its own. The first bits of the fraction divide the doubles from one power of two to the next
 * into slots narrower than any bucket; the table tells the first bound that can be above a slot's values, and one
 * comparison, of whole numbers, whether it is. Finer scales take a logarithm, and near a bound the exact one.
 */
export class ExponentialIndex {
  /** By slot: the first bound that is not below its first value. */
  readonly #firstBound = new Uint16Array(2 * STEPS)
  /** The fractions of the bounds, in two words as a double has them. */
  readonly #high = new Uint32Array(STEPS + 1)
  readonly #low = new Uint32Array(STEPS + 1)
  static #shared: ExponentialIndex | undefined

  private constructor() {
    for (let step = 0, slot = 0; step <= STEPS; step++) {
      const bound = boundBelow(step, TABLE_SCALE)
      this.#high[step] = (bound - 1) * 2 ** HIGH_BITS
      this.#low[step] = ((bound - 1) * 2 ** 52) % 2 ** 32
      for (; slot < 2 * STEPS && 1 + slot / (2 * STEPS) <= bound; slot++) this.#firstBound[slot] = step
    }
  }

  /** The one there is, made when it is first needed. */
  static shared(): ExponentialIndex {
    ExponentialIndex.#shared ??= new ExponentialIndex()
    return ExponentialIndex.#shared
  }

  /**
   * Takes a value for {@link bucketAt}: positive and finite. Those below the normal numbers count as the smallest of
   * these (data model specification, "Producer Expectations"). A value that were handed on from function to function
   * would be put into an object of its own wherever the compiler leaves them apart.
   */
  hold(value: number): void {
    number[0] = value < SMALLEST_NORMAL ? SMALLEST_NORMAL : value
  }

  /** The bucket of the value that was taken, at a scale of at most 20. To be asked for once. */
  bucketAt(scale: number): number {
    const high = words[HIGH_WORD] as number
    const exponent = (high >> HIGH_BITS) - EXPONENT_BIAS
    if (scale > TABLE_SCALE) return fineIndex(exponent, scale)
    const fraction = high & HIGH_MASK
    let bound = this.#firstBound[fraction >> (HIGH_BITS - TABLE_SCALE - 1)] as number
    const boundHigh = this.#high[bound] as number
    if (
      fraction > boundHigh ||
      (fraction === boundHigh && (words[1 - HIGH_WORD] as number) >>> 0 > (this.#low[bound] as number))
    )
      bound++
    return (exponent * STEPS + bound - 1) >> (TABLE_SCALE - scale)
  }
}

/** The bucket of the value in `number`. */
function fineIndex(exponent: number, scale: number): number {
  words[HIGH_WORD] = ((words[HIGH_WORD] as number) & HIGH_MASK) | (EXPONENT_BIAS << HIGH_BITS)
  const mantissa = number[0] as number
  const steps = 2 ** scale
  const place = Math.log2(mantissa) * steps
  const nearest = Math.round(place)
  let bucket = Math.floor(place)
  if (Math.abs(place - nearest) < DOUBT) bucket = mantissa > boundBelow(nearest, scale) ? nearest : nearest - 1
  return exponent * steps + bucket
}

const number = new Float64Array(1)
const words = new Int32Array(number.buffer)
number[0] = 1
/** Where the bits that a double begins with are: the machine's byte order tells. */
const HIGH_WORD = words[1] === 0 ? 0 : 1
