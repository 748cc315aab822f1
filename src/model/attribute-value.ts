/** What OpenTelemetry takes as the value of an attribute. */
export type AttributeValue = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[]
