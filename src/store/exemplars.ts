import type { StoredLabel } from './label-values'
import type { SeriesGroup } from './series-group'

/** One measurement that stands for those of its bucket. */
export interface Exemplar {
  /** As it was recorded: what a counter was increased by, what a histogram counted. */
  readonly value: number
  /** When it was recorded, in milliseconds since the epoch. */
  readonly epochMs: number
  /** 32 hexadecimal digits, or `''` where the measurement was not made in a sampled span. */
  readonly traceId: string
  /** 16 hexadecimal digits, or `''` together with `traceId`. */
  readonly spanId: string
  /**
   * Further labels by name: first those that the caller gave, whose names are label names and which fit beside the ids;
   * then those that a view took from the series, with any names, of any length.
   */
  readonly labels: ReadonlyMap<string, StoredLabel>
}

/** The exemplars of one series by slot. They are the store's own: to be read at once. */
export type Slots = readonly (Exemplar | undefined)[]

/** The newest of several exemplars; of those that were recorded at once the last. */
export function newestOf<E extends { readonly epochMs: number }>(exemplars: readonly (E | undefined)[]): E | undefined {
  let newest: E | undefined
  for (const exemplar of exemplars) {
    if (exemplar !== undefined && (newest === undefined || exemplar.epochMs >= newest.epochMs)) newest = exemplar
  }
  return newest
}

/** The exemplar of a counter that counts what a histogram measures, of the histogram's: that rose by one. */
export function countExemplar(slots: Slots | undefined): Exemplar | undefined {
  const newest = slots && newestOf(slots)
  return newest && { ...newest, value: 1 }
}

/**
 * What a stream that has exemplars lets readers read. Slot 0 of a counter, and of a histogram slot `i` for the explicit
 * bucket that ends at `bounds[i]`, the last one for `+Inf`: the bucket of `BucketStream.bounds` in which the exemplar's
 * value is, also where all buckets are exponential. Reading takes nothing away.
 */
export interface ExemplarReader {
  /** Whether there may be any exemplar. As long as there are none, a reader need not ask for those of a series. */
  readonly some: boolean
  /** The exemplars of a series; `undefined` where it has none. */
  at(group: SeriesGroup, row: number): Slots | undefined
}
