import { expect } from 'chai'
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { until } from '../support/until'
import { Broker, redisCluster } from './support/broker'
import { Service } from './support/service'

const MESSAGES = 10_000

describe('Redis: more than one client', () => {
  let service: Service
  beforeEach(() => {
    service = new Service()
  })
  const closes: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closes.splice(0)) await close()
    await service.close()
  })

  it('ioredis: a cluster, its channels, patterns and streams', async () => {
    const broker = await Broker.start(redisCluster)
    closes.push(() => broker.remove())
    const node = new Redis(broker.port, '127.0.0.1')
    closes.unshift(() => node.disconnect())
    await node.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await until('the cluster', async () =>
      /cluster_state:ok/.test(String(await node.cluster('INFO'))) ? true : undefined,
    )
    const cluster = new Cluster([{ host: '127.0.0.1', port: broker.port }])
    closes.unshift(() => cluster.disconnect())
    const handle = service.metrics.instrumentBus(cluster, { name: 'redis' })
    const received = { channel: 0, pattern: 0 }
    cluster.on('message', () => received.channel++)
    cluster.on('pmessage', () => received.pattern++)
    await cluster.subscribe('orders.placed')
    await cluster.psubscribe('orders.*')
    await cluster.xgroup('CREATE', 'orders', 'workers', '$', 'MKSTREAM')
    for (let i = 0; i < MESSAGES; i += 500) {
      const some = Array.from({ length: 250 }, () => [
        cluster.publish('orders.placed', 'lamp'),
        cluster.xadd('orders', '*', 'item', 'lamp'),
      ])
      await Promise.all(some.flat())
    }
    let acknowledged = 0
    for (;;) {
      const reply = await cluster.xreadgroup('GROUP', 'workers', 'me', 'COUNT', 500, 'STREAMS', 'orders', '>')
      const [, entries = []] = (reply as [string, [string, string[]][]][] | null)?.[0] ?? []
      if (entries.length === 0) break
      acknowledged += await cluster.xack('orders', 'workers', ...entries.map(([id]) => id))
    }
    await until('the messages', () => (received.pattern === MESSAGES / 2 ? true : undefined))
    const of = (metric: string, topic: string) => `${metric}{bus="redis",topic="${topic}"}`
    expect(await service.counts()).to.deep.equal({
      [of('events_published_total', 'orders.placed')]: MESSAGES / 2,
      [of('events_consumed_total', 'orders.placed')]: received.channel,
      [of('processing_duration_seconds_count', 'orders.placed')]: received.channel,
      [of('events_published_total', 'orders.*')]: 0,
      [of('events_consumed_total', 'orders.*')]: received.pattern,
      [of('processing_duration_seconds_count', 'orders.*')]: received.pattern,
      [of('events_published_total', 'orders')]: MESSAGES / 2,
      [of('events_consumed_total', 'orders')]: acknowledged,
      [of('events_in_flight', 'orders')]: 0,
      [of('processing_duration_seconds_count', 'orders')]: acknowledged,
      'batch_size_count{bus="redis",operation="process",topic="orders"}': MESSAGES / 2 / 500,
      [of('consumer_lag', 'orders')]: 0,
    })
    expect([acknowledged, received.channel]).to.deep.equal([MESSAGES / 2, MESSAGES / 2])
    handle.stop()
    expect(['sendCommand', 'emit'].some((key) => Object.hasOwn(cluster, key))).to.equal(false)
  })

  it('redis: a cluster, a pool and a sentinel are turned away, and a client is not', () => {
    const nowhere = { host: '127.0.0.1', port: 1 }
    const several = {
      cluster: createCluster({ rootNodes: [{ socket: nowhere }] }),
      pool: createClientPool({ socket: nowhere }),
      sentinel: createSentinel({ name: 'orders', sentinelRootNodes: [nowhere] }),
    }
    for (const [name, bus] of Object.entries(several)) {
      expect(() => service.metrics.instrumentBus(bus, { name }), name).to.throw(
        `Cannot instrument bus "${name}": bus must be one client of redis, got a cluster, a pool or a sentinel.`,
      )
    }
    service.metrics.instrumentBus(createClient({ socket: nowhere }), { name: 'client' }).stop()
  })
})
