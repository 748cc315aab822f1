import type { SeriesGroup } from '../store/series-group'
import type { Naming } from './naming'

interface Kept<T> {
  readonly naming: Naming
  readonly made: T
  readonly sizeBytes: number
}

/** What is kept of each group for each naming that pages were asked for with: as many as there are ways to escape names. */
export class ByGroup<T extends { readonly sizeBytes: number }> {
  readonly #kept = new WeakMap<SeriesGroup, Kept<T>[]>()

  of(group: SeriesGroup, naming: Naming, make: () => T): T {
    let ofGroup = this.#kept.get(group)
    if (ofGroup === undefined) {
      ofGroup = []
      this.#kept.set(group, ofGroup)
    }
    for (const each of ofGroup) if (each.naming === naming) return each.made
    const made = make()
    ofGroup.push({ naming, made, sizeBytes: made.sizeBytes })
    return made
  }

  /** Bytes kept of a group. */
  sizeBytes(group: SeriesGroup): number {
    const kept = this.#kept.get(group)
    return kept === undefined ? 0 : kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, OWN_BYTES)
  }
}

/** What a group takes here itself, with its list. */
const OWN_BYTES = 150
