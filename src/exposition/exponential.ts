import type { DataPoint, ExponentialHistogram } from '@opentelemetry/sdk-metrics'
import type { LabelsInput } from '../model/labels'

/** The first cells of a series, as its shape lays them out: a number, or the buckets and the sum (NaN for none). */
export interface ImportedPoint {
  readonly labels: LabelsInput
  readonly numbers: readonly number[]
}

/** The most explicit buckets that exponential ones become. */
const MAX_BUCKETS = 160
/** The finest scale (Metrics SDK specification, "Base2 Exponential Bucket Histogram Aggregation"). */
const MAX_SCALE = 20

/**
 * Exponential histograms with explicit buckets, for formats that have no others. The bounds are those of the points'
 * own buckets (`base ** (index + 1)`, base `2 ** 2 ** -scale`; data model specification, "ExponentialHistogram"),
 * merged pairwise to a lower scale until few enough are left, so that every count stays exact.
 */
export function explicitPoints(points: readonly DataPoint<ExponentialHistogram>[]): {
  buckets: number[]
  points: ImportedPoint[]
} {
  let scale = points.reduce((lowest, { value }) => Math.min(lowest, value.scale), MAX_SCALE)
  let bounds = boundsAt(points, scale)
  while (bounds.length > MAX_BUCKETS) bounds = boundsAt(points, --scale)
  return {
    buckets: bounds,
    points: points.map(({ attributes, value }) => {
      const counts = new Array<number>(bounds.length + 1).fill(0)
      for (const [bound, count] of boundedCounts(value, scale)) {
        // The bucket of the largest numbers has no finite upper bound: it is the closing one.
        const bucket = bound === Number.POSITIVE_INFINITY ? bounds.length : bounds.indexOf(bound)
        ;(counts[bucket] as number) += count
      }
      return { labels: attributes, numbers: [...counts, value.sum ?? Number.NaN] }
    }),
  }
}

function boundsAt(points: readonly DataPoint<ExponentialHistogram>[], scale: number): number[] {
  const bounds = new Set(points.flatMap(({ value }) => boundedCounts(value, scale).map(([bound]) => bound)))
  bounds.delete(Number.POSITIVE_INFINITY)
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
