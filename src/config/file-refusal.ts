import { DefinitionError, received } from '../model/errors'
import { masked } from '../model/masked'
import { mend } from '../model/mend'
import { isObject } from './kind'

/** The values of keys that have a few, which the schema's messages do not tell. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  log_level: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
  encoding: ['protobuf', 'json'],
  temporality_preference: ['cumulative', 'delta', 'low_memory'],
  default_histogram_aggregation: ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'],
  instrument_type: [
    ...['counter', 'gauge', 'histogram', 'observable_counter', 'observable_gauge'],
    ...['observable_up_down_counter', 'up_down_counter'],
  ],
  exemplar_filter: ['always_on', 'always_off', 'trace_based'],
  translation_strategy: [
    'underscore_escaping_with_suffixes',
    'underscore_escaping_without_suffixes/development',
    'no_utf8_escaping_with_suffixes/development',
    'no_translation/development',
  ],
}

/**
 * What is said of a file that cannot be read as an OpenTelemetry configuration. Where its schema refuses something, that is
 * the key, what is wanted there, and what stands there, which the schema's message does not tell.
 */
export function refusalOf(file: string, message: string, content: unknown): DefinitionError {
  // A line for each that a value could be: "/resource/attributes/0/value must be string".
  const faults = [...message.matchAll(/(\/\S*) must (.*)/g)].map(([, pointer = '', wanted = '']) => ({
    pointer,
    wanted,
  }))
  const keys = faults[0]?.pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (keys === undefined) {
    return new DefinitionError(
      `Cannot read "${file}": the file must be an OpenTelemetry configuration of schema 1.x, got this error: ${message}. Correct the file, or unset OTEL_CONFIG_FILE.`,
    )
  }
  const value = keys.reduce<unknown>((inner, key) => Object(inner)[key], content)
  const choices = CHOICES[keys.at(-1) ?? '']
  const wanted = choices === undefined ? wantedOf(faults) : `be one of ${choices.join(', ')}`
  const place = keys
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('')
    .slice(1)
  return new DefinitionError(
    `Cannot read "${file}": ${place} must ${wanted}, got ${shown(keys, value)}. ${mend(value, choices) ?? 'Correct the file.'}`,
  )
}

function wantedOf(faults: readonly { readonly wanted: string }[]): string {
  // That a key may be null as well is no help: it is as good as left out.
  const all = faults.map(({ wanted }) => wanted.replace(/,null$|^be null$|^match exactly one.*/, ''))
  return [...new Set(all.filter((wanted) => wanted !== ''))].join(' or ')
}

/** Of an object its keys, one of which is too many or missing; of what may be secret nothing. */
function shown(keys: readonly string[], value: unknown): string {
  if (isObject(value)) return Object.keys(value).join(', ') || 'none'
  return keys.some((key) => key.startsWith('headers'))
    ? 'something else'
    : received(typeof value === 'string' ? masked(value) : value)
}
