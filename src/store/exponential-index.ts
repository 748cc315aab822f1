import { boundBelow } from './exponential-bound'

/** The scale of the table: the finest that Prometheus takes. Few histograms stay finer than that. */
export const TABLE_SCALE = 8
const STEPS = 2 ** TABLE_SCALE

/** Bits of the fraction in the word that a double begins with. */
const HIGH_BITS = 20
const HIGH_MASK = 2 ** HIGH_BITS - 1
const EXPONENT_BIAS = 1_023
/** Bounds of the table's scale below 1, and one. */
const BIAS_STEPS = EXPONENT_BIAS * STEPS + 1
/** How far a fraction's upper bits are shifted to give its slot. */
const SLOT_SHIFT = HIGH_BITS - TABLE_SCALE - 1
/** All but the sign. */
const MAGNITUDE_MASK = 2 ** 31 - 1
/** What the smallest normal number begins with. */
const SMALLEST_NORMAL = 2 ** HIGH_BITS

/** Below every bucket. */
const NO_BUCKET = -(2 ** 30)

/** By slot: the first bound that is not below its first value. */
const firstBound = new Uint16Array(2 * STEPS)
/** The fractions of the bounds, in two words as a double has them. */
const boundHigh = new Uint32Array(STEPS + 1)
const boundLow = new Uint32Array(STEPS + 1)

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
  static #shared: ExponentialIndex | undefined
  /** One place, with the value that was taken. */
  readonly held = number

  private constructor() {
    for (let step = 0, slot = 0; step <= STEPS; step++) {
      const bound = boundBelow(step, TABLE_SCALE)
      boundHigh[step] = (bound - 1) * 2 ** HIGH_BITS
      boundLow[step] = ((bound - 1) * 2 ** 52) % 2 ** 32
      for (; slot < 2 * STEPS && 1 + slot / (2 * STEPS) <= bound; slot++) firstBound[slot] = step
    }
  }

  /** The one there is, made when it is first needed. */
  static shared(): ExponentialIndex {
    ExponentialIndex.#shared ??= new ExponentialIndex()
    return ExponentialIndex.#shared
  }

  /**
   * Takes a finite value for {@link bucketAt}. A value that were handed on from function to function would be put into an
   * object of its own wherever the compiler leaves them apart.
   */
  hold(value: number): void {
    number[0] = value
  }

  /**
   * The bucket of the value that was taken, by its absolute value, which is not 0; at a scale of at most 20. Those below
   * the normal numbers count as the smallest of these (data model specification, "Producer Expectations"). To be asked for
   * once.
   */
  bucketAt(scale: number): number {
    const high = (words[HIGH_WORD] as number) & MAGNITUDE_MASK
    if (high < SMALLEST_NORMAL || scale > TABLE_SCALE) return this.#rareBucketAt(scale)
    return tableBucket(high, scale)
  }

  /** As {@link bucketAt}, at a scale of at most {@link TABLE_SCALE}; below every bucket where the number is not normal. */
  tableBucketAt(scale: number): number {
    const high = (words[HIGH_WORD] as number) & MAGNITUDE_MASK
    return high < SMALLEST_NORMAL ? NO_BUCKET : tableBucket(high, scale)
  }

  #rareBucketAt(scale: number): number {
    if (Math.abs(number[0] as number) < 2 ** -1_022) this.hold(2 ** -1_022)
    return scale > TABLE_SCALE ? fineBucket(scale) : this.bucketAt(scale)
  }
}

/** The bucket of the value in `number`, which begins with `high` but for its sign. */
function tableBucket(high: number, scale: number): number {
  const fraction = high & HIGH_MASK
  let bound = firstBound[fraction >> SLOT_SHIFT] as number
  const left = (boundHigh[bound] as number) - fraction
  // The sign tells without a branch, which would be guessed wrong every other time.
  if (left !== 0) bound += left >>> 31
  else if ((words[1 - HIGH_WORD] as number) >>> 0 > (boundLow[bound] as number)) bound++
  return ((high >> HIGH_BITS) * STEPS + bound - BIAS_STEPS) >> (TABLE_SCALE - scale)
}

/** The bucket of the value in `number`, which is normal. */
function fineBucket(scale: number): number {
  const high = (words[HIGH_WORD] as number) & MAGNITUDE_MASK
  words[HIGH_WORD] = (high & HIGH_MASK) | (EXPONENT_BIAS << HIGH_BITS)
  const mantissa = number[0] as number
  const steps = 2 ** scale
  const place = Math.log2(mantissa) * steps
  const nearest = Math.round(place)
  let bucket = Math.floor(place)
  if (Math.abs(place - nearest) < DOUBT) bucket = mantissa > boundBelow(nearest, scale) ? nearest : nearest - 1
  return ((high >> HIGH_BITS) - EXPONENT_BIAS) * steps + bucket
}

const number = new Float64Array(1)
const words = new Int32Array(number.buffer)
number[0] = 1
/** Where the bits that a double begins with are: the machine's byte order tells. */
const HIGH_WORD = words[1] === 0 ? 0 : 1
