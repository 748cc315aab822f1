import type { CellLayout } from './cell-layout'
import type { ExemplarSampler } from './exemplar-sampler'
import type { LabelPolicy } from './label-policy'
import type { Vocabulary } from './label-values'

/**
 * Why a label set has no series of its own: the metric has as many as it may have, or, with `'states'`, a state set has, or
 * a label value is too long.
 */
export type Overflow = 'limit' | 'states' | 'long_label'

/** What a table tells its owner. */
export interface TableEvents {
  /** A recording that was turned away, and why. */
  rejected(reason: string): void
  /** A measurement that has no series of its own, and why. */
  overflowed(cause: Overflow): void
}

export interface TableOptions {
  readonly policy: LabelPolicy
  readonly layout: CellLayout
  /** The registry's labels. */
  readonly vocabulary: Vocabulary
  /** Series a table may have, the overflow series not counted. */
  readonly limit: number
  /**
   * How many recordings make one measurement: those of a state set's states. Past the limit they are left out, as an
   * overflow series could not tell them apart, and counted as one. Default: each recording is a measurement.
   */
  readonly states?: number | undefined
  readonly events: TableEvents
  /** Called with the cells of each new series, all 0. */
  readonly initialise?: ((cells: Float64Array, at: number) => void) | undefined
  /** Which measurements become exemplars, and how many slots for them a series has. Default: none. */
  readonly exemplars?: { readonly sampler: ExemplarSampler; readonly slots: number } | undefined
}
