import type { Definition, InstrumentKind } from '../model/definition'

/** How an instrument takes the values it is given. */
export type ValueRule = Pick<Definition, 'kind' | 'integer'>

const RISING: ReadonlySet<InstrumentKind> = new Set(['counter', 'observableCounter', 'histogram'])

/** Whether an instrument's measurements must not be negative. */
export function isRising({ kind }: Pick<Definition, 'kind'>): boolean {
  return RISING.has(kind)
}

/**
 * The whole number that an instrument of `ValueType.INT` records: the fraction is left out. What cannot be recorded
 * (no number, or negative where `rising`) is left as it is, for the store to turn away: -0.5 is not 0.
 */
export function wholeNumber(value: number, rising: boolean): number {
  if (typeof value !== 'number' || (rising && value < 0)) return value
  return Math.trunc(value) + 0
}
