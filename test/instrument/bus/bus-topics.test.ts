import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { TOPIC_LIMIT } from '../../../src/instrument/bus/bus-series'
import { REASON_LIMIT } from '../../../src/instrument/bus/topic-bindings'
import { BusHarness } from './bus-harness'

describe('instrumentBus: topics and reasons', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  describe('names topics', () => {
    it('as it is told to, and leaves out what it is told to leave out', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus, {
        topic: (event) => (event === 'internal' ? undefined : String(event).replace(/:\d+$/, ':id')),
      })
      bus.emit('order:17')
      bus.emit('order:18')
      bus.emit('internal')
      expect(await harness.counts()).to.deep.equal({
        'events_published_total{topic="order:id"}': 2,
        'events_consumed_total{topic="order:id"}': 0,
      })
    })

    it('asking once an event, of which it remembers many but not all', () => {
      const bus = new EventEmitter()
      const asked: unknown[] = []
      harness.instrument(bus, { topic: (event) => void asked.push(event) })
      for (let i = 0; i < 3; i++) bus.emit('first')
      expect(asked).to.deep.equal(['first'])
      for (let i = 0; i < 2000; i++) bus.emit(`event ${i}`)
      bus.emit('first')
      expect(asked).to.have.length(2002)
    })

    it('by the message where it is told to, and asks with each', async () => {
      const topic = (_event: unknown, message: unknown) => (typeof message === 'string' ? message : undefined)
      const bus = new EventEmitter()
      bus.on('changed', () => {})
      harness.instrument(bus, { topic })
      for (const message of ['placed', 'paid', 'placed', 7]) bus.emit('changed', message)
      expect(await harness.counts()).to.deep.equal({
        'events_published_total{topic="placed"}': 2,
        'events_consumed_total{topic="placed"}': 2,
        'processing_duration_seconds_count{topic="placed"}': 2,
        'events_published_total{topic="paid"}': 1,
        'events_consumed_total{topic="paid"}': 1,
        'processing_duration_seconds_count{topic="paid"}': 1,
      })
    })

    it('by the event of an EventTarget where it is told to', async () => {
      const bus = new EventTarget()
      harness.instrument(bus, { topic: (_type, event) => String((event as CustomEvent).detail) })
      bus.addEventListener('changed', () => {})
      bus.dispatchEvent(new CustomEvent('changed', { detail: 'placed' }))
      expect(await harness.counts()).to.deep.equal({
        'events_published_total{topic="placed"}': 1,
        'events_consumed_total{topic="placed"}': 1,
        'processing_duration_seconds_count{topic="placed"}': 1,
      })
    })

    it('by the number of an event that is a number', async () => {
      const bus = new EventEmitter()
      bus.on('7', () => {})
      harness.instrument(bus)
      expect(bus.emit(7 as unknown as string)).to.equal(true)
      expect(await harness.counts()).to.include({
        'events_published_total{topic="7"}': 1,
        'events_consumed_total{topic="7"}': 1,
      })
    })

    it('by the event where the naming throws, and says so once', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus, {
        topic: () => {
          throw new Error('no name')
        },
      })
      bus.emit('a')
      bus.emit('b')
      expect(await harness.counts()).to.include({
        'events_published_total{topic="a"}': 1,
        'events_published_total{topic="b"}': 1,
      })
      expect(harness.warnings).to.deep.equal(['The topic function of bus "bus" threw: no name'])
    })

    it('up to a limit, and sums up the others', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus)
      const events = 5000
      for (let i = 0; i < events; i++) bus.emit(`event ${i}`)
      bus.emit('event 0')
      const published = Object.entries(await harness.counts()).filter(([series]) =>
        series.startsWith('events_published'),
      )
      expect(published).to.have.length(TOPIC_LIMIT + 1)
      expect(Object.fromEntries(published)).to.include({
        'events_published_total{topic="event 0"}': 2,
        'events_published_total{topic="(other)"}': events - TOPIC_LIMIT,
      })
    })

    it('with classes of error up to a limit', async () => {
      const bus = new EventEmitter()
      bus.on('placed', (error) => {
        throw error
      })
      harness.instrument(bus)
      for (let i = 0; i < REASON_LIMIT + 5; i++) {
        const Named = { [`E${i}`]: class extends Error {} }[`E${i}`] as new () => Error
        expect(() => bus.emit('placed', new Named())).to.throw()
      }
      const failed = Object.entries(await harness.counts()).filter(([series]) => series.startsWith('events_failed'))
      expect(failed).to.have.length(REASON_LIMIT + 1)
      expect(Object.fromEntries(failed)).to.include({ 'events_failed_total{reason="(other)",topic="placed"}': 5 })
    })

    it('with classes of error up to a limit that all buses of a name share', async () => {
      for (let i = 0; i < REASON_LIMIT + 5; i++) {
        const Named = { [`E${i}`]: class extends Error {} }[`E${i}`] as new () => Error
        const bus = new EventEmitter()
        bus.on('placed', () => {
          throw new Named()
        })
        harness.instrument(bus)
        expect(() => bus.emit('placed')).to.throw()
      }
      const failed = Object.entries(await harness.counts()).filter(([series]) => series.startsWith('events_failed'))
      expect(failed).to.have.length(REASON_LIMIT + 1)
    })

    it('with something that tells nothing of itself, as one that throws it', () => {
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      const bus = new EventEmitter()
      bus.on('placed', () => {
        throw proxy
      })
      harness.instrument(bus)
      let thrown: unknown
      try {
        bus.emit('placed')
      } catch (error) {
        thrown = error
      }
      expect(thrown === proxy).to.equal(true)
    })

    it('from the start where they are known', async () => {
      harness.instrument(new EventEmitter(), { topics: ['placed'] })
      expect(await harness.counts()).to.deep.equal({
        'events_published_total{topic="placed"}': 0,
        'events_consumed_total{topic="placed"}': 0,
      })
    })
  })
})
