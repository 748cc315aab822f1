import { checkedBuckets } from '../model/buckets'
import type { Definition, HistogramOptions, InstrumentKind, InstrumentOptions } from '../model/definition'
import { DefinitionError, received } from '../model/errors'
import { checkLabelNames, checkMetricName } from '../model/names'
import { FACADE_SCOPE } from '../model/scope'

/** What a facade instrument's options come to, checked. `constantLabels` are the names that every series has already. */
export function define(
  kind: InstrumentKind,
  options: InstrumentOptions<string> & Pick<HistogramOptions, 'buckets'>,
  constantLabels: readonly string[],
): Definition {
  if (typeof options !== 'object' || options === null) {
    throw new DefinitionError(
      `Cannot create ${kind}: options must be an object, got ${received(options)}. Write { name: 'jobs_total', help: 'Jobs done' }.`,
    )
  }
  const { name, help = '', unit = '', labelNames = [], buckets, cardinalityLimit, expireAfterMs } = options
  checkMetricName(kind, name)
  checkKeys(kind, name, options)
  checkText(kind, name, 'help', help)
  checkText(kind, name, 'unit', unit)
  checkLabelNames(kind, name, labelNames, kind === 'histogram' ? ['le', ...constantLabels] : constantLabels)
  checkAtLeastOne(kind, name, 'cardinalityLimit', 'a whole number', cardinalityLimit, Number.isInteger)
  checkAtLeastOne(kind, name, 'expireAfterMs', 'a finite number', expireAfterMs, Number.isFinite)
  return {
    kind,
    name,
    help,
    unit,
    scope: FACADE_SCOPE,
    naming: 'prometheus',
    labelNames: [...labelNames],
    integer: false,
    buckets: buckets === undefined ? undefined : checkedBuckets(`Cannot create ${kind} "${name}":`, buckets),
    cardinalityLimit,
    expireAfterMs,
  }
}

/** What every instrument can be given. */
const KEYS = ['name', 'help', 'unit', 'labelNames', 'cardinalityLimit', 'expireAfterMs']

function checkKeys(kind: InstrumentKind, name: string, options: InstrumentOptions<string>): void {
  const own = kind === 'histogram' ? ['buckets'] : kind.startsWith('observable') ? ['callback'] : []
  const keys = [...KEYS, ...own]
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
