import type { AnyOptions, Options } from './option'

/** Options with the defaults of their rows where they say nothing. */
export function withDefaults<T extends object>(given: T, table: Options<T>): T {
  const rows: AnyOptions = table
  const defaults = Object.fromEntries(
    Object.entries(rows).flatMap(([key, row]) => (row.default === undefined ? [] : [[key, row.default]])),
  )
  return { ...defaults, ...given } as T
}
