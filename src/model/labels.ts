/** What a label may be set to; numbers and booleans are written as text. */
export type LabelValue = string | number | boolean

/** Never there. Without one optional key, the labels of an instrument that declared none would be `{}`, which takes any. */
declare const noOther: unique symbol

/** The labels of one series of an instrument that declared the names `L`: every declared name, no other. */
export type Labels<L extends string> = Readonly<Record<L, LabelValue>> & { readonly [noOther]?: never }

/** The labels behind a measurement's value: they may be left out only where the instrument declared none. */
export type LabelsArgument<L extends string> = [L] extends [never] ? [labels?: Labels<L>] : [labels: Labels<L>]

/** Labels as they arrive at run time, where the compiler's promise does not hold. */
export type LabelsInput = Readonly<Record<string, unknown>>

/**
 * The most UTF-16 code units of a label value that a series can have. Longer text goes to the overflow series: V8 hashes
 * strings of 16,384 and more by their length alone, so that looking up some thousands of them would take seconds.
 */
export const MAX_LABEL_LENGTH = 16_383

/** The labels of the one series that takes what no longer fits under the cardinality limit. */
export const OVERFLOW_LABEL = 'otel_metric_overflow'
