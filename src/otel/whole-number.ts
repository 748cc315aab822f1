/**
 * The whole number that an instrument of `ValueType.INT` records: the fraction is left out. What cannot be recorded
 * (no number, or negative where `nonNegative`) is left as it is, for the store to turn away: -0.5 is not 0.
 */
export function wholeNumber(value: number, nonNegative: boolean): number {
  if (typeof value !== 'number' || (nonNegative && value < 0)) return value
  return Math.trunc(value) + 0
}
