import { MASK, masked } from '../model/masked'
import type { Given } from './environment'
import { isObject } from './kind'
import type { AnyOption, AnyOptions } from './option'
import { TABLE } from './table'

/** An option that has a value, as it may be shown. */
export interface Setting {
  readonly path: string
  /** Masked where it is secret. */
  readonly value: unknown
  /** Where the value comes from: a variable's name, a file's path, `code` or `default`. */
  readonly from: string
}

/** Every option with a value, in the order of the table. */
export function settingsOf(given: Given): Setting[] {
  return settingsIn(TABLE, '', given.options, (path) => given.origins.get(path) ?? 'code')
}

function settingsIn(rows: AnyOptions, prefix: string, values: object, originOf: (path: string) => string): Setting[] {
  const given = values as Readonly<Record<string, unknown>>
  return Object.entries(rows).flatMap(([key, row]) => settingsAt(row, prefix + key, given[key], originOf))
}

function settingsAt(row: AnyOption, path: string, value: unknown, originOf: (path: string) => string): Setting[] {
  const { options } = row
  if (options !== undefined && Array.isArray(value)) {
    const entries = value as readonly object[]
    return entries.flatMap((entry, index) => {
      const place = `${path}[${index}]`
      return settingsIn(options, `${place}.`, entry, (inner) => originOf(path + inner.slice(place.length)))
    })
  }
  if (options !== undefined && (value === undefined || isObject(value))) {
    return settingsIn(options, `${path}.`, value ?? {}, originOf)
  }
  if (value !== undefined) return [{ path, value: shown(value, row), from: originOf(path) }]
  return row.default === undefined ? [] : [{ path, value: row.default, from: 'default' }]
}

function shown(value: unknown, { isSecret }: AnyOption): unknown {
  if (isSecret === true) {
    return isObject(value) ? Object.fromEntries(Object.keys(value).map((name) => [name, MASK])) : MASK
  }
  return typeof value === 'string' ? masked(value) : value
}
