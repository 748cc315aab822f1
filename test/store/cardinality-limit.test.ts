import { expect } from 'chai'
import fc from 'fast-check'
import { seriesOf, TestService } from '../support/test-service'
import { subjectOf } from './support/subject'

const OVERFLOW = 'otel.metric.overflow=true'
const KINDS = ['counter', 'upDownCounter', 'gauge', 'histogram'] as const

describe('The cardinality limit', () => {
  for (const kind of KINDS) {
    it(`sends what no longer fits to one overflow series: ${kind}`, async () => {
      const service = new TestService()
      const subject = subjectOf(service.metrics, kind, { name: 'subject', labelNames: ['id'], cardinalityLimit: 3 })
      for (let id = 0; id < 5; id++) subject.record(1, { id })
      const series = await service.series('subject')
      expect(Object.keys(series)).to.deep.equal(['id=0', 'id=1', 'id=2', OVERFLOW])
    })
  }

  for (const kind of KINDS) {
    it(`sends text that is too long for a label to the overflow series, and counts it there: ${kind}`, async () => {
      const service = new TestService()
      const subject = subjectOf(service.metrics, kind, { name: 'subject', labelNames: ['id'] })
      const longest = 'x'.repeat(16_383)
      for (const id of [longest, `${longest}y`, `${longest}z`]) subject.record(1, { id })
      subject.bind({ id: `${longest}y` }).record(1)
      expect(subject.remove({ id: `${longest}y` })).to.equal(false)
      const collected = await service.collect()
      expect(Object.keys(seriesOf(collected, 'subject'))).to.have.members([`id=${longest}`, OVERFLOW])
      expect(seriesOf(collected, 'meterkit_overflowed_measurements_total')).to.deep.equal({ 'metric=subject': 3 })
    })
  }

  it('sends attributes that are too long to the overflow series, and leaves out lists that are', async () => {
    const service = new TestService()
    const counter = service.meterProvider.getMeter('library').createCounter('jobs')
    counter.add(1, { id: 'x'.repeat(16_384) })
    counter.add(2, { id: 1, list: ['x'.repeat(16_384)] })
    counter.add(4, { id: 10n ** 40n } as never)
    expect(await service.series('jobs')).to.deep.equal({ [OVERFLOW]: 1, 'id=1': 2, '': 4 })
  })

  it('keeps every total exact, whatever comes in whatever order', async () => {
    const visit = fc.record({ id: fc.nat({ max: 30 }), value: fc.nat({ max: 1_000 }), bound: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.array(visit), async (cardinalityLimit, visits) => {
        const service = new TestService({ cardinalityLimit })
        const counter = service.metrics.counter({ name: 'visits_total', labelNames: ['id'] })
        for (const { id, value, bound } of visits) {
          if (bound) counter.bind({ id }).add(value)
          else counter.add(value, { id })
        }
        const collected = await service.collect()
        const { [OVERFLOW]: overflow = 0, ...series } = seriesOf(collected, 'visits_total')
        const firstIds = [...new Set(visits.map(({ id }) => id))].slice(0, cardinalityLimit)
        expect(Object.keys(series)).to.have.members(firstIds.map((id) => `id=${id}`))
        for (const id of firstIds) {
          expect(series[`id=${id}`]).to.equal(total(visits.filter((visit) => visit.id === id)))
        }
        const others = visits.filter(({ id }) => !firstIds.includes(id))
        expect(overflow).to.equal(total(others))
        expect(Object.values(seriesOf(collected, 'meterkit_overflowed_measurements_total'))).to.deep.equal(
          others.length === 0 ? [] : [others.length],
        )
      }),
    )
  })

  it("is the service's, unless the definition has its own", async () => {
    const service = new TestService({ cardinalityLimit: 2 })
    const plain = service.metrics.counter({ name: 'plain_total', labelNames: ['id'] })
    const wide = service.metrics.counter({ name: 'wide_total', labelNames: ['id'], cardinalityLimit: 4 })
    for (let id = 0; id < 6; id++) {
      plain.add(1, { id })
      wide.add(1, { id })
    }
    expect(Object.keys(await service.series('plain_total'))).to.have.lengthOf(2 + 1)
    expect(Object.keys(await service.series('wide_total'))).to.have.lengthOf(4 + 1)
  })

  it('is told of once in the log, with what to do', () => {
    const { metrics, log } = new TestService()
    const counter = metrics.counter({ name: 'visits_total', labelNames: ['id'], cardinalityLimit: 1 })
    for (let id = 0; id < 4; id++) counter.add(1, { id })
    expect(log.lines).to.deep.equal([
      'warn: "visits_total" has as many series as it may have: further label values are counted in its overflow series. Raise cardinalityLimit or use fewer label values.',
    ])
  })

  it('is not blamed in the log for text that is too long', () => {
    const { metrics, log } = new TestService()
    const counter = metrics.counter({ name: 'visits_total', labelNames: ['id'], cardinalityLimit: 1 })
    for (const id of ['x', 'y']) counter.add(1, { id: id.repeat(16_384) })
    counter.bind({ id: 'z'.repeat(16_384) }).add(1)
    const tooLong =
      'warn: "visits_total" was given a label value of more than 16383 characters: such measurements are counted in its overflow series. Shorten the value.'
    expect(log.lines).to.deep.equal([tooLong])
    for (const id of ['x', 'y']) counter.add(1, { id })
    expect(log.lines).to.deep.equal([
      tooLong,
      'warn: "visits_total" has as many series as it may have: further label values are counted in its overflow series. Raise cardinalityLimit or use fewer label values.',
    ])
  })

  it('takes new series again where old ones were removed, cleared or have expired', async () => {
    const freeings = {
      remove: (counter: ReturnType<typeof twoSeries>['counter']) => counter.remove({ id: 0 }),
      clear: (counter: ReturnType<typeof twoSeries>['counter']) => counter.clear(),
      expire: () => undefined,
    }
    for (const [how, free] of Object.entries(freeings)) {
      const { service, counter } = twoSeries()
      counter.add(1, { id: 2 })
      expect(await service.series('visits_total'), how).to.have.property(OVERFLOW)
      if (how === 'expire') {
        service.clock.advance(1_000)
        await service.collect()
      }
      free(counter)
      counter.add(1, { id: 3 })
      expect(await service.series('visits_total'), how).to.have.property('id=3', 1)
    }
  })

  it('keeps the total of an up-down counter, also where what rose in the overflow falls elsewhere', async () => {
    const service = new TestService({ cardinalityLimit: 1 })
    const open = service.metrics.upDownCounter({ name: 'open', labelNames: ['id'] })
    open.add(1, { id: 1 })
    const bound = open.bind({ id: 3 })
    open.add(5, { id: 2 })
    bound.add(7)
    expect(await service.series('open')).to.deep.equal({ 'id=1': 1, [OVERFLOW]: 12 })
    open.add(-1, { id: 1 })
    open.remove({ id: 1 })
    open.add(-5, { id: 2 })
    bound.add(-7)
    const series = await service.series('open')
    expect(series).to.deep.equal({ 'id=2': -5, [OVERFLOW]: 5 })
    expect(Object.values(series).reduce<number>((sum, value) => sum + Number(value), 0)).to.equal(0)
  })

  it('is for one series more than a bound handle that waits: it takes the place that gets free', async () => {
    const { service, counter } = twoSeries()
    const waiting = counter.bind({ id: 2 })
    waiting.add(5)
    expect(await service.series('visits_total')).to.deep.equal({ 'id=0': 1, 'id=1': 1, [OVERFLOW]: 5 })
    counter.remove({ id: 0 })
    waiting.add(7)
    expect(await service.series('visits_total')).to.deep.equal({ 'id=1': 1, 'id=2': 7, [OVERFLOW]: 5 })
  })

  it('is not a measurement that overflowed when a label set is only bound or removed', async () => {
    const { service, counter } = twoSeries()
    counter.bind({ id: 2 })
    counter.remove({ id: 3 })
    const collected = await service.collect()
    expect(seriesOf(collected, 'visits_total')).to.deep.equal({ 'id=0': 1, 'id=1': 1 })
    expect(seriesOf(collected, 'meterkit_overflowed_measurements_total')).to.deep.equal({})
  })

  it('holds for label sets that call themselves the overflow', async () => {
    const service = new TestService({ cardinalityLimit: 3 })
    const open = service.meterProvider.getMeter('library').createCounter('open')
    const declared = service.metrics.counter({ name: 'declared_total', labelNames: ['otel_metric_overflow'] })
    for (let id = 0; id < 100; id++) {
      open.add(1, { otel_metric_overflow: id })
      declared.add(1, { otel_metric_overflow: String(id) })
    }
    for (const name of ['open', 'declared_total']) {
      const points = await service.points(name)
      expect(points, name).to.have.lengthOf(3 + 1)
      expect(
        points.reduce((total, { value }) => total + (value as number), 0),
        name,
      ).to.equal(100)
    }
  })

  it('counts a measurement once that is beyond it in several views', async () => {
    const service = new TestService({
      views: ['jobs_total', 'done_total'].flatMap((instrumentName) => [
        { instrumentName, name: `${instrumentName}_a`, aggregationCardinalityLimit: 1 },
        { instrumentName, name: `${instrumentName}_b`, aggregationCardinalityLimit: 2 },
      ]),
    })
    const jobs = service.metrics.counter({ name: 'jobs_total', labelNames: ['id'] })
    for (let id = 0; id < 5; id++) jobs.add(1, { id })
    jobs.bind({ id: 4 }).add()
    service.metrics.observableCounter({
      name: 'done_total',
      labelNames: ['id'],
      callback: (result) => {
        for (let id = 0; id < 5; id++) result.observe(1, { id })
      },
    })
    const collected = await service.collect()
    expect(seriesOf(collected, 'jobs_total_b')).to.deep.equal({ 'id=0': 1, 'id=1': 1, [OVERFLOW]: 4 })
    expect(seriesOf(collected, 'meterkit_overflowed_measurements_total')).to.deep.equal({
      'metric=jobs_total': 5,
      'metric=done_total': 4,
    })
  })

  it('is over all combinations of OpenTelemetry attribute names together', async () => {
    const service = new TestService({ cardinalityLimit: 10 })
    const counter = service.meterProvider.getMeter('library').createCounter('open')
    for (let id = 0; id < 100; id++) counter.add(1, { [`name-${id % 50}`]: id, shared: 'x' })
    const points = await service.points('open')
    expect(points).to.have.lengthOf(10 + 1)
    expect(points.reduce((total, { value }) => total + (value as number), 0)).to.equal(100)
  })
})

/** A counter that may have two series and has them. */
function twoSeries() {
  const service = new TestService()
  const counter = service.metrics.counter({
    name: 'visits_total',
    labelNames: ['id'],
    cardinalityLimit: 2,
    expireAfterMs: 1_000,
  })
  counter.add(1, { id: 0 })
  counter.add(1, { id: 1 })
  return { service, counter }
}

function total(visits: readonly { value: number }[]): number {
  return visits.reduce((total, { value }) => total + value, 0)
}
