import type { Naming } from './naming'

/** What is kept of one group for each naming that pages were asked for with: as many as there are ways to escape names. */
export class ByNaming<T extends { readonly sizeBytes: number }> {
  /** Bytes of all that is kept. */
  sizeBytes = OWN_BYTES
  readonly #kept: { readonly naming: Naming; readonly made: T }[] = []

  of(naming: Naming, make: () => T): T {
    for (const each of this.#kept) if (each.naming === naming) return each.made
    const made = make()
    this.#kept.push({ naming, made })
    this.sizeBytes += made.sizeBytes
    return made
  }
}

/** What it takes itself, with its list. */
const OWN_BYTES = 150
