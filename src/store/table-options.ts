import type { CellLayout } from './cell-layout'
import type { ExemplarSampler } from './exemplar-sampler'
import type { LabelPolicy } from './label-policy'
import type { Vocabulary } from './label-values'

/** Why a label set has no series of its own: the metric has as many as it may have, or a label value is too long. */
export type Overflow = 'limit' | 'long_label'

/** What a table tells its owner. */
export interface TableEvents {
  /** A recording that was turned away, and why. */
  rejected(reason: string): void
  /** A recording that went to the overflow series, and why. */
  overflowed(cause: Overflow): void
}

export interface TableOptions {
  readonly policy: LabelPolicy
  readonly layout: CellLayout
  /** The registry's labels. */
  readonly vocabulary: Vocabulary
  /** Series a table may have, the overflow series not counted. */
  readonly limit: number
  readonly events: TableEvents
  /** Called with the cells of each new series, all 0. */
  readonly initialise?: ((cells: Float64Array, at: number) => void) | undefined
  /** Which measurements become exemplars, and how many slots for them a series has. Default: none. */
  readonly exemplars?: { readonly sampler: ExemplarSampler; readonly slots: number } | undefined
}
