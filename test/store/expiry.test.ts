import { expect } from 'chai'
import { TestService } from '../support/test-service'
import { type Kind, subjectOf } from './support/subject'

const EXPIRE_AFTER_MS = 60_000
const LABELS = { id: 'a' }
const KINDS: readonly Kind[] = ['counter', 'upDownCounter', 'gauge', 'histogram']

/** An up-down counter's series stays while it is not 0. */
const expirable = (kind: Kind, value: number) => (kind === 'upDownCounter' ? 0 : value)

/** An instrument whose series expire, with one series. */
function expiring(kind: Kind, value = expirable(kind, 3)) {
  const service = new TestService()
  const subject = subjectOf(service.metrics, kind, {
    name: 'subject',
    labelNames: ['id'],
    expireAfterMs: EXPIRE_AFTER_MS,
  })
  subject.record(value, LABELS)
  return {
    service,
    subject,
    /** The series that a collection finds when this much time has passed. */
    async seriesAfter(ms: number): Promise<string[]> {
      service.clock.advance(ms)
      return Object.keys(await service.series('subject'))
    },
  }
}

describe('A series that expires', () => {
  for (const kind of KINDS) {
    it(`goes when it was idle for the whole time between two collections: ${kind}`, async () => {
      const { seriesAfter } = expiring(kind)
      expect(await seriesAfter(0)).to.deep.equal(['id=a'])
      expect(await seriesAfter(EXPIRE_AFTER_MS - 1)).to.deep.equal(['id=a'])
      expect(await seriesAfter(1)).to.deep.equal([])
    })

    it(`stays as long as it is recorded in: ${kind}`, async () => {
      const { subject, seriesAfter } = expiring(kind)
      for (let again = 0; again < 5; again++) {
        expect(await seriesAfter(EXPIRE_AFTER_MS - 1)).to.deep.equal(['id=a'])
        subject.record(expirable(kind, 1), LABELS)
      }
      expect(await seriesAfter(EXPIRE_AFTER_MS)).to.deep.equal(['id=a'])
      expect(await seriesAfter(EXPIRE_AFTER_MS)).to.deep.equal([])
    })

    it(`takes its time from the first collection that sees it, so no collection is too late: ${kind}`, async () => {
      const { seriesAfter } = expiring(kind)
      expect(await seriesAfter(10 * EXPIRE_AFTER_MS)).to.deep.equal(['id=a'])
      expect(await seriesAfter(EXPIRE_AFTER_MS)).to.deep.equal([])
    })

    it(`begins anew with the next recording, also through a handle bound before: ${kind}`, async () => {
      for (const way of ['labelled', 'bound'] as const) {
        const { service, subject, seriesAfter } = expiring(kind)
        const bound = subject.bind(LABELS)
        await seriesAfter(0)
        expect(await seriesAfter(EXPIRE_AFTER_MS)).to.deep.equal([])
        if (way === 'bound') bound.record(7)
        else subject.record(7, LABELS)
        const { 'id=a': reading } = await service.series('subject')
        expect(typeof reading === 'object' ? reading.sum : reading, way).to.equal(7)
      }
    })

    it(`goes also where it was bound and never recorded in: ${kind}`, async () => {
      const { subject, seriesAfter } = expiring(kind)
      subject.bind({ id: 'b' })
      expect(await seriesAfter(0)).to.deep.equal(['id=a', 'id=b'])
      expect(await seriesAfter(EXPIRE_AFTER_MS)).to.deep.equal([])
    })

    it(`does not when the clock of the machine is set: ${kind}`, async () => {
      const { service, seriesAfter } = expiring(kind)
      await seriesAfter(0)
      service.clock.setTimeOfDay(Date.UTC(2040, 0, 1))
      expect(await seriesAfter(1)).to.deep.equal(['id=a'])
      service.clock.setTimeOfDay(0)
      expect(await seriesAfter(EXPIRE_AFTER_MS)).to.deep.equal([])
    })

    it(`is only of a definition that says so: ${kind}`, async () => {
      const service = new TestService()
      subjectOf(service.metrics, kind, { name: 'subject', labelNames: ['id'] }).record(1, LABELS)
      for (let again = 0; again < 3; again++) {
        service.clock.advance(1e12)
        expect(Object.keys(await service.series('subject'))).to.deep.equal(['id=a'])
      }
    })
  }

  it('stays where a gauge is set to the value that it has', async () => {
    const { subject, seriesAfter } = expiring('gauge', 5)
    await seriesAfter(0)
    for (let again = 0; again < 4; again++) {
      subject.record(5, LABELS)
      expect(await seriesAfter(EXPIRE_AFTER_MS - 1)).to.deep.equal(['id=a'])
    }
  })

  for (const [what, before, more] of [
    ['nothing is added', 3, 0],
    ['what is added is too little to change it', 2 ** 53, 1],
  ] as const) {
    it(`stays where ${what}, recorded with labels or bound`, async () => {
      for (const kind of KINDS) {
        for (const way of ['labelled', 'bound'] as const) {
          const { subject, seriesAfter } = expiring(kind, before)
          const bound = subject.bind(LABELS)
          await seriesAfter(0)
          for (let again = 0; again < 4; again++) {
            if (way === 'bound') bound.adjust(more)
            else subject.adjust(more, LABELS)
            expect(await seriesAfter(EXPIRE_AFTER_MS - 1), `${kind}, ${way}`).to.deep.equal(['id=a'])
          }
          const left = kind === 'upDownCounter' ? ['id=a'] : []
          expect(await seriesAfter(EXPIRE_AFTER_MS), `${kind}, ${way}`).to.deep.equal(left)
        }
      }
    })
  }

  it('stays where it is an up-down counter away from 0, so that what is open is closed there', async () => {
    const { service, subject, seriesAfter } = expiring('upDownCounter', 2)
    for (let again = 0; again < 3; again++) expect(await seriesAfter(EXPIRE_AFTER_MS)).to.deep.equal(['id=a'])
    subject.adjust(-1, LABELS)
    expect(await service.series('subject')).to.deep.equal({ 'id=a': 1 })
    subject.adjust(-1, LABELS)
    expect(await seriesAfter(0)).to.deep.equal(['id=a'])
    expect(await seriesAfter(EXPIRE_AFTER_MS)).to.deep.equal([])
  })

  it('leaves the others as they are', async () => {
    const { subject, seriesAfter } = expiring('counter')
    await seriesAfter(0)
    for (let id = 0; id < 200; id++) subject.record(1, { id })
    await seriesAfter(EXPIRE_AFTER_MS / 2)
    subject.record(1, { id: 7 })
    subject.record(1, { id: 150 })
    expect(await seriesAfter(EXPIRE_AFTER_MS / 2)).to.have.lengthOf(200)
    expect(await seriesAfter(EXPIRE_AFTER_MS / 2)).to.deep.equal(['id=7', 'id=150'])
  })
})
