import type { Attributes } from '@opentelemetry/api'
import type { ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics'
import type { LabelsInput } from '../model/labels'
import type { Carried } from '../store/carried'
import { pointOf } from '../store/exponential-points'

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
  const histogram = value as Histogram | ExponentialHistogram
  const { sum = 0 } = histogram
  if (!('buckets' in histogram)) return { sum, exponential: pointOf(histogram) }
  const { boundaries, counts } = histogram.buckets
  return { sum, bounds: boundaries, counts }
}
