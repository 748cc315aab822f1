import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { BusHarness } from './bus-harness'

/** A client of mqtt.js as far as its callers see it. */
class ClientDouble extends EventEmitter {
  publish(): void {}
  subscribe(_filters: string | string[]): void {}
  unsubscribe(_filters: string | string[]): void {}
  reconnect(): void {}
  handleMessage(): void {}
}

describe('instrumentBus: MQTT', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  it('counts under a filter until it is unsubscribed from, shared or not', async () => {
    const client = new ClientDouble()
    harness.instrument(client)
    const consumed: Record<string, number> = {}
    client.on('message', () => {})
    const receive = (topic: string, countsUnder: string) => {
      client.emit('message', topic, Buffer.from(''), {})
      consumed[countsUnder] = (consumed[countsUnder] ?? 0) + 1
    }
    const filters = ['$share/workers/orders/+', 'users/+', '$share/workers/bills/1', 'parcels/1', 'parcels/#']
    client.subscribe(filters)
    client.subscribe('bills/+')
    receive('orders/1', 'orders/+')
    receive('users/1', 'users/+')
    receive('bills/1', 'bills/1')
    receive('bills/2', 'bills/+')
    receive('parcels/1', 'parcels/1')
    receive('parcels/2', 'parcels/#')
    client.unsubscribe(filters)
    receive('orders/1', 'orders/1')
    receive('users/1', 'users/1')
    receive('bills/1', 'bills/+')
    receive('parcels/2', 'parcels/2')
    const counted = Object.entries(await harness.counts()).filter(([series]) => series.startsWith('events_consumed'))
    expect(Object.fromEntries(counted)).to.deep.equal(
      Object.fromEntries(
        Object.entries(consumed).map(([topic, count]) => [`events_consumed_total{topic="${topic}"}`, count]),
      ),
    )
  })
})
