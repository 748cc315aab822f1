import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics'

type Buckets = ExponentialHistogram['positive']

/**
 * The most buckets of one sign that two histograms have together, unless one has more by itself (Metrics SDK specification,
 * "Base2 Exponential Bucket Histogram Aggregation").
 */
const MAX_BUCKETS = 160

/**
 * What was added to an exponential histogram, at the scale it has now, which only falls; `undefined` for nothing. As counts only
 * rise, none of it is below 0, unless what was there before has come to other buckets since.
 */
export function exponentialDifference(
  now: ExponentialHistogram,
  before: ExponentialHistogram,
): ExponentialHistogram | undefined {
  if (now.count === before.count) return undefined
  // A histogram of zeros alone says it has scale 0, which is no rise.
  const scale = Math.min(now.scale, isEmpty(before) ? now.scale : before.scale)
  const sides = (side: 'positive' | 'negative') =>
    bucketDifference(atScale(now[side], now.scale - scale), atScale(before[side], before.scale - scale))
  return {
    count: now.count - before.count,
    ...(now.sum !== undefined && { sum: now.sum - (before.sum ?? 0) }),
    scale,
    zeroCount: now.zeroCount - before.zeroCount,
    positive: sides('positive'),
    negative: sides('negative'),
  }
}

/**
 * What two exponential histograms are together, at the lower scale of both, or below that: two that have few fine buckets
 * each may be as many millions of them apart.
 */
export function exponentialSum(a: ExponentialHistogram, b: ExponentialHistogram): ExponentialHistogram {
  let scale = Math.min(isEmpty(a) ? b.scale : a.scale, isEmpty(b) ? a.scale : b.scale)
  const ranges = [a.positive, a.negative, b.positive, b.negative]
  const most = Math.max(MAX_BUCKETS, ...ranges.map(({ bucketCounts }) => bucketCounts.length))
  while (bucketsTogether(a, b, 'positive', scale) > most || bucketsTogether(a, b, 'negative', scale) > most) scale--
  const sides = (side: 'positive' | 'negative') =>
    bucketSum(atScale(a[side], a.scale - scale), atScale(b[side], b.scale - scale))
  return {
    count: a.count + b.count,
    ...(a.sum !== undefined && { sum: a.sum + (b.sum ?? 0) }),
    scale,
    zeroCount: a.zeroCount + b.zeroCount,
    positive: sides('positive'),
    negative: sides('negative'),
  }
}

/**
 * A histogram in which no count is below 0: what is missing in one bucket is in the nearest ones that have it. The buckets of
 * negative numbers, that of zeros and those of positive ones are neighbours in this order.
 */
export function withoutExponentialDebts(histogram: ExponentialHistogram): ExponentialHistogram {
  const { negative, zeroCount, positive } = histogram
  const counts = paid([...negative.bucketCounts.toReversed(), zeroCount, ...positive.bucketCounts])
  const zeroAt = negative.bucketCounts.length
  return {
    ...histogram,
    negative: trimmed({ offset: negative.offset, bucketCounts: counts.slice(0, zeroAt).reverse() }),
    zeroCount: counts[zeroAt] as number,
    positive: trimmed({ offset: positive.offset, bucketCounts: counts.slice(zeroAt + 1) }),
  }
}

/** Counts of buckets with none below 0: what is missing in one is taken from the next that has it, or from those before. */
export function paid(counts: readonly number[]): number[] {
  const left = [...counts]
  const pay = (from: number, to: number) => {
    if (!((left[from] ?? 0) < 0) || left[to] === undefined) return
    left[to] += left[from] as number
    left[from] = 0
  }
  for (let index = 0; index < left.length; index++) pay(index, index + 1)
  for (let index = left.length; index > 0; index--) pay(index, index - 1)
  return left
}

function isEmpty({ positive, negative }: ExponentialHistogram): boolean {
  return positive.bucketCounts.length === 0 && negative.bucketCounts.length === 0
}

/** How many buckets of one sign reach from the first of both histograms to the last, at a scale that neither is below. */
function bucketsTogether(
  a: ExponentialHistogram,
  b: ExponentialHistogram,
  side: 'positive' | 'negative',
  scale: number,
): number {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const histogram of [a, b]) {
    const { offset, bucketCounts } = histogram[side]
    if (bucketCounts.length === 0) continue
    const steps = histogram.scale - scale
    first = Math.min(first, offset >> steps)
    last = Math.max(last, (offset + bucketCounts.length - 1) >> steps)
  }
  return last - first + 1
}

/** Buckets `steps` scales lower, where each has two of those before (Metrics data model, "Exponential Scale"). */
function atScale({ offset, bucketCounts }: Buckets, steps: number): Buckets {
  if (steps <= 0 || bucketCounts.length === 0) return { offset, bucketCounts }
  const first = offset >> steps
  const counts = new Array<number>(((offset + bucketCounts.length - 1) >> steps) - first + 1).fill(0)
  bucketCounts.forEach((count, index) => {
    ;(counts[((offset + index) >> steps) - first] as number) += count
  })
  return { offset: first, bucketCounts: counts }
}

function bucketDifference(now: Buckets, before: Buckets): Buckets {
  const { offset, bucketCounts } = before
  return trimmed(bucketSum(now, { offset, bucketCounts: bucketCounts.map((count) => -count) }))
}

/** Without the empty buckets at both ends. */
function trimmed({ offset, bucketCounts }: Buckets): Buckets {
  const first = bucketCounts.findIndex((count) => count !== 0)
  if (first < 0) return { offset: 0, bucketCounts: [] }
  const end = bucketCounts.findLastIndex((count) => count !== 0) + 1
  return { offset: offset + first, bucketCounts: bucketCounts.slice(first, end) }
}

function bucketSum(a: Buckets, b: Buckets): Buckets {
  if (a.bucketCounts.length === 0) return b
  if (b.bucketCounts.length === 0) return a
  const offset = Math.min(a.offset, b.offset)
  const end = Math.max(a.offset + a.bucketCounts.length, b.offset + b.bucketCounts.length)
  const bucketCounts = new Array<number>(end - offset).fill(0)
  for (const each of [a, b]) {
    each.bucketCounts.forEach((count, index) => {
      ;(bucketCounts[each.offset + index - offset] as number) += count
    })
  }
  return { offset, bucketCounts }
}
