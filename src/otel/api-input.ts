/*
 * What callers of the OpenTelemetry API pass, read so that nothing can throw into them, whatever it is
 * (OpenTelemetry specification, "Error handling": API methods must not throw).
 */

/** A property of `value`; `undefined` where there is none or where reading it throws. */
export function propertyOf(value: unknown, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>> | null | undefined)?.[name]
  } catch {
    return undefined
  }
}

/** `value` as text: `''` for nothing, and for what cannot be made text. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return value === undefined || value === null ? '' : String(value)
  } catch {
    return ''
  }
}

/** The elements of a list; none where `value` is no list. */
export function elementsOf<T>(value: readonly T[]): readonly T[] {
  try {
    return Array.isArray(value) ? [...value] : []
  } catch {
    return []
  }
}
