import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics'
import type { BucketRange, ExponentialPoint } from './stream'

type Buckets = ExponentialHistogram['positive']

/** What sdk-metrics has for a series, as a stream has it. */
export function pointOf({ scale, zeroCount, positive, negative, sum, count }: ExponentialHistogram): ExponentialPoint {
  return { scale, zeroCount, positive: rangeOf(positive), negative: rangeOf(negative), sum: sum ?? Number.NaN, count }
}

/** A copy of what a stream has for a series, as sdk-metrics has it. */
export function histogramOf({ positive, negative, ...rest }: ExponentialPoint): ExponentialHistogram {
  return { ...rest, positive: bucketsOf(positive), negative: bucketsOf(negative) }
}

function rangeOf({ offset, bucketCounts }: Buckets): BucketRange {
  return { offset, counts: Float64Array.from(bucketCounts) }
}

/** A range as sdk-metrics has it: without the empty buckets at both ends. */
export function bucketsOf({ offset, counts }: BucketRange): Buckets {
  const first = counts.findIndex((count) => count > 0)
  if (first < 0) return { offset: 0, bucketCounts: [] }
  const end = counts.findLastIndex((count) => count > 0) + 1
  return { offset: offset + first, bucketCounts: [...counts.subarray(first, end)] }
}
