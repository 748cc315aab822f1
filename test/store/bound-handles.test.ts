import { expect } from 'chai'
import { collectGarbage } from '../support/garbage'
import { TestService } from '../support/test-service'
import { subjectOf } from './support/subject'

const KINDS = ['counter', 'upDownCounter', 'gauge', 'histogram'] as const
const SERIES = 200

describe('A bound series', () => {
  for (const kind of KINDS) {
    it(`holds no memory of one that is gone: ${kind}`, async () => {
      const service = new TestService()
      const subject = subjectOf(service.metrics, kind, { name: 'subject', labelNames: ['id'] })
      const bound = subject.bind({ id: 'a' })
      bound.record(1)
      const stream = service.registry.streams.find(({ identity }) => identity.name === 'subject')
      const chunk = new WeakRef(stream?.table.groups[0]?.chunks[0]?.buffer as ArrayBufferLike)
      subject.clear()
      await new Promise(setImmediate)
      collectGarbage()
      expect(chunk.deref()).to.equal(undefined)
      bound.record(1)
      expect(Object.keys(await service.series('subject'))).to.deep.equal(['id=a'])
    })

    it(`exists from when it is bound, at nothing: ${kind}`, async () => {
      const service = new TestService()
      const subject = subjectOf(service.metrics, kind, { name: 'subject', labelNames: ['id'] })
      subject.bind({ id: 'a' })
      const { 'id=a': value } = await service.series('subject')
      expect(typeof value === 'object' ? value.count : value).to.equal(0)
    })

    it(`keeps its count when others go and the rest is packed: ${kind}`, async () => {
      const service = new TestService()
      const subject = subjectOf(service.metrics, kind, { name: 'subject', labelNames: ['id'] })
      const bound = Array.from({ length: SERIES }, (_, id) => subject.bind({ id }))
      for (const one of bound) one.record(1)
      const isKept = (id: number) => id % 5 === 0
      for (let id = 0; id < SERIES; id++) if (!isKept(id)) expect(subject.remove({ id })).to.equal(true)
      for (const [id, one] of bound.entries()) if (isKept(id)) one.adjust(1)
      const series = await service.series('subject')
      expect(Object.keys(series)).to.deep.equal(bound.flatMap((_, id) => (isKept(id) ? [`id=${id}`] : [])))
      for (const value of Object.values(series)) expect(typeof value === 'object' ? value.count : value).to.equal(2)
    })

    it(`comes back with nothing of before when it was removed, cleared, or bound anew in between: ${kind}`, async () => {
      const service = new TestService()
      const subject = subjectOf(service.metrics, kind, { name: 'subject', labelNames: ['id'] })
      const total = async () => {
        const { 'id=a': value } = await service.series('subject')
        return typeof value === 'object' ? value.count : value
      }
      const old = subject.bind({ id: 'a' })
      for (const end of [() => subject.remove({ id: 'a' }), () => subject.clear()]) {
        old.record(1)
        old.record(1)
        end()
        expect(await total()).to.equal(undefined)
        const fresh = subject.bind({ id: 'a' })
        expect(await total()).to.equal(0)
        fresh.adjust(1)
        old.adjust(1)
        fresh.adjust(1)
        expect(await total()).to.equal(3)
        subject.remove({ id: 'a' })
      }
      old.record(1)
      expect(await total()).to.equal(1)
    })
  }

  it('is one object for one series, so that binding where it is used costs no memory', () => {
    const { metrics } = new TestService()
    const counter = metrics.counter({ name: 'jobs_total', labelNames: ['id', 'tier'] })
    const gauge = metrics.gauge({ name: 'depth', labelNames: ['id', 'tier'] })
    for (const instrument of [counter, gauge]) {
      const bound = instrument.bind({ id: 1, tier: 'x' })
      expect(instrument.bind({ tier: 'x', id: '1' })).to.equal(bound)
      expect(instrument.bind({ id: 2, tier: 'x' })).to.not.equal(bound)
      instrument.remove({ id: 1, tier: 'x' })
      instrument.bind({ id: 1, tier: 'x' })
      expect(instrument.bind({ id: 1, tier: 'x' })).to.equal(instrument.bind({ id: 1, tier: 'x' }))
    }
  })

  it('counts each measurement once where it is beyond the limit, or its labels are rejected', async () => {
    for (const kind of KINDS) {
      const service = new TestService({ cardinalityLimit: 1 })
      const subject = subjectOf(service.metrics, kind, { name: 'subject', labelNames: ['id'] })
      subject.record(1, { id: 0 })
      const beyond = subject.bind({ id: 1 })
      const rejected = subject.bind({ nonsense: 1 })
      for (const one of [beyond, rejected]) {
        one.record(1)
        one.adjust(1)
      }
      expect(await service.series('meterkit_overflowed_measurements_total'), kind).to.deep.equal({
        'metric=subject': 2,
      })
      expect(await service.series('meterkit_rejected_measurements_total'), kind).to.deep.equal({
        'metric=subject,reason=undeclared_label': 2,
      })
    }
  })
})
