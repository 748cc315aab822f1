import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { createMetrics } from '../../../src/init'
import { expositionComment, pageOf } from '../../support/exposition-comment'
import { BusHarness } from './bus-harness'

describe('messaging.metrics', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  const page = async () => pageOf((await harness.metrics.render()).body, 'messaging_')

  it('produces the exposition that its comment shows', async () => {
    const options = { name: 'orders', topic: 'order.placed', system: 'pigeon', semconv: true }
    const work = (durationMs: number, error?: Error) => {
      harness.nowMs += durationMs
      if (error !== undefined) throw error
    }
    const publish = harness.metrics.instrumentPublish(work, options)
    const handle = harness.metrics.instrumentHandler(work, options)
    publish(2)
    expect(() => publish(30, new RangeError('no pigeon left'))).to.throw(RangeError)
    handle(20)
    expect(() => handle(200, new TypeError('not an order'))).to.throw(TypeError)
    expect(await page()).to.equal(expositionComment('src/instrument/bus/messaging.metrics.ts'))
  })

  it('tells a pattern as a template, and leaves with the bus', async () => {
    const bus = new EventEmitter()
    const handle = harness.instrument(bus, { semconv: true, patterns: ['orders.*'] })
    bus.on('orders.1', () => {})
    bus.emit('orders.1')
    const attributes =
      'messaging_destination_template="orders.*",messaging_operation_name="process",messaging_system="nodejs"'
    expect(await page()).to.include(`messaging_client_consumed_messages_total{${attributes}} 1\n`)
    expect(await page()).to.include('messaging_client_sent_messages_total{')
    handle.stop()
    expect(await page()).to.equal('')
  })

  it('adds buses of one system up, whose series stay until the last is stopped', async () => {
    const buses = [new EventEmitter(), new EventEmitter()] as const
    const handles = buses.map((bus, at) => harness.instrument(bus, { name: `bus ${at}`, semconv: true }))
    for (const bus of buses) bus.emit('placed')
    handles[0]?.stop()
    buses[1].emit('placed')
    expect(await page()).to.match(/^messaging_client_sent_messages_total\{.*\} 3$/m)
    handles[1]?.stop()
    expect(await page()).to.equal('')
  })

  it('is off unless asked for, by the bus or by the service', async () => {
    const bus = new EventEmitter()
    harness.instrument(bus)
    bus.emit('placed')
    expect(await page()).to.equal('')

    const metrics = createMetrics({ exporters: [], http: false, runtime: false, semconv: true })
    const buses = [new EventEmitter(), new EventEmitter()] as const
    metrics.instrumentBus(buses[0], { name: 'by the service' })
    metrics.instrumentBus(buses[1], { name: 'not this one', semconv: false })
    for (const one of buses) one.emit('placed')
    expect((await metrics.render()).body).to.match(/^messaging_client_sent_messages_total\{.*\} 1$/m)
    await metrics.shutdown()
  })
})
