import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { createMetrics } from '../../../src/init'
import type { InstrumentBusOptions } from '../../../src/instrument/bus/bus-options'
import type { InstrumentedBus } from '../../../src/instrument/bus/bus-registry'
import { instrumentBus, stopBuses } from '../../../src/instrument/bus/instrument-bus'
import { instrumentPublish } from '../../../src/instrument/bus/instrument-function'
import { DefinitionError } from '../../../src/model/errors'
import { DeferredFunction, settled } from '../../support/deferred'
import { heapUsedBytes } from '../../support/garbage'
import { RecordEmitter } from '../../support/record-emitter'
import { BusHarness } from './bus-harness'

describe('instrumentBus', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  describe('stop', () => {
    const keysOf = (bus: object) => Reflect.ownKeys(bus)

    it('leaves the bus as it was, and takes its series away', async () => {
      const bus = new EventEmitter()
      const keys = keysOf(bus)
      const handle = harness.instrument(bus, { topics: ['known'] })
      bus.on('placed', () => {
        throw new Error('failed')
      })
      expect(() => bus.emit('placed')).to.throw()
      expect(Object.keys(await harness.counts())).to.have.length(6)
      expect(Object.keys(bus)).not.to.include('emit')
      handle.stop()
      handle.stop()
      expect(keysOf(bus)).to.deep.equal(keys)
      expect(bus.emit).to.equal(EventEmitter.prototype.emit)
      expect(await harness.counts()).to.deep.equal({})
    })

    it('restores an emit that the bus had of its own', () => {
      const bus = new EventEmitter()
      const emit = () => true
      Object.defineProperty(bus, 'emit', { value: emit, enumerable: true, configurable: true, writable: false })
      const before = Object.getOwnPropertyDescriptor(bus, 'emit')
      const handle = harness.instrument(bus)
      expect(Object.keys(bus)).to.include('emit')
      handle.stop()
      expect(Object.getOwnPropertyDescriptor(bus, 'emit')).to.deep.equal(before)
    })

    it('passes on where somebody has overridden emit since', async () => {
      const bus = new EventEmitter()
      const handle = harness.instrument(bus)
      const measured = bus.emit
      bus.emit = function (this: EventEmitter, ...args) {
        return measured.apply(this, args)
      }
      const later = bus.emit
      handle.stop()
      let called = 0
      bus.on('placed', () => called++)
      expect(bus.emit('placed')).to.equal(true)
      expect([called, bus.emit === later]).to.deep.equal([1, true])
      expect(await harness.counts()).to.deep.equal({})
    })

    it('lets handlings that are under way end unrecorded', async () => {
      const bus = new EventEmitter({ captureRejections: true })
      const handle = harness.instrument(bus)
      const work = new DeferredFunction<void>()
      bus.on('placed', work.call).on('error', () => {})
      bus.emit('placed')
      bus.emit('placed')
      handle.stop()
      work.resolve()
      work.reject(new Error('failed'))
      await settled()
      expect(await harness.counts()).to.deep.equal({})
    })

    it('of all buses of a service leaves nothing', async () => {
      const buses = [new EventEmitter(), new EventEmitter(), new RecordEmitter()]
      for (const [index, bus] of buses.entries()) harness.instrument(bus, { name: `bus ${index}`, topics: ['placed'] })
      buses[0]?.emit('placed')
      stopBuses(harness.metrics)
      stopBuses(harness.metrics)
      for (const bus of buses) expect(bus).not.to.have.own.property('emit')
      expect(await harness.counts()).to.deep.equal({})
    })

    it('keeps nothing of a bus whose name another one still has', async () => {
      harness.instrument(new EventEmitter())
      const pass = async (times: number) => {
        for (let i = 0; i < times; i++) {
          const bus = new EventEmitter()
          const handle = harness.instrument(bus)
          bus.emit('placed')
          handle.stop()
        }
        await settled()
        return heapUsedBytes()
      }
      const before = await pass(1_000)
      expect(((await pass(10_000)) - before) / 10_000, 'bytes a bus').to.be.below(100)
    })

    it('allows a new start', async () => {
      const bus = new EventEmitter()
      for (let start = 0; start < 2; start++) {
        const handle = harness.instrument(bus)
        bus.on('placed', () => {})
        bus.emit('placed')
        expect(await harness.counts()).to.include({
          'events_published_total{topic="placed"}': 1,
          'events_consumed_total{topic="placed"}': start + 1,
        })
        handle.stop()
      }
    })
  })

  describe('instrumenting twice', () => {
    it('gives the same handle for the same name', () => {
      const bus = new EventEmitter()
      const handle = harness.instrument(bus)
      expect(harness.instrument(bus)).to.equal(handle)
    })

    it('refuses another name, and another service', async () => {
      const bus = new EventEmitter()
      harness.instrument(bus)
      expect(() => harness.instrument(bus, { name: 'b' })).to.throw(
        DefinitionError,
        'Cannot instrument bus "b": bus must not be instrumented yet, got one instrumented as "bus". ' +
          'Call stop() on its handle first.',
      )
      const other = createMetrics({ serviceName: 'other', exporters: [], http: false, runtime: false })
      expect(() => instrumentBus(other, bus, { name: 'bus' })).to.throw(DefinitionError, '"bus" by another service.')
      await other.shutdown()
    })

    it('adds up buses of one name, whose series stay until the last is stopped', async () => {
      const buses = [new EventEmitter(), new EventEmitter()] as const
      const handles = buses.map((bus) => harness.instrument(bus)) as [InstrumentedBus, InstrumentedBus]
      for (const bus of buses) bus.emit('placed')
      handles[0].stop()
      expect(await harness.counts()).to.include({ 'events_published_total{topic="placed"}': 2 })
      handles[1].stop()
      expect(await harness.counts()).to.deep.equal({})
    })
  })

  it('takes the conventions from the service where its own options say undefined', async () => {
    const metrics = createMetrics({ semconv: true, exporters: [], http: false, runtime: false })
    const bus = new EventEmitter()
    metrics.instrumentBus(bus, { name: 'orders', semconv: undefined })
    const publish = metrics.instrumentPublish(() => {}, { name: 'mails', topic: 'sent', semconv: undefined })
    bus.emit('placed')
    publish()
    const { body } = await metrics.render()
    for (const topic of ['placed', 'sent']) {
      expect(body).to.match(new RegExp(`^messaging_client_sent_messages_total\\{.*"${topic}"`, 'm'))
    }
    await metrics.shutdown()
  })

  describe('refuses', () => {
    it('what is no bus, and names the libraries and the other ways', () => {
      const wrong: unknown[] = [undefined, null, {}, { emit() {}, on() {} }, 'bus', () => {}, Object.create(null)]
      for (const bus of wrong) {
        expect(() => harness.instrument(bus as EventEmitter)).to.throw(
          DefinitionError,
          /^Cannot instrument bus "bus": bus must be one of .*EventEmitter of Node.js or eventemitter3.*, got .*instrumentPublish and instrumentHandler\.$/,
        )
      }
    })

    it('a bus without a name', () => {
      for (const [options, got] of [
        [undefined, 'undefined'],
        [{}, 'undefined'],
        [{ name: '' }, '""'],
        [{ name: 7 }, '7'],
      ] as const) {
        expect(() =>
          instrumentBus(harness.metrics, new EventEmitter(), options as unknown as InstrumentBusOptions),
        ).to.throw(
          DefinitionError,
          `Cannot instrument bus "${got.replaceAll('"', '')}": name must be a text, got ${got}. Write `,
        )
      }
      expect(() => instrumentPublish(harness.metrics, () => {}, {} as never)).to.throw(
        DefinitionError,
        'Cannot instrument bus "undefined": topic must be a text or a function',
      )
    })

    it('an option that there is not, and tells the nearest', () => {
      for (const [option, mend] of [
        ['timeoutMS', 'Write "timeoutMs".'],
        ['foo', 'Remove it or correct its name.'],
      ] as const) {
        expect(() => harness.instrument(new EventEmitter(), { [option]: 1 } as object)).to.throw(
          DefinitionError,
          `, semconv, adapter, got "${option}". ${mend}`,
        )
      }
    })

    it('a frozen bus, and leaves nothing behind', async () => {
      expect(() => harness.instrument(Object.freeze(new EventEmitter()), { topics: ['placed'] })).to.throw(
        DefinitionError,
        'Cannot instrument bus "bus": property emit must be changeable, got one that is not.',
      )
      expect(await harness.counts()).to.deep.equal({})
    })
  })
})
