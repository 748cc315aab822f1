import { expect } from 'chai'
import fc from 'fast-check'
import { type Kind, subjectOf } from '../store/support/subject'
import { seriesOf, TestService } from '../support/test-service'

const LABELS = { region: 'eu' }

/** What JavaScript callers may pass as a value, and the reason why it is turned away. */
const REFUSED: readonly (readonly [value: unknown, reason: string])[] = [
  [Number.NaN, 'nan'],
  [Number.POSITIVE_INFINITY, 'infinite'],
  [Number.NEGATIVE_INFINITY, 'infinite'],
  ['1', 'not_a_number'],
  ['', 'not_a_number'],
  [1n, 'not_a_number'],
  [null, 'not_a_number'],
  [true, 'not_a_number'],
  [Symbol('one'), 'not_a_number'],
  [[1], 'not_a_number'],
  [{ valueOf: () => 1 }, 'not_a_number'],
  [{ [Symbol.toPrimitive]: () => 1 }, 'not_a_number'],
  [Object(1), 'not_a_number'],
  [new Date(0), 'not_a_number'],
  [() => 1, 'not_a_number'],
]
const MISSING = [undefined, 'not_a_number'] as const
const NEGATIVE: readonly (readonly [value: unknown, reason: string])[] = [
  [-1, 'negative'],
  [-Number.MIN_VALUE, 'negative'],
  [-Number.MAX_VALUE, 'negative'],
]

/** A counter counts one where no value is given; no other instrument knows what to record. */
const refusedBy = (kind: Kind) => (kind === 'counter' ? [...REFUSED, ...NEGATIVE] : [...REFUSED, MISSING])

/** The ways into a cell. */
const PATHS = ['record', 'adjust', 'bound record', 'bound adjust', 'revived record', 'revived adjust'] as const

class Instrument {
  readonly service = new TestService()
  readonly #ways: Readonly<Record<(typeof PATHS)[number], (value: never) => void>>

  constructor(kind: Kind) {
    const subject = subjectOf(this.service.metrics, kind, { name: 'subject', labelNames: ['region'] })
    const detached = subject.bind(LABELS)
    subject.remove(LABELS)
    const bound = subject.bind(LABELS)
    this.#ways = {
      record: (value) => subject.record(value, LABELS),
      adjust: (value) => subject.adjust(value, LABELS),
      'bound record': bound.record,
      'bound adjust': bound.adjust,
      'revived record': detached.record,
      'revived adjust': detached.adjust,
    }
    bound.record(42)
  }

  record(path: (typeof PATHS)[number], value: unknown): void {
    this.#ways[path](value as never)
  }
}

describe('A value that is no finite number', () => {
  for (const kind of ['counter', 'upDownCounter', 'gauge', 'histogram'] as const) {
    it(`never reaches a ${kind}, whichever way it comes, and is counted by its reason`, async () => {
      const attempt = fc.tuple(fc.constantFrom(...PATHS), fc.constantFrom(...refusedBy(kind)))
      await fc.assert(
        fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 40 }), async (attempts) => {
          const instrument = new Instrument(kind)
          const before = await instrument.service.series('subject')
          for (const [path, [value]] of attempts) instrument.record(path, value)
          const collected = await instrument.service.collect()
          expect(seriesOf(collected, 'subject')).to.deep.equal(before)
          expect(seriesOf(collected, 'meterkit_rejected_measurements_total')).to.deep.equal(
            countsOf(attempts.map(([, [, reason]]) => `metric=subject,reason=${reason}`)),
          )
          const reasons = new Set(attempts.map(([, [, reason]]) => reason))
          expect(instrument.service.log.lines.filter((line) => line.startsWith('warn: rejected'))).to.have.lengthOf(
            reasons.size,
          )
        }),
      )
    })

    for (const path of PATHS) {
      it(`is turned away by a ${kind} by ${path}, each kind of it`, async () => {
        for (const [value, reason] of refusedBy(kind)) {
          const instrument = new Instrument(kind)
          const before = await instrument.service.series('subject')
          instrument.record(path, value)
          const collected = await instrument.service.collect()
          expect(seriesOf(collected, 'subject'), String(value)).to.deep.equal(before)
          expect(seriesOf(collected, 'meterkit_rejected_measurements_total'), String(value)).to.deep.equal({
            [`metric=subject,reason=${reason}`]: 1,
          })
        }
      })
    }
  }

  it('is logged once for a metric and reason, saying which counter goes on counting', () => {
    const { metrics, log } = new TestService()
    const jobs = metrics.counter({ name: 'jobs_total' })
    const depth = metrics.gauge({ name: 'depth' })
    for (let again = 0; again < 3; again++) {
      jobs.add(-1)
      jobs.add(Number.NaN)
      depth.set(Number.NaN)
    }
    expect(log.lines).to.deep.equal([
      'warn: rejected a measurement of "jobs_total": negative. Said once; meterkit_rejected_measurements_total counts them.',
      'warn: rejected a measurement of "jobs_total": nan. Said once; meterkit_rejected_measurements_total counts them.',
      'warn: rejected a measurement of "depth": nan. Said once; meterkit_rejected_measurements_total counts them.',
    ])
  })

  it('is counted once where several views select the instrument, and reaches none of their streams', async () => {
    const service = new TestService({
      views: ['jobs_total', 'done_total'].flatMap((instrumentName) => [
        { instrumentName, name: `${instrumentName}_a` },
        { instrumentName, name: `${instrumentName}_b` },
      ]),
    })
    const jobs = service.metrics.counter({ name: 'jobs_total' })
    const bound = jobs.bind({})
    jobs.add(Number.NaN)
    bound.add(Number.NaN)
    jobs.add(1, { undeclared: 1 } as never)
    service.metrics.observableCounter({ name: 'done_total', callback: (result) => result.observe(Number.NaN) })
    const collected = await service.collect()
    for (const name of ['jobs_total_a', 'jobs_total_b']) expect(seriesOf(collected, name)).to.deep.equal({ '': 0 })
    expect(seriesOf(collected, 'done_total_a')).to.deep.equal({})
    expect(seriesOf(collected, 'meterkit_rejected_measurements_total')).to.deep.equal({
      'metric=jobs_total,reason=nan': 2,
      'metric=jobs_total,reason=undeclared_label': 1,
      'metric=done_total,reason=nan': 1,
    })
  })
})

describe('A value at the edge of what is accepted', () => {
  it('is recorded: the largest, the smallest, negative zero', async () => {
    const service = new TestService()
    const gauge = service.metrics.gauge({ name: 'edge' })
    for (const value of [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -0, 0]) {
      gauge.set(value)
      expect(await service.series('edge')).to.deep.equal({ '': value })
    }
    expect(await service.series('meterkit_rejected_measurements_total')).to.deep.equal({})
  })

  it('may be below zero for an up-down counter, a gauge and a Prometheus histogram', async () => {
    const service = new TestService()
    const { metrics } = service
    metrics.upDownCounter({ name: 'sum' }).add(-1.5)
    metrics.gauge({ name: 'last' }).set(-1.5)
    metrics.histogram({ name: 'spread', buckets: [-2, -1, 0] }).record(-1.5)
    expect(await service.series('sum')).to.deep.equal({ '': -1.5 })
    expect(await service.series('last')).to.deep.equal({ '': -1.5 })
    expect(await service.series('spread')).to.deep.equal({
      '': { buckets: { boundaries: [-2, -1, 0], counts: [0, 1, 0, 0] }, count: 1, sum: -1.5 },
    })
  })
})

function countsOf(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1
  return counts
}
