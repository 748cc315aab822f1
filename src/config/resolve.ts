import { isDeepStrictEqual } from 'node:util'
import type { Given } from './environment'
import { isObject } from './kind'
import type { AnyOptions } from './option'
import type { MetricsOptions } from './options'
import { TABLE } from './table'

/**
 * The options of several sources as one, the nearest source first: of each option the first value there is. Options
 * within others are taken one by one, except where a source gives a whole that has none, as `http: false` is. Those of a
 * list of such objects are taken for each entry of the first list: what one variable says holds for all receivers of a file.
 */
export function resolved(sources: readonly Given[]): Given {
  const origins = new Map<string, string>()
  const options = joined(
    '',
    TABLE,
    sources.map((source) => ({ values: { ...source.options }, source })),
    origins,
  )
  return { options: options as MetricsOptions, origins }
}

interface Layer {
  readonly values: Readonly<Record<string, unknown>>
  readonly source: Given
}

function joined(prefix: string, rows: AnyOptions, layers: readonly Layer[], origins: Map<string, string>): object {
  const result: Record<string, unknown> = {}
  for (const [key, row] of Object.entries(rows)) {
    const path = prefix + key
    const given = layers.filter(({ values }) => values[key] !== undefined)
    const first = given[0]
    if (first === undefined) continue
    const whole = given.findIndex(({ values }) => !isObject(values[key]) && !Array.isArray(values[key]))
    // What stands behind a whole cannot be joined with what stands before it.
    const parts = (whole < 0 ? given : given.slice(0, whole)).map(({ values, source }) => ({
      values: values[key] as Readonly<Record<string, unknown>> | readonly object[],
      source,
    }))
    if (row.options !== undefined && parts.length > 0) {
      result[key] = joinedGroup(`${path}.`, row.options, parts, origins)
      continue
    }
    const isMerged = row.isMerged === true && parts.length > 0
    result[key] = isMerged ? Object.assign({}, ...parts.map(({ values }) => values).reverse()) : first.values[key]
    const tellers = isMerged ? parts.map(({ source }) => source) : [first.source]
    origins.set(path, tellers.map((source) => source.origins.get(path) ?? 'code').join(', '))
  }
  return result
}

/** An object with options of its own, or a list of them where a source has one. */
function joinedGroup(
  prefix: string,
  rows: AnyOptions,
  parts: readonly { readonly values: object; readonly source: Given }[],
  origins: Map<string, string>,
): object {
  const list = parts.find(({ values }) => Array.isArray(values))?.values as readonly object[] | undefined
  const entries = list ?? [undefined]
  const all = entries.map((entry) => {
    const layers = parts.flatMap(({ values, source }): Layer[] => {
      const own = values === list ? entry : values
      return isObject(own) ? [{ values: own, source }] : []
    })
    return joined(prefix, rows, layers, origins)
  })
  // Entries that are the same by now, as one variable may name the endpoint of all, would be sent twice.
  return list === undefined ? (all[0] as object) : all.filter((entry, at) => at === indexOfEqual(all, entry))
}

const indexOfEqual = (all: readonly object[], entry: object): number =>
  all.findIndex((other) => isDeepStrictEqual(other, entry))
