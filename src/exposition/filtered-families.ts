import type { Family } from './family'
import { type FamilyFilter, type FamilyNames, familyNames } from './family-filter'
import type { Naming } from './naming'

/** Families by filters. What a filter lets through is kept as long as both the filter and the families are there. */
export class FilteredFamilies {
  readonly #raw: Naming
  readonly #names = new WeakMap<Family, FamilyNames>()
  readonly #kept = new WeakMap<FamilyFilter, WeakMap<readonly Family[], readonly Family[]>>()

  /** `raw` is the naming that escapes nothing. */
  constructor(raw: Naming) {
    this.#raw = raw
  }

  of(families: readonly Family[], filter: FamilyFilter): readonly Family[] {
    let kept = this.#kept.get(filter)
    if (kept === undefined) {
      kept = new WeakMap()
      this.#kept.set(filter, kept)
    }
    let filtered = kept.get(families)
    if (filtered === undefined) {
      filtered = families.filter((family) => filter(this.#namesOf(family)))
      kept.set(families, filtered)
    }
    return filtered
  }

  #namesOf(family: Family): FamilyNames {
    let names = this.#names.get(family)
    if (names === undefined) {
      names = familyNames(family, this.#raw)
      this.#names.set(family, names)
    }
    return names
  }
}
