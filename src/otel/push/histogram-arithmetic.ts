import type { Histogram } from '@opentelemetry/sdk-metrics'
import { paid } from '../../store/exponential-arithmetic'

/** What two histograms are together; two of one stream have the same bounds. */
export function histogramSum(a: Histogram, b: Histogram): Histogram {
  return combined(a, b, 1)
}

/** What was added to a histogram; `undefined` where nothing was. */
export function histogramDifference(now: Histogram, before: Histogram): Histogram | undefined {
  return now.count === before.count ? undefined : combined(now, before, -1)
}

/**
 * Counts of buckets with none below 0: what is missing in one was counted in the next. So it may be where some came from other
 * buckets, and were put among these in two ways.
 */
export function withoutDebts(histogram: Histogram): Histogram {
  return { ...histogram, buckets: { ...histogram.buckets, counts: paid(histogram.buckets.counts) } }
}

function combined(a: Histogram, b: Histogram, sign: 1 | -1): Histogram {
  return {
    count: a.count + sign * b.count,
    ...(a.sum !== undefined && { sum: a.sum + sign * (b.sum ?? 0) }),
    buckets: {
      boundaries: a.buckets.boundaries,
      counts: a.buckets.counts.map((count, index) => count + sign * (b.buckets.counts[index] ?? 0)),
    },
  }
}
