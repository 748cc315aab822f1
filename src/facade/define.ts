import { checkedBuckets } from '../model/buckets'
import type { Definition, HistogramOptions, InstrumentKind, InstrumentOptions } from '../model/definition'
import { DefinitionError, received } from '../model/errors'
import { checkedExponential } from '../model/exponential'
import { checkLabelNames, checkMetricName } from '../model/names'
import { FACADE_SCOPE } from '../model/scope'

/** What names a facade's instruments may have. */
export interface NameRules {
  /** The labels that every series has already. */
  readonly constantLabels: readonly string[]
  /** Whether names may have any characters. */
  readonly utf8: boolean
}

/** What a facade instrument's options come to, checked. */
export function define(
  kind: InstrumentKind,
  options: InstrumentOptions<string> & Pick<HistogramOptions, 'buckets' | 'native'>,
  { constantLabels, utf8 }: NameRules,
): Definition {
  if (typeof options !== 'object' || options === null) {
    throw new DefinitionError(
      `Cannot create ${kind}: options must be an object, got ${received(options)}. Write { name: 'jobs_total', help: 'Jobs done' }.`,
    )
  }
  const {
    name,
    help = '',
    unit = '',
    labelNames = [],
    buckets,
    native = false,
    cardinalityLimit,
    expireAfterMs,
  } = options
  checkMetricName(kind, name, utf8)
  checkKeys(kind, name, options)
  checkText(kind, name, 'help', help)
  checkText(kind, name, 'unit', unit)
  checkLabelNames(kind, name, labelNames, [...formatLabels(kind, name), ...constantLabels], utf8)
  checkAtLeastOne(kind, name, 'cardinalityLimit', 'a whole number', cardinalityLimit, Number.isInteger)
  checkAtLeastOne(kind, name, 'expireAfterMs', 'a finite number', expireAfterMs, Number.isFinite)
  const cannot = `Cannot create ${kind} "${name}":`
  return {
    kind,
    name,
    help,
    unit,
    scope: FACADE_SCOPE,
    naming: 'prometheus',
    labelNames: [...labelNames],
    integer: false,
    buckets: buckets === undefined ? undefined : checkedBuckets(cannot, buckets),
    native: native === false ? undefined : checkedExponential(cannot, native),
    cardinalityLimit,
    expireAfterMs,
  }
}

/** The labels that formats write for series of this kind themselves. */
function formatLabels(kind: InstrumentKind, name: string): string[] {
  if (kind === 'histogram') return ['le']
  return kind === 'stateSet' ? [name] : []
}

/** What nearly every instrument can be given. */
const KEYS = ['name', 'help', 'unit', 'labelNames', 'cardinalityLimit', 'expireAfterMs']

function keysOf(kind: InstrumentKind): string[] {
  switch (kind) {
    case 'histogram':
      return [...KEYS, 'buckets', 'native']
    case 'observableCounter':
    case 'observableUpDownCounter':
    case 'observableGauge':
      return [...KEYS, 'callback']
    case 'info':
      return ['name', 'help', 'labelNames', 'labels']
    case 'stateSet':
      return [...KEYS.filter((key) => key !== 'unit'), 'states']
    default:
      return KEYS
  }
}

function checkKeys(kind: InstrumentKind, name: string, options: InstrumentOptions<string>): void {
  const keys = keysOf(kind)
  for (const key of Object.keys(options)) {
    if (keys.includes(key)) continue
    throw new DefinitionError(
      `Cannot create ${kind} "${name}": an option must be one of ${keys.join(', ')}, got ${received(key)}. Remove it or correct its name.`,
    )
  }
}

function checkText(kind: string, name: string, what: string, value: unknown): void {
  if (typeof value === 'string') return
  throw new DefinitionError(
    `Cannot create ${kind} "${name}": ${what} must be a string, got ${received(value)}. Leave it out for none.`,
  )
}

function checkAtLeastOne(
  kind: string,
  name: string,
  what: string,
  wanted: string,
  value: number | undefined,
  fits: (value: unknown) => boolean,
): void {
  if (value === undefined || (fits(value) && value >= 1)) return
  throw new DefinitionError(
    `Cannot create ${kind} "${name}": ${what} must be ${wanted} of 1 or more, got ${received(value)}. Leave it out for the default.`,
  )
}
