import type { Histogram } from '@opentelemetry/sdk-metrics'

/** What two histograms are together; two of one stream have the same bounds. */
export function histogramSum(a: Histogram, b: Histogram): Histogram {
  return combined(a, b, 1)
}

/** What was added to a histogram; `undefined` where nothing was. */
export function histogramDifference(now: Histogram, before: Histogram): Histogram | undefined {
  return now.count === before.count ? undefined : combined(now, before, -1)
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
