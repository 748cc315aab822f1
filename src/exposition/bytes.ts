const ZERO = 48

/** Text as it stands in the formats: `\`, `"` and line ends escaped. */
export function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n') : value
}

/** A number as both formats read it. */
export function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}

/**
 * A bucket's bound. OpenMetrics asks for Go's rendering, with `.0` behind whole numbers (1.0.0, section "Canonical
 * Numbers"), because a bound that is written in two ways is two series.
 */
export function boundText(bound: number, openMetrics: boolean): string {
  if (!openMetrics || !Number.isFinite(bound)) return numberText(bound)
  const [mantissa, power] = bound.toExponential().split('e') as [string, string]
  const exponent = Number(power)
  if (exponent < -4 || exponent > 5) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  return Number.isInteger(bound) ? `${bound}.0` : String(bound)
}

/** The most bytes that {@link writeNumber} writes. */
export const MAX_NUMBER_BYTES = 26

/** Writes a number as {@link numberText} has it; whole numbers without making a string. Returns the end. */
export function writeNumber(target: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value < 10 && value === (value | 0)) {
    target[at] = ZERO + value
    return at + 1
  }
  if (value >= 0 && value <= 0x7fffffff && value === (value | 0)) {
    let digits = 1
    for (let power = 10; digits < 10 && value >= power; power *= 10) digits++
    let rest = value | 0
    for (let index = at + digits - 1; index >= at; index--) {
      const next = (rest / 10) | 0
      target[index] = ZERO + (rest - next * 10)
      rest = next
    }
    return at + digits
  }
  return writeAscii(target, at, numberText(value))
}

export function writeAscii(target: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) target[at + index] = text.charCodeAt(index)
  return at + text.length
}

/** Copies `source[from, to)`. For the few dozen bytes of a label a loop is quicker than a call to `set`. */
export function copyBytes(target: Uint8Array, at: number, source: Uint8Array, from: number, to: number): number {
  if (to - from > 256) {
    target.set(source.subarray(from, to), at)
    return at + to - from
  }
  for (let index = from; index < to; index++) target[at++] = source[index] as number
  return at
}
