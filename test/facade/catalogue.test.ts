import { expect } from 'chai'
import fc from 'fast-check'
import type { Instruments } from '../../src/facade/instruments'
import { DEFAULT_BUCKETS } from '../../src/model/buckets'
import type { HistogramOptions } from '../../src/model/definition'
import { DefinitionConflictError } from '../../src/model/errors'
import { KINDS } from '../support/instrument-kinds'
import { TestService } from '../support/test-service'

interface Request {
  readonly kind: (typeof KINDS)[number]
  readonly options: HistogramOptions<string>
}

/** What can be asked for under one name. */
const request: fc.Arbitrary<Request> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    help: fc.constantFrom('', 'Jobs done', 'Jobs "done"'),
    unit: fc.constantFrom('', 's'),
    labelNames: fc.constantFrom([], ['a'], ['a', 'b'], ['b', 'a']),
    buckets: fc.constantFrom(undefined, DEFAULT_BUCKETS, [1, 2], [1, 2, Number.POSITIVE_INFINITY], [1]),
    cardinalityLimit: fc.constantFrom(undefined, 10),
    expireAfterMs: fc.constantFrom(undefined, 1_000),
  })
  .map(({ kind, buckets, cardinalityLimit, expireAfterMs, ...options }) => ({
    kind,
    options: {
      name: 'subject',
      ...options,
      ...(kind === 'histogram' && buckets !== undefined && { buckets }),
      ...(cardinalityLimit !== undefined && { cardinalityLimit }),
      ...(expireAfterMs !== undefined && { expireAfterMs }),
    },
  }))

/** What of a request makes it another definition: not the order of labels, a closing +Inf, nor a default that is written out. */
function meaning({ kind, options }: Request): string {
  const { labelNames = [], buckets = DEFAULT_BUCKETS, ...rest } = options
  const bounds = buckets.filter(Number.isFinite)
  return JSON.stringify([kind, rest, [...labelNames].sort(), bounds])
}

function make(metrics: Instruments, { kind, options }: Request): object {
  return metrics[kind](options)
}

describe('Asking for an instrument again', () => {
  it('gives the same one for the same definition, and throws for another', () => {
    fc.assert(
      fc.property(request, request, (first, second) => {
        const { metrics } = new TestService()
        const instrument = make(metrics, first)
        if (meaning(first) === meaning(second)) expect(make(metrics, second)).to.equal(instrument)
        else expect(() => make(metrics, second)).to.throw(DefinitionConflictError)
        expect(make(metrics, first)).to.equal(instrument)
      }),
      { numRuns: 1_000 },
    )
  })

  it('shows both definitions where they differ', () => {
    const { metrics } = new TestService()
    metrics.counter({ name: 'jobs', help: 'Jobs done', unit: 's', labelNames: ['b', 'a'], expireAfterMs: 5 })
    const existing = 'counter, jobs, labels (a, b), unit "s", expireAfterMs 5, help "Jobs done"'
    const requested = 'histogram, jobs, labels (), buckets [1, 2], cardinalityLimit 7, help ""'
    expect(() => metrics.histogram({ name: 'jobs', buckets: [1, 2], cardinalityLimit: 7 }))
      .to.throw(DefinitionConflictError)
      .with.deep.include({
        name: 'DefinitionConflictError',
        message: `Cannot create histogram "jobs": its definition must be the one that exists, got another. Existing: ${existing}. Requested: ${requested}. Use the same definition or another name.`,
        existing,
        requested,
      })
  })

  it('takes the default buckets for what they are, written out or not, but where buckets are native', () => {
    const { metrics } = new TestService()
    const seconds = metrics.histogram({ name: 'seconds' })
    expect(metrics.histogram({ name: 'seconds', buckets: DEFAULT_BUCKETS })).to.equal(seconds)
    expect(() => metrics.histogram({ name: 'seconds', buckets: [1] }))
      .to.throw(DefinitionConflictError)
      .with.include({
        existing: `histogram, seconds, labels (), buckets [${DEFAULT_BUCKETS.join(', ')}], help ""`,
        requested: 'histogram, seconds, labels (), buckets [1], help ""',
      })
    metrics.histogram({ name: 'native', native: true })
    expect(() => metrics.histogram({ name: 'native', native: true, buckets: DEFAULT_BUCKETS })).to.throw(
      DefinitionConflictError,
      'Existing: histogram, native, labels (), native (',
    )
  })

  it('keeps the counts of an instrument that is asked for again', async () => {
    const service = new TestService()
    service.metrics.counter({ name: 'jobs_total' }).add(2)
    service.metrics.counter({ name: 'jobs_total' }).add(3)
    expect(await service.series('jobs_total')).to.deep.equal({ '': 5 })
  })
})

describe('Two metrics that would write one sample', () => {
  const histogram = `histogram, x, labels (), buckets [${DEFAULT_BUCKETS.join(', ')}], help ""`

  for (const suffix of ['_bucket', '_sum', '_count', '_created']) {
    it(`are refused, whichever comes first: a histogram x and a gauge x${suffix}`, () => {
      const name = `x${suffix}`
      const gauge = `gauge, ${name}, labels (), help ""`
      const after = new TestService().metrics
      after.histogram({ name: 'x' })
      expect(() => after.gauge({ name }))
        .to.throw(DefinitionConflictError)
        .with.deep.include({
          message: `Cannot create gauge "${name}": its samples must be its own, got "${name}", which "x" writes. Existing: ${histogram}. Requested: ${gauge}. Choose another name.`,
          existing: histogram,
          requested: gauge,
        })
      const before = new TestService().metrics
      before.gauge({ name })
      expect(() => before.histogram({ name: 'x' }))
        .to.throw(DefinitionConflictError)
        .with.deep.include({
          message: `Cannot create histogram "x": its samples must be its own, got "${name}", which "${name}" writes. Existing: ${gauge}. Requested: ${histogram}. Choose another name.`,
          existing: gauge,
          requested: histogram,
        })
    })
  }

  it('are refused where one is of meterkit itself', () => {
    const { metrics, registry } = new TestService()
    for (const { identity } of registry.streams) {
      expect(() => metrics.counter({ name: identity.name })).to.throw(
        DefinitionConflictError,
        `got "${identity.name}", which "${identity.name}" writes. Existing: ${identity.name}, which meterkit makes itself.`,
      )
    }
  })

  it('leave the refused name free for something that fits', () => {
    const { metrics } = new TestService()
    metrics.gauge({ name: 'x_count' })
    expect(() => metrics.histogram({ name: 'x' })).to.throw(DefinitionConflictError)
    metrics.gauge({ name: 'x' })
    metrics.gauge({ name: 'x_sum' })
  })

  it('are none where only parts of names agree', () => {
    const { metrics } = new TestService()
    metrics.histogram({ name: 'x' })
    for (const name of ['x_total', 'x_sums', 'y_sum', 'x_create']) metrics.gauge({ name })
  })
})
