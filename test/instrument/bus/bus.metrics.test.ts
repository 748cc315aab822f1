import { EventEmitter } from 'node:events'
import { mock } from 'node:test'
import { expect } from 'chai'
import { createMetrics } from '../../../src/init'
import { instrumentBus } from '../../../src/instrument/bus/instrument-bus'
import { expositionComment, pageOf } from '../../support/exposition-comment'

describe('bus.metrics', () => {
  afterEach(() => mock.restoreAll())

  it('produces the exposition that its comment shows', async () => {
    let nowMs = 0
    mock.method(performance, 'now', () => nowMs)
    const metrics = createMetrics({ serviceName: 'test', exporters: [], http: false, runtime: false })
    const bus = new EventEmitter()
    instrumentBus(metrics, bus, { name: 'orders' })

    let orders = 0
    bus.on('order.placed', () => {
      nowMs += 2
    })
    bus.on('order.placed', () => {
      nowMs += 20
      orders++
      if (orders === 2) throw new RangeError('out of stock')
    })
    bus.emit('order.placed')
    expect(() => bus.emit('order.placed')).to.throw(RangeError)
    bus.emit('order.lost')

    expect(pageOf((await metrics.render()).body, 'message_bus_')) //
      .to.equal(expositionComment('src/instrument/bus/bus.metrics.ts'))
    await metrics.shutdown()
  })
})
