import { expect } from 'chai'
import fc from 'fast-check'
import type { Instruments } from '../../src/facade/instruments'
import { DefinitionError } from '../../src/model/errors'
import { KINDS } from '../support/instrument-kinds'
import { TestService } from '../support/test-service'

/** `Cannot <action> "<name>": <what> must be <wanted>, got <received>. <mend>.` */
const GRAMMAR = /^Cannot [a-z]+ \w* ?".*": [a-zA-Z. ]+ must be .+, got .+\. [A-Z].+\.$/s

const circular: unknown[] = []
circular.push(circular)

/** Options that cannot be, and what is said of them behind `Cannot create counter "<name>": `. */
const FAULTS: readonly (readonly [options: Record<string, unknown>, shownName: string, text: string])[] = [
  [
    {},
    'undefined',
    'name must be letters, digits, "_" or ":" and not start with a digit, got undefined. Write "jobs_total".',
  ],
  [
    { name: '' },
    '',
    'name must be letters, digits, "_" or ":" and not start with a digit, got "". Write "jobs_total".',
  ],
  [
    { name: 'jobs.done' },
    'jobs.done',
    'name must be letters, digits, "_" or ":" and not start with a digit, got "jobs.done". Write "jobs_done".',
  ],
  [
    { name: '5xx' },
    '5xx',
    'name must be letters, digits, "_" or ":" and not start with a digit, got "5xx". Write "_5xx".',
  ],
  [
    { name: 'jobs\n' },
    'jobs\n',
    'name must be letters, digits, "_" or ":" and not start with a digit, got "jobs\\n". Write "jobs_".',
  ],
  [
    { name: null },
    'null',
    'name must be letters, digits, "_" or ":" and not start with a digit, got null. Write "jobs_total".',
  ],
  [
    { name: 7n },
    '7n',
    'name must be letters, digits, "_" or ":" and not start with a digit, got 7n. Write "jobs_total".',
  ],
  [
    { name: Symbol('a') },
    'Symbol(a)',
    'name must be letters, digits, "_" or ":" and not start with a digit, got Symbol(a). Write "jobs_total".',
  ],
  [
    { name: Object.create(null) },
    'an object',
    'name must be letters, digits, "_" or ":" and not start with a digit, got an object. Write "jobs_total".',
  ],
  [
    { name: circular },
    '[an array]',
    'name must be letters, digits, "_" or ":" and not start with a digit, got [an array]. Write "jobs_total".',
  ],
  [{ name: 'a', help: 5 }, 'a', 'help must be a string, got 5. Leave it out for none.'],
  [{ name: 'a', help: null }, 'a', 'help must be a string, got null. Leave it out for none.'],
  [{ name: 'a', unit: ['s'] }, 'a', 'unit must be a string, got ["s"]. Leave it out for none.'],
  [
    { name: 'a', labelNames: 'region' },
    'a',
    `labelNames must be an array of strings, got "region". Write labelNames: ['region'].`,
  ],
  [
    { name: 'a', labelNames: null },
    'a',
    `labelNames must be an array of strings, got null. Write labelNames: ['region'].`,
  ],
  [
    { name: 'a', labelNames: ['a.b'] },
    'a',
    'a label name must be letters, digits or "_" and not start with a digit, got "a.b". Write "a_b".',
  ],
  [
    { name: 'a', labelNames: ['1st'] },
    'a',
    'a label name must be letters, digits or "_" and not start with a digit, got "1st". Write "key_1st".',
  ],
  [
    { name: 'a', labelNames: [''] },
    'a',
    'a label name must be letters, digits or "_" and not start with a digit, got "". Write "region".',
  ],
  [
    { name: 'a', labelNames: [() => 'a'] },
    'a',
    'a label name must be letters, digits or "_" and not start with a digit, got a function. Write "region".',
  ],
  [
    { name: 'a', labelNames: ['__name__'] },
    'a',
    'a label name must be without "__" at its start, which Prometheus keeps for itself, got "__name__". Write "_name_".',
  ],
  [{ name: 'a', labelNames: ['b', 'b'] }, 'a', 'labelNames must be distinct, got "b" twice. Write it once.'],
  [
    { name: 'a', labelNames: ['host'] },
    'a',
    'a label name must be another than those that the format and constant labels have, got "host". Rename it, or the constant label of that name.',
  ],
  [
    { name: 'a', cardinalityLimit: 0 },
    'a',
    'cardinalityLimit must be a whole number of 1 or more, got 0. Leave it out for the default.',
  ],
  [
    { name: 'a', cardinalityLimit: 1.5 },
    'a',
    'cardinalityLimit must be a whole number of 1 or more, got 1.5. Leave it out for the default.',
  ],
  [
    { name: 'a', cardinalityLimit: '10' },
    'a',
    'cardinalityLimit must be a whole number of 1 or more, got "10". Leave it out for the default.',
  ],
  [
    { name: 'a', cardinalityLimit: Number.POSITIVE_INFINITY },
    'a',
    'cardinalityLimit must be a whole number of 1 or more, got Infinity. Leave it out for the default.',
  ],
  [
    { name: 'a', expireAfterMs: 0.5 },
    'a',
    'expireAfterMs must be a finite number of 1 or more, got 0.5. Leave it out for the default.',
  ],
  [
    { name: 'a', expireAfterMs: Number.NaN },
    'a',
    'expireAfterMs must be a finite number of 1 or more, got NaN. Leave it out for the default.',
  ],
]

