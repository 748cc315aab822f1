import type { Kind } from './kind'

/** One row of the table of options. */
export interface Option<T> {
  readonly kind: Kind<T>
  /** The variables of OpenTelemetry's that give it, the most telling first. Default: a name of meterkit's own. */
  readonly env?: readonly (string | Variable<T>)[]
  /** The place that OpenTelemetry's file has for it. It is also taken under its own path in `distribution.meterkit`. */
  readonly file?: string
  /** What holds where nobody says anything, where that can be written down. */
  readonly default?: T
  /** Whether values of several sources are joined by name, the nearer source first. Default: the nearest source alone. */
  readonly isMerged?: true
  /** Whether it is masked wherever it is shown. */
  readonly isSecret?: true
  /** Where it is an object: what that may have. */
  readonly options?: Options<ObjectOf<T>>
}

/** A variable whose text is read in a way of its own. */
export interface Variable<T> {
  readonly name: string
  readonly parse: (text: string) => T | undefined
}

/** A row for each property of `T`. */
export type Options<T> = { readonly [K in keyof T]-?: Option<Exclude<T[K], undefined>> }

/** The objects among the values that an option may have. */
type ObjectOf<T> = Exclude<T, string | number | boolean | readonly unknown[] | ((...args: never[]) => unknown)>

/** A row, whatever its values. */
export interface AnyOption {
  readonly kind: Kind<unknown>
  readonly env?: readonly (string | Variable<unknown>)[]
  readonly file?: string
  readonly default?: unknown
  readonly isMerged?: true
  readonly isSecret?: true
  readonly options?: AnyOptions
}

export type AnyOptions = Readonly<Record<string, AnyOption>>
