import type { Attributes } from '@opentelemetry/api'
import type { ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics'
import type { LabelsInput } from '../model/labels'
import type { Carried } from '../store/carried'

/** The attribute of the series that takes what no longer fits (Metrics SDK specification, "Overflow attribute"). */
export const OVERFLOW_ATTRIBUTE = 'otel.metric.overflow'

/** The labels of the series that has these attributes; `undefined` for the overflow series. */
export function labelsOf(attributes: Attributes, constant: Attributes): LabelsInput | undefined {
  if (attributes[OVERFLOW_ATTRIBUTE] === true) return undefined
  const own = Object.entries(attributes).filter(([name, value]) => constant[name] !== value)
  return Object.fromEntries(own) as LabelsInput
}

/** The value of a point, as a stream takes it. */
export function carriedOf(value: unknown): Carried {
  if (typeof value === 'number') return value
  const { sum = 0, ...histogram } = value as Histogram | ExponentialHistogram
  if ('buckets' in histogram) {
    const { boundaries, counts } = histogram.buckets
    return { sum, bounds: boundaries, counts }
  }
  const { scale, zeroCount, positive, negative } = histogram
  return { sum, exponential: { scale, zeroCount, positive: rangeOf(positive), negative: rangeOf(negative) } }
}

function rangeOf({ offset, bucketCounts }: ExponentialHistogram['positive']) {
  return { offset, counts: Float64Array.from(bucketCounts) }
}
