import { DefinitionError, received } from './errors'
import { isPlainLabel, isPlainName } from './escaping'

/** OpenTelemetry API specification, "Instrument name syntax". */
const OTEL_NAME = /^[a-z][a-z0-9_.\-/]{0,254}$/i

const UTF8_NAME = 'well-formed text that is not empty and has no NUL'

function isUtf8Name(text: string): boolean {
  return text !== '' && text === utf8Name(text)
}

/** Any text as it can stand in quotes: at a NUL in a name, Prometheus gives up the whole page. */
export function utf8Name(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

/** Throws where `name` cannot be a Prometheus metric name; with `utf8`, any characters may be in it. */
export function checkMetricName(kind: string, name: unknown, utf8: boolean): asserts name is string {
  if (typeof name === 'string' && (utf8 ? isUtf8Name(name) : isPlainName(name))) return
  const isText = typeof name === 'string'
  const wanted = utf8 ? UTF8_NAME : 'letters, digits, "_" or ":" and not start with a digit'
  const mend = isText && name !== '' ? prometheusName(name) : 'jobs_total'
  throw new DefinitionError(
    `Cannot create ${kind} "${isText ? name : received(name)}": name must be ${wanted}, got ${received(name)}. Write "${mend}".`,
  )
}

/**
 * Throws where `labelNames` cannot be the labels of the instrument. `reserved` are the names its format writes itself;
 * with `utf8`, names may have any characters.
 */
export function checkLabelNames(
  kind: string,
  name: string,
  labelNames: readonly string[],
  reserved: readonly string[],
  utf8: boolean,
): void {
  const cannot = `Cannot create ${kind} "${name}":`
  if (!Array.isArray(labelNames)) {
    throw new DefinitionError(
      `${cannot} labelNames must be an array of strings, got ${received(labelNames)}. Write labelNames: ['region'].`,
    )
  }
  const seen = new Set<string>()
  for (const label of labelNames as readonly unknown[]) {
    if (typeof label !== 'string' || !(utf8 ? isUtf8Name(label) : isPlainLabel(label))) {
      const wanted = utf8 ? UTF8_NAME : 'letters, digits or "_" and not start with a digit'
      const mend = typeof label === 'string' && label !== '' ? prometheusLabel(label) : 'region'
      throw new DefinitionError(`${cannot} a label name must be ${wanted}, got ${received(label)}. Write "${mend}".`)
    }
    if (label.startsWith('__')) {
      throw new DefinitionError(
        `${cannot} a label name must be without "__" at its start, which Prometheus keeps for itself, got "${label}". Write "${prometheusLabel(label)}".`,
      )
    }
    if (reserved.includes(label)) {
      throw new DefinitionError(
        `${cannot} a label name must be another than those that the format and constant labels have, got "${label}". Rename it, or the constant label of that name.`,
      )
    }
    if (seen.has(label)) {
      throw new DefinitionError(`${cannot} labelNames must be distinct, got "${label}" twice. Write it once.`)
    }
    seen.add(label)
  }
}

export function isOtelName(name: unknown): name is string {
  return typeof name === 'string' && OTEL_NAME.test(name)
}

/** Any text as a valid Prometheus metric name: other characters become one `_`, a leading digit gets a `_` before it. */
export function prometheusName(name: string): string {
  const clean = name.replace(/[^a-zA-Z0-9_:]/g, '_').replace(/_{2,}/g, '_')
  if (clean === '') return '_'
  return /^[0-9]/.test(clean) ? `_${clean}` : clean
}

/** Any attribute name as a valid Prometheus label name that is not reserved: a leading digit gets `key_` before it. */
export function prometheusLabel(name: string): string {
  const clean = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/_{2,}/g, '_')
  if (clean === '' || clean === '_') return 'key'
  return /^[0-9]/.test(clean) ? `key_${clean}` : clean
}
