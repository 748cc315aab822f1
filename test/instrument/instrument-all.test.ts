import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import CircuitBreaker from 'opossum'
import type { InstrumentAll } from '../../src/instrument/instrument-all'
import { DefinitionError } from '../../src/model/errors'
import { BusHarness } from './bus/bus-harness'

describe('instrumentAll', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  const seriesOf = async () =>
    [...(await harness.samples()).keys()].filter((name) => /^(message_bus|circuit)_/.test(name))

  it('measures buses and breakers under the names that they have in the maps, and stops all of them', async () => {
    const buses = { orders: new EventEmitter(), stock: new EventEmitter() }
    const breaker = new CircuitBreaker(async () => 'paid')
    const handle = harness.metrics.instrumentAll({
      buses: { orders: buses.orders, stock: { bus: buses.stock, options: { patterns: ['item.*'] } } },
      breakers: { payments: breaker },
    })
    buses.orders.emit('placed')
    buses.stock.emit('item.1')
    await breaker.fire()
    const samples = await harness.samples()
    for (const series of [
      'message_bus_events_published_total{bus="orders",topic="placed"}',
      'message_bus_events_published_total{bus="stock",topic="item.*"}',
      'circuit_breaker_calls_total{breaker="payments",outcome="success"}',
    ]) {
      expect(samples.get(series), series).to.equal(1)
    }
    handle.stop()
    handle.stop()
    expect(await seriesOf()).to.deep.equal([])
    expect([buses.orders, buses.stock].some((bus) => Object.hasOwn(bus, 'emit'))).to.equal(false)
    breaker.shutdown()
  })

  it('takes an emitter that has properties named bus and options for the bus itself', async () => {
    const bus = Object.assign(new EventEmitter(), { bus: new EventEmitter(), options: {} })
    harness.metrics.instrumentAll({ buses: { orders: bus } })
    bus.emit('placed')
    expect(await harness.samples()).to.include.keys('message_bus_events_published_total{bus="orders",topic="placed"}')
  })

  it('measures none where one cannot be measured', async () => {
    const bus = new EventEmitter()
    expect(() => harness.metrics.instrumentAll({ buses: { orders: bus }, breakers: { payments: {} } })).to.throw(
      DefinitionError,
      'Cannot instrument breaker "payments"',
    )
    expect(Object.hasOwn(bus, 'emit')).to.equal(false)
    expect(await seriesOf()).to.deep.equal([])
  })

  it('refuses what is neither, and takes an empty list', () => {
    expect(() => harness.metrics.instrumentAll({ queues: {} } as InstrumentAll)).to.throw(
      DefinitionError,
      'Cannot instrument "all": what is measured must be buses or breakers, got "queues".',
    )
    harness.metrics.instrumentAll({}).stop()
  })
})
