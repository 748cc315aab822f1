import type { AnyOptions, Options } from './option'

/** Options of which some have a value for certain. */
export type Decided<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]-?: Exclude<T[P], undefined> }

/** What options say: `undefined` is as good as left out. */
export function stated<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}

/** Options with the defaults of their rows where they say nothing. */
export function withDefaults<T extends object>(given: T, table: Options<T>): T {
  const rows: AnyOptions = table
  const defaults = Object.fromEntries(
    Object.entries(rows).flatMap(([key, row]) => (row.default === undefined ? [] : [[key, row.default]])),
  )
  return { ...defaults, ...stated(given) } as T
}