/** Faults that only histograms can have. */
const HISTOGRAM_FAULTS: typeof FAULTS = [
  [
    { name: 'a', labelNames: ['le'] },
    'a',
    'a label name must be another than those that the format and constant labels have, got "le". Rename it, or the constant label of that name.',
  ],
  [{ name: 'a', native: 160 }, 'a', 'native must be a boolean or an object, got 160. Write native: true.'],
  [
    { name: 'a', native: { maxSize: 160 } },
    'a',
    'an option of native must be one of maxBuckets, scale, got "maxSize". Remove it or correct its name.',
  ],
  [
    { name: 'a', native: { maxBuckets: 1 } },
    'a',
    'native.maxBuckets must be a whole number from 2 to 10000, got 1. Leave it out for the default.',
  ],
  [
    { name: 'a', native: { scale: 21 } },
    'a',
    'native.scale must be a whole number from -10 to 20, got 21. Leave it out for the default.',
  ],
  [{ name: 'a', buckets: 5 }, 'a', 'buckets must be an array of numbers, got 5. Write buckets: [0.1, 1, 10].'],
  [{ name: 'a', buckets: 0 }, 'a', 'buckets must be an array of numbers, got 0. Write buckets: [0.1, 1, 10].'],
  [{ name: 'a', buckets: null }, 'a', 'buckets must be an array of numbers, got null. Write buckets: [0.1, 1, 10].'],
  [
    { name: 'a', buckets: [1, '2'] },
    'a',
    'buckets must be finite numbers, got "2". The +Inf bucket is added by itself.',
  ],
  [
    { name: 'a', buckets: [Number.NaN] },
    'a',
    'buckets must be finite numbers, got NaN. The +Inf bucket is added by itself.',
  ],
  [
    { name: 'a', buckets: [Number.POSITIVE_INFINITY, 1] },
    'a',
    'buckets must be finite numbers, got Infinity. The +Inf bucket is added by itself.',
  ],
  [
    { name: 'a', buckets: [1, 1] },
    'a',
    'buckets must be in rising order, got 1 after 1. Sort them and write each bound once.',
  ],
  [
    { name: 'a', buckets: [-0, 0] },
    'a',
    'buckets must be in rising order, got 0 after 0. Sort them and write each bound once.',
  ],
]

/** Makes an instrument from what no compiler lets through. */
function make(metrics: Instruments, kind: (typeof KINDS)[number], options: unknown): unknown {
  return metrics[kind](options as never)
}

/** What each instrument can be given besides what all can. */
const OWN_OPTIONS: Partial<Record<(typeof KINDS)[number], string>> = {
  histogram: ', buckets, native',
  observableCounter: ', callback',
  observableUpDownCounter: ', callback',
  observableGauge: ', callback',
}

describe('Creating an instrument wrongly', () => {
  for (const kind of KINDS) {
    it(`throws at once and says what to do: ${kind}`, () => {
      const { metrics } = new TestService({ constantLabels: ['host'] })
      const faults = kind === 'histogram' ? [...FAULTS, ...HISTOGRAM_FAULTS] : FAULTS
      for (const [options, shownName, text] of faults) {
        const message = `Cannot create ${kind} "${shownName}": ${text}`
        expect(message).to.match(GRAMMAR)
        expect(() => make(metrics, kind, options))
          .to.throw(DefinitionError)
          .with.property('message', message)
      }
    })

    it(`throws for an option that there is not, listing those there are: ${kind}`, () => {
      const { metrics } = new TestService()
      const known = `name, help, unit, labelNames, cardinalityLimit, expireAfterMs${OWN_OPTIONS[kind] ?? ''}`
      for (const key of ['labels', 'registers', kind === 'histogram' ? 'callback' : 'buckets', '__proto__x']) {
        const message = `Cannot create ${kind} "a": an option must be one of ${known}, got "${key}". Remove it or correct its name.`
        expect(message).to.match(GRAMMAR)
        expect(() => make(metrics, kind, { name: 'a', [key]: undefined }))
          .to.throw(DefinitionError)
          .with.property('message', message)
      }
    })

    it(`throws where there are no options: ${kind}`, () => {
      const { metrics } = new TestService()
      for (const [options, shown] of [
        [undefined, 'undefined'],
        [null, 'null'],
        ['jobs', '"jobs"'],
      ] as const) {
        expect(() => make(metrics, kind, options))
          .to.throw(DefinitionError)
          .with.property(
            'message',
            `Cannot create ${kind}: options must be an object, got ${shown}. Write { name: 'jobs_total', help: 'Jobs done' }.`,
          )
      }
    })

    it(`leaves the name free: ${kind}`, async () => {
      const service = new TestService()
      expect(() => make(service.metrics, kind, { name: 'jobs_total', labelNames: ['a b'] })).to.throw(DefinitionError)
      make(service.metrics, kind, { name: 'jobs_total' })
    })
  }

  for (const [kind, options] of [
    ['counter', {}],
    ['observableGauge', { callback: () => undefined }],
  ] as const) {
    it(`names a name or a label that is accepted then: ${kind}`, () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), (text) => {
          const { metrics } = new TestService()
          const name = mended(text, (name) => make(metrics, kind, { ...options, name }))
          mended(text, (label) => make(metrics, kind, { ...options, name: `${name}_labelled`, labelNames: [label] }))
        }),
        { examples: [[': ']] },
      )
    })
  }
})

/** What `make` accepted: the text, or what its refusal says to write instead. */
function mended(text: string, make: (text: string) => unknown): string {
  try {
    make(text)
    return text
  } catch (error) {
    const [, mend] = /Write "([\w:]+)"\.$/.exec((error as Error).message) ?? []
    if (mend === undefined) throw error
    make(mend)
    return mend
  }
}
