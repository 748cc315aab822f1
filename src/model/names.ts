import { DefinitionError, received } from './errors'
import { unitWords } from './units'

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/
/** OpenTelemetry API specification, "Instrument name syntax". */
const OTEL_NAME = /^[a-z][a-z0-9_.\-/]{0,254}$/i

/** Throws where `name` cannot be a Prometheus metric name. */
export function checkMetricName(kind: string, name: unknown): asserts name is string {
  if (typeof name === 'string' && METRIC_NAME.test(name)) return
  const isText = typeof name === 'string'
  const mend = isText && name !== '' ? prometheusName(name) : 'jobs_total'
  throw new DefinitionError(
    `Cannot create ${kind} "${isText ? name : received(name)}": name must be letters, digits, "_" or ":" and not start with a digit, got ${received(name)}. Write "${mend}".`,
  )
}

/** Throws where `labelNames` cannot be the labels of the instrument. `reserved` are the names its format writes itself. */
export function checkLabelNames(
  kind: string,
  name: string,
  labelNames: readonly string[],
  reserved: readonly string[],
): void {
  const cannot = `Cannot create ${kind} "${name}":`
  if (!Array.isArray(labelNames)) {
    throw new DefinitionError(
      `${cannot} labelNames must be an array of strings, got ${received(labelNames)}. Write labelNames: ['region'].`,
    )
  }
  const seen = new Set<string>()
  for (const label of labelNames as readonly unknown[]) {
    if (typeof label !== 'string' || !LABEL_NAME.test(label)) {
      const mend = typeof label === 'string' && label !== '' ? prometheusLabel(label) : 'region'
      throw new DefinitionError(
        `${cannot} a label name must be letters, digits or "_" and not start with a digit, got ${received(label)}. Write "${mend}".`,
      )
    }
    if (label.startsWith('__')) {
      throw new DefinitionError(
        `${cannot} a label name must be without "__" at its start, which Prometheus keeps for itself, got "${label}". Write "${prometheusLabel(label)}".`,
      )
    }
    if (reserved.includes(label)) {
      throw new DefinitionError(
        `${cannot} a label name must be another than those that the format and constant labels have, got "${label}". Choose another name.`,
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

/** A declared label name as it stands; what a view made of it as {@link prometheusLabel} has it. */
export function declaredLabel(name: string): string {
  return LABEL_NAME.test(name) ? name : prometheusLabel(name)
}

/**
 * The Prometheus name of an OpenTelemetry metric: unit words behind the name unless it ends in them already,
 * `_total` behind a monotonic sum. Compatibility specification, "OpenTelemetry metric to Prometheus".
 */
export function translatedName(
  name: string,
  unit: string,
  shape: 'counter' | 'upDownCounter' | 'gauge' | 'histogram',
): string {
  let result = prometheusName(name)
  if (shape === 'counter' && result.endsWith('_total')) result = result.slice(0, -'_total'.length)
  const words = unitWords(unit, shape === 'gauge')
  if (words !== '' && result !== words && !result.endsWith(`_${words}`)) result = withSuffix(result, words)
  return shape === 'counter' ? withSuffix(result, 'total') : result
}

function withSuffix(name: string, suffix: string): string {
  return name.endsWith('_') ? name + suffix : `${name}_${suffix}`
}
