import { AggregationType, InstrumentType, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { DefinitionError } from '../../src/model/errors'
import { TestService } from '../support/test-service'

const KNOWN =
  'name, description, attributesProcessors, aggregation, aggregationCardinalityLimit, instrumentName, instrumentType, instrumentUnit, meterName, meterVersion, meterSchemaUrl'
const PROCESSORS =
  "Make them with sdk-metrics's createAllowListAttributesProcessor or createDenyListAttributesProcessor."

/** Views that cannot be applied, and what is said of them behind `Cannot apply view "0": `. */
const FAULTS: readonly (readonly [view: unknown, text: string])[] = [
  [null, `a view must be an object, got null. Write { instrumentName: 'jobs_*' }.`],
  ['jobs', `a view must be an object, got "jobs". Write { instrumentName: 'jobs_*' }.`],
  [{}, "a view must be for some instruments, got no selector. Write instrumentName: '*' for all."],
  [{ description: 'Jobs' }, "a view must be for some instruments, got no selector. Write instrumentName: '*' for all."],
  [
    { instrumentName: 'a', attributeKeys: ['b'] },
    `an option must be one of ${KNOWN}, got "attributeKeys". Remove it or correct its name.`,
  ],
  [{ instrumentName: 5 }, 'instrumentName must be a string, got 5. Leave it out for any name.'],
  [{ instrumentName: /jobs/ }, 'instrumentName must be a string, got an object. Leave it out for any name.'],
  [
    { instrumentType: 'counter' },
    `instrumentType must be one of ${Object.values(InstrumentType).join(', ')}, got "counter". Leave it out for any type.`,
  ],
  [{ instrumentUnit: 1 }, 'instrumentUnit must be a string, got 1. Leave it out for any unit.'],
  [{ meterName: null }, 'meterName must be a string, got null. Leave it out for any meter.'],
  [{ meterVersion: 1 }, 'meterVersion must be a string, got 1. Leave it out for any version.'],
  [{ meterSchemaUrl: 1 }, 'meterSchemaUrl must be a string, got 1. Leave it out for any schema.'],
  [
    { instrumentName: 'a', name: '' },
    `name must be a string that is not empty, got "". Leave it out for the instrument's own.`,
  ],
  [
    { instrumentName: 'a', description: 1 },
    "description must be a string, got 1. Leave it out for the instrument's own.",
  ],
  [
    { instrumentName: 'a', attributesProcessors: 'b' },
    `attributesProcessors must be a list of attribute processors, got "b". ${PROCESSORS}`,
  ],
  [
    { instrumentName: 'a', attributesProcessors: ['b'] },
    `attributesProcessors must be a list of attribute processors, got ["b"]. ${PROCESSORS}`,
  ],
  [
    { instrumentName: 'a', aggregation: 'sum' },
    `aggregation must be one of sdk-metrics's aggregation options, got "sum". Write aggregation: { type: AggregationType.SUM }.`,
  ],
  [
    { instrumentName: 'a', aggregation: { type: 99 } },
    `aggregation must be one of sdk-metrics's aggregation options, got the type 99. Write aggregation: { type: AggregationType.SUM }.`,
  ],
  [
    { instrumentName: 'a', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 1 } } },
    'maxSize must be a whole number from 2 to 10000, got 1. Leave it out for the default.',
  ],
  [
    { instrumentName: 'a', aggregation: buckets([2, 1]) },
    'buckets must be in rising order, got 1 after 2. Sort them and write each bound once.',
  ],
  [
    { instrumentName: 'a', aggregation: buckets([Number.NaN]) },
    'buckets must be finite numbers, got NaN. The +Inf bucket is added by itself.',
  ],
  [
    { instrumentName: 'a', aggregationCardinalityLimit: 0 },
    "aggregationCardinalityLimit must be a whole number of 1 or more, got 0. Leave it out for the service's limit.",
  ],
  [
    { instrumentName: 'a', aggregationCardinalityLimit: 2.5 },
    "aggregationCardinalityLimit must be a whole number of 1 or more, got 2.5. Leave it out for the service's limit.",
  ],
]

/** The same of views that rename, which are called by their name. */
const RENAMING_FAULTS: typeof FAULTS = [
  [
    { name: 'b', instrumentName: 'a*' },
    'instrumentName must be one full name where the view renames, got "a*". Two metrics cannot share a name.',
  ],
  [
    { name: 'b', instrumentName: 'a?' },
    'instrumentName must be one full name where the view renames, got "a?". Two metrics cannot share a name.',
  ],
  [
    { name: 'b', meterName: 'lib' },
    'instrumentName must be one full name where the view renames, got undefined. Two metrics cannot share a name.',
  ],
]

describe('A view that cannot be applied', () => {
  it('is refused when the service is made, by its place, saying what to do', () => {
    for (const [view, text] of FAULTS) refuses([view], `Cannot apply view "0": ${text}`)
  })

  it('is called by its name where it has one, else by its place', () => {
    for (const [view, text] of RENAMING_FAULTS)
      refuses([{ instrumentName: 'x' }, view], `Cannot apply view "b": ${text}`)
    refuses([{ instrumentName: 'x' }, {}], `Cannot apply view "1": ${FAULTS[2]?.[1]}`)
  })

  it('is none where an option is undefined', () => {
    new TestService({
      views: [{ instrumentName: 'a', name: undefined, aggregation: undefined } as unknown as ViewOptions],
    })
  })
})

function refuses(views: readonly unknown[], message: string): void {
  expect(message).to.match(/^Cannot apply view "[^"]+": [a-zA-Z ]+ must be .+, got .+\. [A-Z].+\.$/s)
  expect(() => new TestService({ views: views as readonly ViewOptions[] }))
    .to.throw(DefinitionError)
    .with.property('message', message)
}

function buckets(boundaries: number[]): NonNullable<ViewOptions['aggregation']> {
  return { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries } }
}
