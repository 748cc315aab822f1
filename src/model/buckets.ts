import { DefinitionError, received } from './errors'

/**
 * Upper bounds used when a histogram names none, in seconds: the field's common choice for latencies, 5 ms to 10 s.
 */
export const DEFAULT_BUCKETS: readonly number[] = Object.freeze([
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
])

/**
 * The bounds that OpenTelemetry's SDK specification gives a histogram without advice
 * (Metrics SDK, "Explicit bucket histogram aggregation").
 */
export const OTEL_DEFAULT_BUCKETS: readonly number[] = Object.freeze([
  0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000,
])

/** The bounds of a histogram that names none: those of Prometheus's users, or of OpenTelemetry. */
export function defaultBuckets(naming: 'prometheus' | 'otel'): readonly number[] {
  return naming === 'otel' ? OTEL_DEFAULT_BUCKETS : DEFAULT_BUCKETS
}

/** The bounds as the store keeps them: checked, copied, without a closing `+Inf`. `cannot` opens the text of an error. */
export function checkedBuckets(cannot: string, buckets: readonly number[]): readonly number[] {
  if (!Array.isArray(buckets)) {
    throw new DefinitionError(
      `${cannot} buckets must be an array of numbers, got ${received(buckets)}. Write buckets: [0.1, 1, 10].`,
    )
  }
  const bounds: unknown[] = buckets.at(-1) === Number.POSITIVE_INFINITY ? buckets.slice(0, -1) : [...buckets]
  let previous = Number.NEGATIVE_INFINITY
  for (const bound of bounds) {
    if (typeof bound !== 'number' || !Number.isFinite(bound)) {
      throw new DefinitionError(
        `${cannot} buckets must be finite numbers, got ${received(bound)}. The +Inf bucket is added by itself.`,
      )
    }
    if (bound <= previous) {
      throw new DefinitionError(
        `${cannot} buckets must be in rising order, got ${bound} after ${previous}. Sort them and write each bound once.`,
      )
    }
    previous = bound
  }
  // -0 would be printed as "-0" beside a boundary that equals it.
  return bounds.map((bound) => (bound as number) + 0)
}
