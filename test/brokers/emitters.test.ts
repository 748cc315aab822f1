import { expect } from 'chai'
import Emittery from 'emittery'
import EventEmitter2 from 'eventemitter2'
import { EventEmitter as EventEmitter3 } from 'eventemitter3'
import { Service } from './support/service'

const EVENTS = 10_000
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('emitters', () => {
  let service: Service
  beforeEach(() => {
    service = new Service()
  })
  afterEach(() => service.close())

  /** Every third handling fails. */
  class Failing {
    handled = 0
    failed = 0
    readonly handle = (): void => {
      if ((this.handled + this.failed) % 3 === 2) {
        this.failed++
        throw new RangeError('out of stock')
      }
      this.handled++
    }
  }

  it('eventemitter3: every event and every call of a listener', async () => {
    const bus = new EventEmitter3()
    const before = new Failing()
    const late = new Failing()
    bus.on('placed', before.handle)
    const handle = service.metrics.instrumentBus(bus, { name: 'bus' })
    bus.once('placed', late.handle)
    for (let i = 0; i < EVENTS; i++) {
      try {
        bus.emit('placed')
      } catch (error) {
        expect(error).to.be.instanceOf(RangeError)
      }
    }
    expect(await service.counts()).to.deep.equal({
      'events_published_total{bus="bus",topic="placed"}': EVENTS,
      'events_consumed_total{bus="bus",topic="placed"}': before.handled + late.handled,
      'events_failed_total{bus="bus",reason="RangeError",topic="placed"}': before.failed + late.failed,
      'processing_duration_seconds_count{bus="bus",topic="placed"}': EVENTS + 1,
    })
    handle.stop()
    expect(bus.listeners('placed')).to.deep.equal([before.handle])
    expect(Object.hasOwn(bus, 'emit')).to.equal(false)
  })

  for (const wildcard of [false, true]) {
    describe(`eventemitter2${wildcard ? ' with wildcards' : ''}`, () => {
      it('counts every event and every call of a listener, sync and async', async () => {
        const bus = new EventEmitter2({ wildcard, maxListeners: 0 })
        const before = new Failing()
        bus.on('order.placed', before.handle)
        const handle = service.metrics.instrumentBus(bus, { name: 'bus' })
        const once: unknown[] = []
        bus.once('order.placed', (value: unknown) => once.push(value))
        for (let i = 0; i < EVENTS; i++) {
          try {
            bus.emit('order.placed', i)
          } catch (error) {
            expect(error).to.be.instanceOf(RangeError)
          }
        }
        bus.off('order.placed', before.handle)
        bus.on('order.placed', async () => {
          throw new TypeError('no')
        })
        let caught: unknown
        await bus.emitAsync('order.placed').catch((error: unknown) => {
          caught = error
        })
        expect(caught).to.be.instanceOf(TypeError)
        expect(once).to.deep.equal([0])
        expect(await service.counts()).to.deep.equal({
          'events_published_total{bus="bus",topic="order.placed"}': EVENTS + 1,
          'events_consumed_total{bus="bus",topic="order.placed"}': before.handled + 1,
          'events_failed_total{bus="bus",reason="RangeError",topic="order.placed"}': before.failed,
          'events_failed_total{bus="bus",reason="TypeError",topic="order.placed"}': 1,
          'events_in_flight{bus="bus",topic="order.placed"}': 0,
          'processing_duration_seconds_count{bus="bus",topic="order.placed"}': EVENTS + 2,
        })
        handle.stop()
        expect(await service.counts()).to.deep.equal({})
        for (const key of ['emit', 'emitAsync']) expect(Object.hasOwn(bus, key), key).to.equal(false)
      })
    })
  }

  it('eventemitter2: what comes through a wildcard counts under the pattern', async () => {
    const bus = new EventEmitter2({ wildcard: true })
    const all: unknown[] = []
    const everything = () => all.push('all')
    bus.on('order.*', everything)
    bus.on('**', () => {})
    const handle = service.metrics.instrumentBus(bus, { name: 'bus' })
    bus.on(['order', 'placed'], () => {})
    bus.emit('order.placed')
    bus.emit(['order', 'lost'])
    expect(await service.counts()).to.deep.equal({
      'events_published_total{bus="bus",topic="order.placed"}': 1,
      'events_consumed_total{bus="bus",topic="order.placed"}': 1,
      'processing_duration_seconds_count{bus="bus",topic="order.placed"}': 1,
      'events_published_total{bus="bus",topic="order.lost"}': 1,
      'events_consumed_total{bus="bus",topic="order.lost"}': 0,
      'events_published_total{bus="bus",topic="order.*"}': 0,
      'events_consumed_total{bus="bus",topic="order.*"}': 2,
      'processing_duration_seconds_count{bus="bus",topic="order.*"}': 2,
      'events_published_total{bus="bus",topic="**"}': 0,
      'events_consumed_total{bus="bus",topic="**"}': 2,
      'processing_duration_seconds_count{bus="bus",topic="**"}': 2,
    })
    handle.stop()
    expect(bus.listeners('order.*')).to.include(everything)
    bus.off('order.*', everything)
    bus.emit('order.placed')
    expect(all).to.have.length(2)
  })

  it('eventemitter2 and emittery: topics by the message', async () => {
    const topic = (_event: string | symbol, message: unknown) => String(message)
    const buses = [new EventEmitter2(), new EventEmitter2({ wildcard: true }), new Emittery()]
    for (const bus of buses) {
      service.metrics.instrumentBus(bus, { name: 'bus', topic })
      bus.on('changed', () => {})
      await bus.emit('changed', 'placed')
    }
    expect(await service.counts()).to.deep.equal({
      'events_published_total{bus="bus",topic="placed"}': buses.length,
      'events_consumed_total{bus="bus",topic="placed"}': buses.length,
      'processing_duration_seconds_count{bus="bus",topic="placed"}': buses.length,
    })
  })

  describe('emittery', () => {
    it('counts every event and every call of a listener', async () => {
      const bus = new Emittery<Record<string, number>>()
      const handle = service.metrics.instrumentBus(bus, { name: 'bus' })
      let handled = 0
      let failed = 0
      const off = bus.on('placed', async ({ data }) => {
        await settled()
        if (data % 3 === 2) {
          failed++
          throw new RangeError('out of stock')
        }
        handled++
      })
      bus.onAny(() => {})
      const first = bus.once('placed')
      const results = await Promise.allSettled(Array.from({ length: EVENTS }, (_, i) => bus.emit('placed', i)))
      expect((await first).data).to.equal(0)
      expect(results.filter(({ status }) => status === 'rejected')).to.have.length(failed)
      expect(await service.counts()).to.deep.equal({
        'events_published_total{bus="bus",topic="placed"}': EVENTS,
        'events_consumed_total{bus="bus",topic="placed"}': handled + EVENTS + 1,
        'events_failed_total{bus="bus",reason="RangeError",topic="placed"}': failed,
        'events_in_flight{bus="bus",topic="placed"}': 0,
        'processing_duration_seconds_count{bus="bus",topic="placed"}': 2 * EVENTS + 1,
      })
      off()
      handle.stop()
      expect(bus.listenerCount('placed')).to.equal(1)
    })

    it('gets its own listeners back, in their order, and keeps those of before', async () => {
      const bus = new Emittery<Record<string, undefined>>()
      const calls: string[] = []
      const listeners = ['a', 'b', 'c'].map((name) => () => void calls.push(name))
      const [a, b, c] = listeners as [() => void, () => void, () => void]
      bus.on('placed', a)
      const handle = service.metrics.instrumentBus(bus, { name: 'bus' })
      bus.on('placed', a)
      bus.on('placed', b)
      bus.on('placed', c)
      bus.off('placed', b)
      bus.on('gone', c)
      bus.clearListeners('gone')
      handle.stop()
      await bus.emit('placed')
      await bus.emit('gone')
      bus.off('placed', a)
      bus.off('placed', c)
      await bus.emit('placed')
      expect(calls.join(' ')).to.equal('a c')
    })
  })
})
