import type { Family } from './family'
import type { Held } from './held'

/** A page's families in the order of writing, and which of them are the counts of others. */
export interface Counted {
  readonly families: readonly Family[]
  /** By histogram, the counter that its counts are as well. */
  readonly counters: ReadonlyMap<Family, Family>
}

/**
 * Finds the counters that are read from histograms of the same page. Between the two the application has its turns, and
 * they must agree all the same: a counter's series are written together with the histogram's and {@link Held} until it is
 * the counter's turn. Where its name would have it stand before the histogram, it stands behind.
 *
 * A family that other streams share is the sum of more than the histogram, and is read when it is written.
 */
export function counted(families: readonly Family[]): Counted {
  const counters = new Map<Family, Family>()
  const early = new Set<Family>()
  families.forEach((counter, index) => {
    const [stream, ...others] = counter.streams
    if (stream?.countsOf === undefined || others.length > 0) return
    const at = families.findIndex(({ streams }) => streams.length === 1 && streams[0] === stream.countsOf)
    const histogram = families[at]
    if (histogram === undefined) return
    counters.set(histogram, counter)
    if (index < at) early.add(counter)
  })
  if (early.size === 0) return { families, counters }
  const inOrder = families.flatMap((family) => {
    const counter = counters.get(family)
    if (early.has(family)) return []
    return counter !== undefined && early.has(counter) ? [family, counter] : [family]
  })
  return { families: inOrder, counters }
}

/** The numbers of a counter's series, as those of the histogram that it counts have them: made anew in the same place. */
export class CountNumbers {
  readonly #numbers = new Float64Array(2)

  of(histogram: Float64Array): Float64Array {
    const sumAt = histogram.length - 2
    let count = 0
    for (let bucket = 0; bucket < sumAt; bucket++) count += histogram[bucket] as number
    this.#numbers[0] = count
    this.#numbers[1] = histogram[sumAt + 1] as number
    return this.#numbers
  }
}
