import type { DataPoint, ExponentialHistogram } from '@opentelemetry/sdk-metrics'
import type { ImportedPoint } from './imported'

/** The most explicit buckets that exponential ones become. */
const MAX_BUCKETS = 160

/**
 * Exponential histograms with explicit buckets, for formats that have no others. The bounds are those of the points'
 * own buckets (`base ** (index + 1)`, base `2 ** 2 ** -scale`; data model specification, "ExponentialHistogram"),
 * merged pairwise to a lower scale until few enough are left, so that every count stays exact.
 */
export function explicitPoints(points: readonly DataPoint<ExponentialHistogram>[]): {
  buckets: number[]
  points: ImportedPoint[]
} {
  let scale = Math.min(...points.map(({ value }) => value.scale), 20)
  let bounds = boundsAt(points, scale)
  while (bounds.length > MAX_BUCKETS) bounds = boundsAt(points, --scale)
  return {
    buckets: bounds,
    points: points.map(({ attributes, value }) => {
      const counts = new Array<number>(bounds.length + 1).fill(0)
      for (const [bound, count] of boundedCounts(value, scale)) (counts[bounds.indexOf(bound)] as number) += count
      return { labels: attributes, numbers: [...counts, value.sum ?? 0] }
    }),
  }
}

function boundsAt(points: readonly DataPoint<ExponentialHistogram>[], scale: number): number[] {
  const bounds = new Set(points.flatMap(({ value }) => boundedCounts(value, scale).map(([bound]) => bound)))
  return [...bounds].sort((a, b) => a - b)
}

/** The upper bound and the count of each bucket that is not empty. */
function boundedCounts(histogram: ExponentialHistogram, scale: number): [bound: number, count: number][] {
  const { positive, negative, zeroCount } = histogram
  const shift = histogram.scale - scale
  const upper = (index: number) => 2 ** ((index + 1) * 2 ** -scale)
  const result: [number, number][] = zeroCount > 0 ? [[0, zeroCount]] : []
  positive.bucketCounts.forEach((count, place) => {
    if (count > 0) result.push([upper(Math.floor((positive.offset + place) / 2 ** shift)), count])
  })
  negative.bucketCounts.forEach((count, place) => {
    // The bucket of -x reaches up to the lower bound of the bucket of x.
    if (count > 0) result.push([-upper(Math.floor((negative.offset + place) / 2 ** shift) - 1), count])
  })
  return result
}
