import { AggregationType, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import fc from 'fast-check'
import { TestService } from '../support/test-service'
import { type Kind, subjectOf } from './support/subject'

const BOUNDARIES = [0, 5]
const LABELS = { id: 'a' }

const AGGREGATIONS: Readonly<Record<string, NonNullable<ViewOptions['aggregation']>>> = {
  DEFAULT: { type: AggregationType.DEFAULT },
  SUM: { type: AggregationType.SUM },
  LAST_VALUE: { type: AggregationType.LAST_VALUE },
  EXPLICIT_BUCKET_HISTOGRAM: {
    type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
    options: { boundaries: [...BOUNDARIES, Number.POSITIVE_INFINITY] },
  },
}

/** What an aggregation makes of recordings, where it is not what the instrument is for. */
const EXPECTED: Readonly<Record<string, (values: readonly number[]) => unknown>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  LAST_VALUE: (values) => values.at(-1),
  EXPLICIT_BUCKET_HISTOGRAM: (values) => [
    values.filter((value) => value <= 0).length,
    values.filter((value) => value > 0 && value <= 5).length,
    values.filter((value) => value > 5).length,
  ],
}

async function recorded(
  kind: Kind,
  aggregation: NonNullable<ViewOptions['aggregation']>,
  steps: readonly { value: number; adjusts: boolean }[],
  way: 'labelled' | 'bound',
): Promise<unknown> {
  const service = new TestService({ views: [{ instrumentName: '*', aggregation }] })
  const subject = subjectOf(service.metrics, kind, { name: 'subject', labelNames: ['id'] })
  const bound = subject.bind(LABELS)
  for (const { value, adjusts } of steps) {
    if (way === 'bound') bound[adjusts ? 'adjust' : 'record'](value)
    else subject[adjusts ? 'adjust' : 'record'](value, LABELS)
  }
  const { 'id=a': value } = await service.series('subject')
  return typeof value === 'object' ? value.buckets.counts : value
}

describe('The aggregation that a view chooses', () => {
  for (const kind of ['counter', 'upDownCounter', 'gauge', 'histogram'] as const) {
    const value = fc.integer({ min: kind === 'counter' ? 0 : -10, max: 10 })
    const steps = fc.array(fc.record({ value, adjusts: fc.boolean() }), { minLength: 1, maxLength: 12 })

    for (const [name, aggregation] of Object.entries(AGGREGATIONS)) {
      it(`is the same for labelled and for bound recordings: ${kind}, ${name}`, async () => {
        await fc.assert(
          fc.asyncProperty(steps, async (steps) => {
            expect(await recorded(kind, aggregation, steps, 'bound')).to.deep.equal(
              await recorded(kind, aggregation, steps, 'labelled'),
            )
          }),
          { numRuns: 50 },
        )
      })

      const expected = EXPECTED[name]
      if (expected === undefined || (kind === 'histogram' && name === 'SUM')) continue
      it(`makes of what is recorded what it is called: ${kind}, ${name}`, async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 12 }), async (values) => {
            const steps = values.map((value) => ({ value, adjusts: false }))
            expect(await recorded(kind, aggregation, steps, 'labelled')).to.deep.equal(expected(values))
          }),
          { numRuns: 50 },
        )
      })
    }
  }

  it('makes a sum of a histogram, which falls where a measurement is negative', async () => {
    const steps = [1, 2, -4].map((value) => ({ value, adjusts: false }))
    expect(await recorded('histogram', { type: AggregationType.SUM }, steps, 'labelled')).to.equal(-1)
  })
})
