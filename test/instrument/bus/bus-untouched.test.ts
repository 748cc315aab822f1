import { EventEmitter, on, once } from 'node:events'
import { mock } from 'node:test'
import { expect } from 'chai'
import { settled } from '../../support/deferred'
import { RecordEmitter } from '../../support/record-emitter'
import { BusHarness } from './bus-harness'

describe("instrumentBus: what stays the emitter's", () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  describe('leaves to the bus', () => {
    it('its warnings about too many listeners', () => {
      const emitWarning = mock.method(process, 'emitWarning', () => {})
      try {
        const bus = new EventEmitter().setMaxListeners(2)
        harness.instrument(bus)
        for (let i = 0; i < 4; i++) {
          bus.on('placed', () => {})
          bus.emit('placed')
        }
        expect(emitWarning.mock.calls).to.have.length(1)
        expect(emitWarning.mock.calls[0]?.arguments[0]).to.include({ name: 'MaxListenersExceededWarning', count: 3 })
      } finally {
        emitWarning.mock.restore()
      }
    })

    it('events.once and events.on', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus)
      const first = once(bus, 'placed')
      bus.emit('placed', 1)
      expect(await first).to.deep.equal([1])

      const all = on(bus, 'placed')
      bus.emit('placed', 2)
      bus.emit('placed', 3)
      expect((await all.next()).value).to.deep.equal([2])
      expect((await all.next()).value).to.deep.equal([3])
      await all.return?.()
      expect(bus.listenerCount('placed')).to.equal(0)
    })

    it('a change of listeners that its emit makes, and takes back later', () => {
      const calls: string[] = []
      const late = () => calls.push('late')
      class Changing extends EventEmitter {
        override emit(event: string, change?: 'add'): boolean {
          if (change === 'add') this.on(event, late)
          return super.emit(event)
        }
      }
      const bus = new Changing()
      const a = () => calls.push('a')
      const b = () => calls.push('b')
      bus.on('placed', a).on('placed', b)
      harness.instrument(bus)
      bus.emit('placed')
      bus.emit('placed', 'add')
      expect(bus.rawListeners('placed')).to.deep.equal([a, b, late])
      bus.off('placed', late)
      bus.emit('placed')
      expect(calls.join(' ')).to.equal('a b a b late a b')
    })

    it('thenables that are no promises: listening could start their work', async () => {
      let started = false
      const query = {
        // biome-ignore lint/suspicious/noThenProperty: a lazy query, as some libraries have them
        then() {
          started = true
        },
      }
      const bus = new EventEmitter()
      harness.instrument(bus)
      bus.on('placed', () => query)
      bus.emit('placed')
      await settled()
      expect(started).to.equal(false)
      expect(await harness.counts()).to.include({ 'events_consumed_total{topic="placed"}': 1 })
    })

    it('a promise that cannot be listened to', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus)
      const odd = Object.defineProperty(Promise.resolve(), 'constructor', { value: 7 })
      bus.on('placed', () => odd)
      expect(bus.emit('placed')).to.equal(true)
      expect(await harness.counts()).to.include({ 'events_consumed_total{topic="placed"}': 1 })
    })

    it('entries of its table that are no listeners', async () => {
      const bus = new RecordEmitter()
      Reflect.set(bus._events, 'flag', true)
      Reflect.set(bus._events, 'nothing', null)
      harness.instrument(bus)
      for (const event of ['flag', 'nothing']) expect(() => bus.emit(event)).to.throw(TypeError)
      expect([bus._events.flag, bus._events.nothing]).to.deep.equal([true, null])
    })

    it('properties that its table of listeners inherits', () => {
      const bus = new EventEmitter()
      const table = { inherited: () => {} }
      Reflect.set(bus, '_events', Object.create(table))
      harness.instrument(bus)
      bus.emit('inherited')
      expect(Object.keys(Reflect.get(bus, '_events'))).to.deep.equal([])
    })
  })

  describe('an emitter that keeps records, as eventemitter3', () => {
    it('is measured like any other, with its own once and context', async () => {
      const bus = new RecordEmitter()
      const context = { name: 'context' }
      const calls: unknown[] = []
      function first(this: unknown, ...args: unknown[]) {
        calls.push(['first', this, ...args])
      }
      bus.on('placed', first, context)
      harness.instrument(bus)
      bus.once('placed', () => calls.push('second'))
      bus.once('placed', () => calls.push(['third', bus.listeners('placed')]))
      const fourth = () => calls.push('fourth')
      bus.on('placed', fourth)

      expect(bus.emit('placed', 1, 2)).to.equal(true)
      expect(calls.splice(0)).to.deep.equal([['first', context, 1, 2], 'second', ['third', [first, fourth]], 'fourth'])
      expect(bus.listeners('placed')).to.deep.equal([first, fourth])
      bus.off('placed', first)
      bus.emit('placed')
      expect(calls).to.deep.equal(['fourth'])
      expect(await harness.counts()).to.deep.equal({
        'events_published_total{topic="placed"}': 2,
        'events_consumed_total{topic="placed"}': 5,
        'processing_duration_seconds_count{topic="placed"}': 5,
      })
    })
  })
})
