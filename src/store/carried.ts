import type { BucketRange } from './stream'

/** What a series counted, for another one to go on with: a number, or a histogram in one or both of its kinds. */
export type Carried = number | CarriedHistogram

export interface CarriedHistogram {
  readonly sum: number
  /** Upper bounds of explicit buckets. */
  readonly bounds?: readonly number[] | undefined
  /** Measurements in each of these alone, and in that of `+Inf`. */
  readonly counts?: ArrayLike<number> | undefined
  readonly exponential?: CarriedBuckets | undefined
}

export interface CarriedBuckets {
  readonly scale: number
  readonly zeroCount: number
  readonly positive: BucketRange
  readonly negative: BucketRange
}

/** The number of a sum. */
export function amountOf(carried: Carried): number {
  return typeof carried === 'number' ? carried : carried.sum
}

/**
 * Calls `visit` for each bucket that has measurements, with their number and the bucket's upper bound, which stands for them:
 * where they were within it nobody knows. With the same bound among others, all up to it goes on being exact.
 */
export function forEachBucket(carried: CarriedHistogram, visit: (upper: number, count: number) => void): void {
  const { bounds, counts, exponential } = carried
  if (bounds !== undefined && counts !== undefined) {
    for (let index = 0; index <= bounds.length; index++) {
      const count = counts[index] as number
      if (count > 0) visit(bounds[index] ?? Number.POSITIVE_INFINITY, count)
    }
  } else if (exponential !== undefined) {
    const { scale, zeroCount, positive, negative } = exponential
    if (zeroCount > 0) visit(0, zeroCount)
    forEachOf(positive, (index, count) => visit(2 ** ((index + 1) * 2 ** -scale), count))
    forEachOf(negative, (index, count) => visit(-(2 ** (index * 2 ** -scale)), count))
  }
}

/** Calls `visit` for each exponential bucket that has measurements. */
export function forEachOf({ offset, counts }: BucketRange, visit: (index: number, count: number) => void): void {
  for (let place = 0; place < counts.length; place++) {
    const count = counts[place] as number
    if (count > 0) visit(offset + place, count)
  }
}
