import type { ExponentialLimits } from '../model/exponential'
import { isTimeUnit, perSecond } from '../model/units'
import type { ExponentialPoint, StreamIdentity } from './stream'

/** 61 µs to 128 s, each bound twice the one before, as latency buckets made by hand have them. */
const SECONDS = exponents(-14, 7, 1)
/** 1/1024 to 2 ** 30, each bound four times the one before: ratios, counts and bytes. */
const ANYTHING = exponents(-10, 30, 2)

/**
 * The bounds of the explicit buckets that stand for exponential ones in formats without those, as powers of two.
 *
 * They follow from the metric's unit, never from what was recorded: `le` has the same values in each series, scrape and
 * process, so that rates and quantiles over them hold. Powers of two are bounds of exponential buckets at every scale
 * from 0 up, so no bucket reaches over one, and the explicit counts are exact, too. Only below, where values span more
 * powers of two than there are buckets, a bucket may reach over a bound; it counts as above it. Negative values are in the
 * first bucket, as is 0.
 */
export function fallbackExponents({ name, unit }: StreamIdentity): readonly number[] {
  if (!isTimeUnit(unit) && (unit !== '' || !name.endsWith('_seconds'))) return ANYTHING
  const shift = Math.round(Math.log2(perSecond(unit)))
  return SECONDS.map((exponent) => exponent + shift)
}

/** So many buckets keep a scale of 0 for whatever is measured. */
const ENOUGH_BUCKETS = 100

/**
 * Whether the explicit buckets must be counted by themselves, because exponential ones may well reach over their bounds. What
 * is at or below a bound would otherwise seem to be fewer whenever the scale falls, and Prometheus would take that for a
 * counter that began anew.
 */
export function mayReachOverBounds({ maxBuckets, scale }: ExponentialLimits): boolean {
  return scale < 0 || maxBuckets < ENOUGH_BUCKETS
}

/** Puts the count of each explicit bucket alone into `numbers`, that of `+Inf` last. */
export function explicitCounts(
  { scale, positive, count }: ExponentialPoint,
  exponents: readonly number[],
  numbers: Float64Array,
): void {
  numbers.fill(0, 0, exponents.length + 1)
  let rest = count
  let bucket = 0
  for (let place = 0; place < positive.counts.length; place++) {
    const upper = (positive.offset + place + 1) * 2 ** -scale
    while (upper > (exponents[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
    const measured = positive.counts[place] as number
    ;(numbers[bucket] as number) += measured
    rest -= measured
  }
  ;(numbers[0] as number) += rest
}

function exponents(first: number, last: number, step: number): readonly number[] {
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step)
}
