/** What a label may be set to; numbers and booleans are written as text. */
export type LabelValue = string | number | boolean

/** Never there. Without one optional key, the labels of an instrument that declared none would be `{}`, which takes any. */
declare const noOther: unique symbol

/** The labels of one series of an instrument that declared the names `L`: every declared name, no other. */
export type Labels<L extends string> = Readonly<Record<L, LabelValue>> & { readonly [noOther]?: never }

/** Labels as they arrive at run time, where the compiler's promise does not hold. */
export type LabelsInput = Readonly<Record<string, unknown>>

/** The labels of the one series that takes what no longer fits under the cardinality limit. */
export const OVERFLOW_LABEL = 'otel_metric_overflow'
