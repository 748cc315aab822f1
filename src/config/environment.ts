import { received } from '../model/errors'
import { masked } from '../model/masked'
import { mend } from '../model/mend'
import type { AnyOption, Variable } from './option'
import type { MetricsOptions } from './options'
import { TABLE } from './table'
import { forEachOption } from './walk'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a source says: its options, and by the path of each where it stands there. */
export interface Given {
  readonly options: MetricsOptions
  readonly origins: ReadonlyMap<string, string>
}

/** How the variables begin whose name is meterkit's and not OpenTelemetry's. */
export const PREFIX = 'METERKIT_'
/** Variables of that beginning that processes leave for those they start, and no options. */
const MARKS = ['METERKIT_REGISTERED']

/** The variables that give an option, the most telling first. None where no text can. */
export function variablesOf(path: string, { kind, env }: AnyOption): readonly Variable<unknown>[] {
  const { parse } = kind
  const names =
    env ?? (parse === undefined ? [] : [PREFIX + path.replace(/[A-Z]/g, '_$&').replace(/\./g, '_').toUpperCase()])
  return names.flatMap((name) => (typeof name !== 'string' ? [name] : parse === undefined ? [] : [{ name, parse }]))
}

/**
 * The options that the environment gives. Empty values count as unset (OpenTelemetry specification, "Environment
 * variables"). `fault` is told of each value that cannot be and of each variable of meterkit's that is none; these are
 * left out, if it does not throw.
 */
export function optionsFromEnvironment(env: Environment, fault: (message: string) => void): Given {
  const options = {}
  const origins = new Map<string, string>()
  const known: string[] = [...MARKS]
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
    put(options, path, value)
    origins.set(path, variable.name)
  })
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || known.includes(name)) continue
    const own = known.filter((each) => each.startsWith(PREFIX))
    fault(
      `a variable must be one that there is, got ${received(name)}. ${mend(name, own) ?? 'Unset it, or correct its name.'}`,
    )
  }
  return { options, origins }
}

function put(options: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop() as string
  let group = options
  for (const key of keys) {
    group[key] ??= {}
    // Nothing can be said about what was turned off.
    if (group[key] === false) return
    group = group[key] as Record<string, unknown>
  }
  group[last] = value
}
