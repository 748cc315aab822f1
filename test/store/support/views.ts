import { AggregationType, createAllowListAttributesProcessor } from '@opentelemetry/sdk-metrics'

/** What views may ask for. */
export const allow = (...names: string[]) => [createAllowListAttributesProcessor(names)]
export const explicit = (boundaries: number[]) => ({
  type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM as const,
  options: { boundaries },
})
export const exponential = { type: AggregationType.EXPONENTIAL_HISTOGRAM as const }
