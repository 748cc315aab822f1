import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { settled } from '../../support/deferred'
import { BusHarness } from './bus-harness'

describe('instrumentBus: what it counts', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  describe('counts', () => {
    it('an event by its listeners: published once, consumed by each', async () => {
      const bus = new EventEmitter()
      bus.on('placed', () => {})
      harness.instrument(bus)
      bus.on('placed', () => {})
      expect(bus.emit('placed', 1)).to.equal(true)
      expect(bus.emit('lost')).to.equal(false)
      expect(await harness.counts()).to.deep.equal({
        'events_published_total{topic="lost"}': 1,
        'events_consumed_total{topic="lost"}': 0,
        'events_published_total{topic="placed"}': 1,
        'events_consumed_total{topic="placed"}': 2,
        'processing_duration_seconds_count{topic="placed"}': 2,
      })
    })

    it('a listener that throws as failed, by the class of its error, and passes the error on', async () => {
      class CardDeclined extends Error {}
      const bus = new EventEmitter()
      const error = new CardDeclined('4242 4242 4242 4242')
      bus.on('placed', () => {})
      bus.on('placed', () => {
        throw error
      })
      bus.on('placed', () => {})
      harness.instrument(bus)
      expect(() => bus.emit('placed')).to.throw(error)
      expect(await harness.counts(), 'the third listener is not reached').to.deep.equal({
        'events_published_total{topic="placed"}': 1,
        'events_consumed_total{topic="placed"}': 1,
        'events_failed_total{reason="CardDeclined",topic="placed"}': 1,
        'processing_duration_seconds_count{topic="placed"}': 2,
      })
    })

    it('an async listener when its promise settles, with the time until then', async () => {
      const bus = new EventEmitter({ captureRejections: true })
      const errors: unknown[] = []
      bus.on('error', (error) => errors.push(error))
      const settle: { resolve: () => void; reject: (error: unknown) => void }[] = []
      bus.on('placed', () => new Promise<void>((resolve, reject) => settle.push({ resolve, reject })))
      harness.instrument(bus)
      bus.emit('placed')
      bus.emit('placed')
      expect(await harness.counts()).to.include({
        'events_published_total{topic="placed"}': 2,
        'events_consumed_total{topic="placed"}': 0,
      })

      harness.nowMs += 20
      settle[0]?.resolve()
      await settled()
      harness.nowMs += 300
      const error = new TypeError('no')
      settle[1]?.reject(error)
      await settled()
      expect(errors, "the bus's own handling of rejections").to.deep.equal([error])
      expect(await harness.counts()).to.include({
        'events_published_total{topic="placed"}': 2,
        'events_consumed_total{topic="placed"}': 1,
        'events_failed_total{reason="TypeError",topic="placed"}': 1,
        'processing_duration_seconds_count{topic="placed"}': 2,
        'events_published_total{topic="error"}': 1,
        'events_consumed_total{topic="error"}': 1,
      })
      const samples = await harness.samples()
      const bucket = (le: string) =>
        samples.get(`message_bus_processing_duration_seconds_bucket{bus="bus",le="${le}",topic="placed"}`)
      expect([bucket('0.01'), bucket('0.025'), bucket('0.25'), bucket('0.5')]).to.deep.equal([0, 1, 1, 2])
      const sum = samples.get('message_bus_processing_duration_seconds_sum{bus="bus",topic="placed"}')
      expect(sum).to.be.closeTo(0.34, 1e-9)
    })

    it('an unhandled error as published, and lets it be thrown', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus)
      const error = new Error('boom')
      expect(() => bus.emit('error', error)).to.throw(error)
      expect(await harness.counts()).to.include({ 'events_published_total{topic="error"}': 1 })
    })

    it('the listeners of error, also where errors are monitored', async () => {
      const bus = new EventEmitter()
      const seen: string[] = []
      bus.on(EventEmitter.errorMonitor, () => seen.push('monitor'))
      bus.on('error', () => seen.push('error'))
      harness.instrument(bus)
      bus.emit('error', new Error('boom'))
      expect(seen).to.deep.equal(['monitor', 'error'])
      expect(await harness.counts()).to.deep.equal({
        'events_published_total{topic="error"}': 1,
        'events_consumed_total{topic="error"}': 1,
        'processing_duration_seconds_count{topic="error"}': 1,
      })
    })

    it('nothing for the events by which the emitter tells about itself', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus)
      const seen: unknown[] = []
      bus.on('newListener', (event) => seen.push(event))
      bus.on('removeListener', (event) => seen.push(event))
      const listener = () => {}
      bus.on('placed', listener).off('placed', listener)
      expect(seen).to.deep.equal(['removeListener', 'placed', 'placed'])
      expect(await harness.counts()).to.deep.equal({})
    })

    it('a symbol by its description', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus)
      bus.emit(Symbol('placed'))
      bus.emit(Symbol('placed'))
      bus.emit(Symbol())
      expect(await harness.counts()).to.include({
        'events_published_total{topic="placed"}': 2,
        'events_published_total{topic="(symbol)"}': 1,
      })
    })

    it('what a subclass emits in its own emit, measured in each', async () => {
      class Echo extends EventEmitter {
        override emit(event: string, ...args: unknown[]): boolean {
          if (event === 'placed') this.emit('echo')
          return super.emit(event, ...args)
        }
      }
      const bus = new Echo()
      bus.on('placed', () => {})
      bus.on('echo', () => {})
      harness.instrument(bus)
      bus.emit('placed')
      expect(await harness.counts()).to.include({
        'events_published_total{topic="placed"}': 1,
        'events_consumed_total{topic="placed"}': 1,
        'events_published_total{topic="echo"}': 1,
        'events_consumed_total{topic="echo"}': 1,
      })
    })

    it('only its own: an object that inherits from the bus emits for itself', async () => {
      const bus = new EventEmitter()
      const heir = Object.create(bus)
      let context: unknown
      bus.on('placed', function (this: unknown) {
        context = this
      })
      harness.instrument(bus)
      expect(heir.emit('placed')).to.equal(true)
      expect(context).to.equal(heir)
      expect(await harness.counts()).to.deep.equal({})
    })
  })
})
