import { received } from '../model/errors'
import { masked } from '../model/masked'
import { mend } from '../model/mend'
import { nearest } from '../model/nearest'
import type { AnyOption, Variable } from './option'
import type { MetricsOptions } from './options'
import { TABLE } from './table'
import { forEachOption } from './walk'

/** The variable that names a configuration file (OpenTelemetry specification, "Declarative configuration"). */
export const CONFIG_FILE = 'OTEL_CONFIG_FILE'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a source says: its options, and by the path of each where it stands there. */
export interface Given {
  readonly options: MetricsOptions
  readonly origins: ReadonlyMap<string, string>
}

/** How the variables begin whose name is meterkit's and not OpenTelemetry's. */
export const PREFIX = 'METERKIT_'
/** Variables that give no option: one names a file, and one is left by processes for those they start. */
const OTHERS = [CONFIG_FILE, 'METERKIT_REGISTERED']
/** How many letters make a variable of OpenTelemetry's a slip, and not one of another signal or another version. */
const MAX_SLIPS = 2

/** The variables that give an option, the most telling first. None where no text can. */
export function variablesOf(path: string, { kind, env }: AnyOption): readonly Variable<unknown>[] {
  const { parse } = kind
  const names =
    env ?? (parse === undefined ? [] : [PREFIX + path.replace(/[A-Z]/g, '_$&').replace(/\./g, '_').toUpperCase()])
  return names.flatMap((name) => (typeof name !== 'string' ? [name] : parse === undefined ? [] : [{ name, parse }]))
}

/**
 * The options that the environment gives. Empty values count as unset (OpenTelemetry specification, "Environment
 * variables"). `fault` is told of each value that cannot be, of each variable of meterkit's that is none, of what is nearly
 * one of OpenTelemetry's, and of what is inside of something turned off; these are left out, if it does not throw.
 */
export function optionsFromEnvironment(env: Environment, fault: (message: string) => void): Given {
  const options = {}
  const origins = new Map<string, string>()
  const known: string[] = [...OTHERS]
  /** Those that cannot be, as one may give several options. */
  const faulty = new Set<string>()
  forEachOption(TABLE, (path, option) => {
    const variables = variablesOf(path, option)
    known.push(...variables.map(({ name }) => name))
    const variable = variables.find(({ name }) => (env[name] ?? '') !== '')
    if (variable === undefined) return
    const text = env[variable.name] as string
    const value = variable.parse(text)
    if (value === undefined || !option.kind.holds(value)) {
      if (faulty.has(variable.name)) return
      faulty.add(variable.name)
      const shown = option.isSecret === true ? 'something else' : received(masked(text))
      fault(
        `${variable.name} must be ${option.kind.wanted}, got ${shown}. ${mend(text, option.kind.choices) ?? 'Unset it for the default.'}`,
      )
      return
    }
    const off = put(options, path, value)
    if (off === undefined) origins.set(path, variable.name)
    else fault(`${variable.name} must be unset where ${origins.get(off)} is false, got a value. Unset one of them.`)
  })
  for (const name of Object.keys(env)) {
    if (known.includes(name) || (env[name] ?? '') === '') continue
    const isOwn = name.startsWith(PREFIX)
    if (!isOwn && !name.startsWith('OTEL_')) continue
    const meant = isOwn ? nearest(name, known) : nearest(name, known, MAX_SLIPS)
    if (!isOwn && meant === undefined) continue
    fault(
      `a variable must be one that there is, got ${received(name)}. ${meant === undefined ? 'Unset it, or correct its name.' : `Write ${received(meant)}.`}`,
    )
  }
  return { options, origins }
}

/** Puts a value in its place, or gives the path of what is turned off around it. */
function put(options: Record<string, unknown>, path: string, value: unknown): string | undefined {
  const keys = path.split('.')
  const last = keys.pop() as string
  let group = options
  for (const [at, key] of keys.entries()) {
    group[key] ??= {}
    if (group[key] === false) return keys.slice(0, at + 1).join('.')
    group = group[key] as Record<string, unknown>
  }
  group[last] = value
  return undefined
}
