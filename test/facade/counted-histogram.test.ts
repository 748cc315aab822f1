import { AggregationType, createAllowListAttributesProcessor, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import fc from 'fast-check'
import { DefinitionConflictError } from '../../src/model/errors'
import { seriesOf, TestService, type TestServiceOptions } from '../support/test-service'

const OVERFLOW = 'otel.metric.overflow=true'

const OPTIONS = {
  histogram: {
    name: 'job_seconds',
    labelNames: ['queue'],
    buckets: [1, 10],
    cardinalityLimit: 3,
    expireAfterMs: 1_000,
  },
  count: { name: 'jobs_total', help: 'Jobs done' },
} as const

/** Views that leave histogram and counter with the same series, and some with which the two share no cells. */
const VIEWS: Readonly<Record<string, readonly ViewOptions[]>> = {
  'without views': [],
  'with a view of other metrics': [{ instrumentName: 'other' }],
  'with a view of both that changes nothing': [{ instrumentName: '*' }],
  'with other buckets': [
    {
      instrumentName: 'job_seconds',
      aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [5] } },
    },
  ],
  'with a description of the counter': [{ instrumentName: 'jobs_total', description: 'All jobs' }],
}

describe('A counted histogram', () => {
  for (const [when, views] of Object.entries(VIEWS)) {
    it(`counts in its counter what it counts itself: ${when}`, async () => {
      const step = fc.record({
        queue: fc.nat({ max: 5 }),
        value: fc.constantFrom(0.5, 1, 7, 100, -1, Number.NaN, Number.POSITIVE_INFINITY, '1', undefined),
        way: fc.constantFrom('record', 'bound', 'remove', 'expire'),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step), async (steps) => {
          const service = new TestService({ views })
          const jobs = service.metrics.countedHistogram(OPTIONS)
          for (const { queue, value, way } of steps) {
            if (way === 'record') jobs.record(value as number, { queue })
            else if (way === 'bound') jobs.bind({ queue }).record(value as number)
            else if (way === 'remove') jobs.remove({ queue })
            else {
              await service.collect()
              service.clock.advance(600)
            }
          }
          const collected = await service.collect()
          expect(seriesOf(collected, 'jobs_total')).to.deep.equal(countsOf(seriesOf(collected, 'job_seconds')))
        }),
      )
    })
  }

  it('keeps counting when a view drops the histogram, or the counter', async () => {
    for (const [dropped, kept] of [
      ['job_seconds', 'jobs_total'],
      ['jobs_total', 'job_seconds'],
    ] as const) {
      const service = new TestService({
        views: [{ instrumentName: dropped, aggregation: { type: AggregationType.DROP } }],
      })
      service.metrics.countedHistogram(OPTIONS).record(5, { queue: 'in' })
      expect(await service.series(dropped)).to.deep.equal({})
      expect(Object.keys(await service.series(kept))).to.deep.equal(['queue=in'])
    }
  })

  it('lets a view take a label from the counter alone', async () => {
    const service = new TestService({
      views: [{ instrumentName: 'jobs_total', attributesProcessors: [createAllowListAttributesProcessor([])] }],
    })
    const jobs = service.metrics.countedHistogram(OPTIONS)
    jobs.record(1, { queue: 'in' })
    jobs.bind({ queue: 'out' }).record(2)
    expect(await service.series('jobs_total')).to.deep.equal({ '': 2 })
    expect(Object.keys(await service.series('job_seconds'))).to.deep.equal(['queue=in', 'queue=out'])
  })

  it('limits both alike, the service having a limit too', async () => {
    for (const views of [[], [{ instrumentName: '*' }]]) {
      const service = new TestService({ views, cardinalityLimit: 1 })
      const jobs = service.metrics.countedHistogram(OPTIONS)
      for (let queue = 0; queue < 5; queue++) jobs.record(1, { queue })
      expect(await service.series('jobs_total')).to.deep.equal({
        'queue=0': 1,
        'queue=1': 1,
        'queue=2': 1,
        [OVERFLOW]: 2,
      })
    }
  })

  it('shows its one series at once where it has no labels, as every instrument does', async () => {
    for (const options of [{}, { views: [{ instrumentName: '*' }] }] satisfies TestServiceOptions[]) {
      const service = new TestService(options)
      service.metrics.countedHistogram({ histogram: { name: 'job_seconds' }, count: { name: 'jobs_total' } })
      expect(await service.series('jobs_total')).to.deep.equal({ '': 0 })
    }
  })

  it('is the same one when it is asked for again, and keeps both names', () => {
    const { metrics } = new TestService()
    const jobs = metrics.countedHistogram(OPTIONS)
    expect(metrics.countedHistogram(OPTIONS)).to.equal(jobs)
    expect(() => metrics.histogram(OPTIONS.histogram)).to.throw(DefinitionConflictError)
    expect(() => metrics.counter({ ...OPTIONS.count, labelNames: ['queue'] })).to.throw(DefinitionConflictError)
    expect(() => metrics.countedHistogram({ ...OPTIONS, count: { name: 'runs_total' } })).to.throw(
      DefinitionConflictError,
    )
    metrics.counter({ name: 'runs_total' })
  })

  it('refuses a counter whose name is a sample of its own', () => {
    for (const name of ['job_seconds', 'job_seconds_count', 'job_seconds_sum', 'job_seconds_bucket']) {
      const { metrics } = new TestService()
      expect(() => metrics.countedHistogram({ ...OPTIONS, count: { name } })).to.throw(
        DefinitionConflictError,
        `Cannot create counter "${name}": its samples must be its own, got "${name}", which "job_seconds" writes.`,
      )
      metrics.countedHistogram(OPTIONS)
    }
  })
})

/** The counts of histogram series. */
function countsOf(series: Awaited<ReturnType<TestService['series']>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(series).map(([key, value]) => [key, typeof value === 'object' ? value.count : value]),
  )
}
