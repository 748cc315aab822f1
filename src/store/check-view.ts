import { AggregationType, InstrumentType, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { checkedBuckets } from '../model/buckets'
import { DefinitionError, received } from '../model/errors'
import { exponentialOfSize } from '../model/exponential'

type Check = readonly [
  wanted: string,
  holds: (value: unknown) => boolean,
  mend: string,
  shown?: (value: unknown) => string,
]

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const text = (mend: string): Check => ['a string', (value) => typeof value === 'string', mend]
const typeOf = (aggregation: { type?: unknown }): unknown => aggregation.type
const isProcessor = (value: unknown): boolean =>
  isObject(value) && typeof (value as { process?: unknown }).process === 'function'

const INSTRUMENT_TYPES: readonly unknown[] = Object.values(InstrumentType)
const AGGREGATION_TYPES: readonly unknown[] = Object.values(AggregationType)

const SELECTORS = {
  instrumentName: text('Leave it out for any name.'),
  instrumentType: [
    `one of ${INSTRUMENT_TYPES.join(', ')}`,
    (value) => INSTRUMENT_TYPES.includes(value),
    'Leave it out for any type.',
  ],
  instrumentUnit: text('Leave it out for any unit.'),
  meterName: text('Leave it out for any meter.'),
  meterVersion: text('Leave it out for any version.'),
  meterSchemaUrl: text('Leave it out for any schema.'),
} satisfies Partial<Record<keyof ViewOptions, Check>>

const CHECKS: Readonly<Record<keyof ViewOptions, Check>> = {
  name: [
    'a string that is not empty',
    (value) => typeof value === 'string' && value !== '',
    "Leave it out for the instrument's own.",
  ],
  description: text("Leave it out for the instrument's own."),
  attributesProcessors: [
    'a list of attribute processors',
    (value) => Array.isArray(value) && value.every(isProcessor),
    "Make them with sdk-metrics's createAllowListAttributesProcessor or createDenyListAttributesProcessor.",
  ],
  aggregation: [
    "one of sdk-metrics's aggregation options",
    (value) => isObject(value) && AGGREGATION_TYPES.includes(typeOf(value)),
    'Write aggregation: { type: AggregationType.SUM }.',
    (value) => (isObject(value) ? `the type ${received(typeOf(value))}` : received(value)),
  ],
  aggregationCardinalityLimit: [
    'a whole number of 1 or more',
    (value) => Number.isInteger(value) && (value as number) >= 1,
    "Leave it out for the service's limit.",
  ],
  ...SELECTORS,
}

/** Throws where a view cannot be applied as it is written; `index` is its place among the views. */
export function checkView(view: ViewOptions, index: number): void {
  const cannot = `Cannot apply view "${isObject(view) && view.name ? view.name : index}":`
  const refusal = (what: string, wanted: string, got: string, mend: string) =>
    new DefinitionError(`${cannot} ${what} must be ${wanted}, got ${got}. ${mend}`)
  if (!isObject(view)) throw refusal('a view', 'an object', received(view), "Write { instrumentName: 'jobs_*' }.")
  for (const [key, value] of Object.entries(view)) {
    const check = Object.hasOwn(CHECKS, key) ? CHECKS[key as keyof ViewOptions] : undefined
    if (check === undefined) {
      const known = `one of ${Object.keys(CHECKS).join(', ')}`
      throw refusal('an option', known, received(key), 'Remove it or correct its name.')
    }
    const [wanted, holds, mend, shown = received] = check
    if (value !== undefined && !holds(value)) throw refusal(key, wanted, shown(value), mend)
  }
  const { instrumentName, aggregation } = view
  if (Object.keys(SELECTORS).every((key) => view[key as keyof typeof SELECTORS] === undefined)) {
    throw refusal('a view', 'for some instruments', 'no selector', "Write instrumentName: '*' for all.")
  }
  if (view.name !== undefined && (instrumentName === undefined || /[*?]/.test(instrumentName))) {
    const wanted = 'one full name where the view renames'
    throw refusal('instrumentName', wanted, received(instrumentName), 'Two metrics cannot share a name.')
  }
  if (aggregation?.type === AggregationType.EXPONENTIAL_HISTOGRAM)
    exponentialOfSize(cannot, aggregation.options?.maxSize)
  const boundaries = aggregation?.type === AggregationType.EXPLICIT_BUCKET_HISTOGRAM && aggregation.options?.boundaries
  if (boundaries) checkedBuckets(cannot, boundaries)
}
