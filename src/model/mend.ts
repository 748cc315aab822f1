import { received } from './errors'
import { nearest } from './nearest'

/** What to write instead of `given`, where one of `known` is near. */
export function mend(given: unknown, known: readonly string[] = []): string | undefined {
  // A list is wrong where one of its entries is.
  const entries = Array.isArray(given) ? given : [given]
  const wrong = entries.find((entry) => typeof entry === 'string' && !known.includes(entry))
  const meant = typeof wrong === 'string' ? nearest(wrong, known) : undefined
  return meant === undefined ? undefined : `Write ${received(meant)}.`
}
