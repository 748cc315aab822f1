import type { Labels, LabelValue } from './labels'

/**
 * Which measurements leave an exemplar (Metrics SDK specification, "ExemplarFilter"): those made in a sampled span, all,
 * or none.
 */
export type ExemplarFilter = 'trace_based' | 'always_on' | 'always_off'

export const EXEMPLAR_FILTERS: readonly ExemplarFilter[] = ['trace_based', 'always_on', 'always_off']

/** What a measurement can be given besides its value and its labels. */
export interface MeasurementOptions {
  /**
   * Labels of an exemplar: what tells this one measurement, as an order's number does, and is no label of the series. The
   * measurement becomes the exemplar of its bucket whether it is traced or not, unless the service takes none. Names are
   * letters, digits and `_`, and do not start with a digit. Names and values, those of the span's ids included, have 128
   * characters together: labels that are no such names or do not fit are left out.
   */
  readonly exemplar?: Readonly<Record<string, LabelValue>> | undefined
}

/** The labels and options behind a measurement's value: labels may be left out only where the instrument declared none. */
export type MeasurementArguments<L extends string> = [L] extends [never]
  ? [labels?: Labels<L> | undefined, options?: MeasurementOptions]
  : [labels: Labels<L>, options?: MeasurementOptions]

/** The most code points in the names and values of an exemplar's labels (OpenMetrics 1.0.0, section "Exemplars"). */
export const MAX_EXEMPLAR_LENGTH = 128

/** The code points of a label of an exemplar; more than {@link MAX_EXEMPLAR_LENGTH} where the text is too long to count. */
export function exemplarLength(name: string, value: string): number {
  const units = name.length + value.length
  if (units > 2 * MAX_EXEMPLAR_LENGTH) return units
  let count = 0
  for (const _codePoint of name) count++
  for (const _codePoint of value) count++
  return count
}
