import { prometheusLabel, prometheusName, utf8Name } from './names'
import { unitWords } from './units'

/**
 * What becomes of OpenTelemetry's names on a page (Prometheus exporter specification, "Translation Strategy"): whether
 * `http.server.request.duration` is `http_server_request_duration`, and whether its unit and `_total` go behind it.
 */
export type TranslationStrategy = (typeof TRANSLATION_STRATEGIES)[number]

export const TRANSLATION_STRATEGIES = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
] as const

export const DEFAULT_TRANSLATION: TranslationStrategy = 'UnderscoreEscapingWithSuffixes'

/** Whether names of any characters are kept as they are; otherwise they are letters, digits, `_` and `:`. */
export function keepsUtf8(strategy: TranslationStrategy): boolean {
  return strategy === 'NoUTF8EscapingWithSuffixes' || strategy === 'NoTranslation'
}

function addsSuffixes(strategy: TranslationStrategy): boolean {
  return strategy === 'UnderscoreEscapingWithSuffixes' || strategy === 'NoUTF8EscapingWithSuffixes'
}

/**
 * The Prometheus name of an OpenTelemetry metric: unit words behind the name unless it ends in them already,
 * `_total` behind a monotonic sum. Compatibility specification, "OpenTelemetry metric to Prometheus".
 */
export function translatedName(
  name: string,
  unit: string,
  shape: 'counter' | 'upDownCounter' | 'gauge' | 'histogram',
  strategy: TranslationStrategy,
): string {
  let result = keepsUtf8(strategy) ? utf8Name(name) || '_' : prometheusName(name)
  if (!addsSuffixes(strategy)) return result
  if (shape === 'counter' && endsInWord(result, 'total')) result = result.slice(0, -'_total'.length)
  const words = unitWords(unit, shape === 'gauge')
  if (words !== '' && result !== words && !endsInWord(result, words)) result = withSuffix(result, words)
  return shape === 'counter' ? withSuffix(result, 'total') : result
}

/** The Prometheus label of an OpenTelemetry attribute. */
export function translatedLabel(name: string, strategy: TranslationStrategy): string {
  // Labels that begin with two underscores are Prometheus's own.
  return !keepsUtf8(strategy) || name === '' || name.startsWith('__') ? prometheusLabel(name) : utf8Name(name)
}

/** Whether a name ends in a word, one of OpenTelemetry's delimiters before it. */
function endsInWord(name: string, word: string): boolean {
  return name.endsWith(word) && /[_.\-/]/.test(name.at(-word.length - 1) ?? '')
}

function withSuffix(name: string, suffix: string): string {
  return name.endsWith('_') ? name + suffix : `${name}_${suffix}`
}
