import { expect } from 'chai'
import { createClient } from 'redis'
import { until } from '../support/until'
import { redisServer } from './support/broker'
import { entriesOf, ioredis, nodeRedis } from './support/redis-clients'
import { withBroker } from './support/suite'

const MESSAGES = 10_000

for (const [library, connect, aborted] of [
  ['redis', nodeRedis, 'WatchError'],
  ['ioredis', ioredis, 'aborted'],
] as const) {
  describe(`Redis: ${library}`, () => {
    const suite = withBroker(redisServer)
    const open = async () => {
      const client = await connect(suite.broker.port)
      suite.closing(() => client.close())
      return client
    }

    it('channels and patterns: every message, with failures, and through a restart', async () => {
      const publisher = await open()
      const subscriber = await open()
      const tally = { published: 0, refused: 0, channel: 0, pattern: 0, failed: 0 }
      const count = (message: string) => {
        tally.channel++
        return message
      }
      await subscriber.subscribe('orders.placed', count)
      const handle = suite.service.metrics.instrumentBus(publisher.bus, { name: 'redis' })
      const other = suite.service.metrics.instrumentBus(subscriber.bus, { name: 'redis' })
      const rejected = new Set<unknown>()
      const onRejection = (error: unknown) => rejected.add(error)
      process.on('unhandledRejection', onRejection)
      await subscriber.subscribePattern('orders.*', async (message) => {
        tally.pattern++
        if (Number(message) % 4 === 0) {
          tally.failed++
          throw new RangeError('out of stock')
        }
      })
      const publish = async (i: number) => {
        try {
          await publisher.command('PUBLISH', 'orders.placed', String(i))
          tally.published++
          return true
        } catch {
          tally.refused++
          return false
        }
      }
      const half = async (from: number) => {
        for (let i = from; i < from + MESSAGES / 2; i += 100) {
          await Promise.all(Array.from({ length: 100 }, (_, at) => publish(i + at)))
        }
        await until('the messages', () => (tally.channel === tally.published ? true : undefined))
        await until('the messages of the pattern', () => (tally.pattern === tally.published ? true : undefined))
      }
      await half(0)
      const gone = suite.broker.down('SIGKILL')
      await Promise.all([gone, ...Array.from({ length: 20 }, (_, at) => publish(at))])
      const lost = tally.published - tally.channel
      await suite.broker.up()
      await until('the subscriber', async () => {
        const [, receivers] = (await publisher
          .command('PUBSUB', 'NUMSUB', 'orders.placed')
          .catch(() => [])) as unknown[]
        return Number(receivers) === 1 ? true : undefined
      })
      // What the dying server took, nobody got.
      tally.channel += lost
      tally.pattern += lost
      await until('the pattern', async () =>
        Number(await publisher.command('PUBSUB', 'NUMPAT').catch(() => 0)) === 1 ? true : undefined,
      )
      await half(MESSAGES / 2)
      await until('rejections that stay unhandled', () => (rejected.size === tally.failed ? true : undefined))
      process.off('unhandledRejection', onRejection)

      const counts = await suite.service.counts()
      const refused = Object.entries(counts).filter(([series]) => /events_failed_total.*orders\.placed/.test(series))
      expect(refused.reduce((sum, [, failures]) => sum + failures, 0)).to.equal(tally.refused)
      for (const [series] of refused) delete counts[series]
      expect(counts).to.deep.equal({
        'events_published_total{bus="redis",topic="orders.placed"}': tally.published,
        'events_consumed_total{bus="redis",topic="orders.placed"}': tally.channel - lost,
        'processing_duration_seconds_count{bus="redis",topic="orders.placed"}': tally.channel - lost,
        'events_published_total{bus="redis",topic="orders.*"}': 0,
        'events_consumed_total{bus="redis",topic="orders.*"}': tally.pattern - lost - tally.failed,
        'events_failed_total{bus="redis",reason="RangeError",topic="orders.*"}': tally.failed,
        'events_in_flight{bus="redis",topic="orders.*"}': 0,
        'processing_duration_seconds_count{bus="redis",topic="orders.*"}': tally.pattern - lost,
      })
      handle.stop()
      other.stop()
      await publish(1)
      await until('a message without the measurement', () => (tally.channel === tally.published ? true : undefined))
      expect(await suite.service.counts()).to.deep.equal({})
    })

    if (library === 'redis') {
      it('views of a client are that client: measured once', async () => {
        const client = createClient({ socket: { port: suite.broker.port } })
        await client.connect()
        const handle = suite.service.metrics.instrumentBus(client, { name: 'redis' })
        const view = client.withCommandOptions({})
        expect(suite.service.metrics.instrumentBus(view, { name: 'redis' })).to.equal(handle)
        await client.publish('orders', '1')
        await view.publish('orders', '2')
        expect(await suite.service.total('events_published_total')).to.equal(2)
        handle.stop()
        await client.publish('orders', '3')
        expect(await suite.service.counts()).to.deep.equal({})
        await client.close()
      })
    }

    it('streams: acknowledged, claimed and read anew, through a restart; transactions; lag', async () => {
      const client = await open()
      suite.service.metrics.instrumentBus(client.bus, { name: 'redis', bytes: true })
      await client.command('XGROUP', 'CREATE', 'orders', 'workers', '$', 'MKSTREAM')
      const sent = { published: 0, refused: 0 }
      const publish = () =>
        client.command('XADD', 'orders', '*', 'k', 'v').then(
          () => void sent.published++,
          () => void sent.refused++,
        )
      for (let i = 0; i < MESSAGES; i += 500) {
        if (i === MESSAGES / 2) {
          const meanwhile = Array.from({ length: 20 }, publish)
          await suite.broker.down()
          await suite.broker.up()
          await Promise.all(meanwhile)
          await until('the connection', () =>
            client.command('PING').then(
              () => true,
              () => undefined,
            ),
          )
        }
        await Promise.all(Array.from({ length: 500 }, publish))
      }
      await client
        .transaction([
          ['XADD', 'orders', '*', 'k', 'v'],
          ['SET', 'x', '1'],
          ['XADD', 'orders', '*', 'k', 'v'],
          ['XADD', 'x', '*', 'k', 'v'],
        ])
        .catch(() => undefined)
      let failure: unknown
      await client.transaction([['XADD', 'orders', '*', 'k', 'v']], 'watched').catch((error: unknown) => {
        failure = error
      })
      expect(failure).to.be.instanceOf(Error)
      await client.command('XADD', 'x', '*', 'k', 'v').catch(() => undefined)

      const tally = { acknowledged: 0, again: 0, batches: 0 }
      const read = async (id: string) => {
        const reply = await client.command(
          'XREADGROUP',
          'GROUP',
          'workers',
          'me',
          'COUNT',
          '100',
          'STREAMS',
          'orders',
          id,
        )
        const ids = entriesOf(reply).map(([entry]) => String(entry))
        if (ids.length > 0) tally.batches++
        return ids
      }
      await read('>')
      const stored = Number(await client.command('XLEN', 'orders'))
      expect(await suite.service.total('consumer_lag', { topic: 'orders' })).to.equal(stored - 100)
      expect(await suite.service.total('events_in_flight', { topic: 'orders' })).to.equal(100)
      tally.again += (await read('0')).length
      const claimed = await client.command('XAUTOCLAIM', 'orders', 'workers', 'other', '0', '0', 'COUNT', '100')
      const [, entries] = claimed as [string, [string, unknown][]]
      tally.again += entries.length
      const ack = async (ids: readonly string[]) => {
        if (ids.length > 0) await client.command('XACK', 'orders', 'workers', ...ids)
        tally.acknowledged += ids.length
      }
      await ack(entries.map(([id]) => String(id)))
      for (let ids = await read('>'); ids.length > 0; ids = await read('>')) {
        await ack(ids.slice(0, 1))
        await ack(ids.slice(1))
      }
      const counts = await suite.service.counts()
      const failures = Object.entries(counts).filter(([series]) => /events_failed_total.*"orders"/.test(series))
      expect(failures.reduce((sum, [, events]) => sum + events, 0)).to.equal(sent.refused + 1 + tally.again)
      expect(counts).to.deep.include({
        'events_published_total{bus="redis",topic="orders"}': sent.published + 2,
        'events_consumed_total{bus="redis",topic="orders"}': stored,
        [`events_failed_total{bus="redis",reason="${aborted}",topic="orders"}`]: 1,
        'events_failed_total{bus="redis",reason="redelivered",topic="orders"}': tally.again,
        'redeliveries_total{bus="redis",topic="orders"}': tally.again,
        'events_in_flight{bus="redis",topic="orders"}': 0,
        'processing_duration_seconds_count{bus="redis",topic="orders"}': tally.acknowledged + tally.again,
        'batch_size_count{bus="redis",operation="process",topic="orders"}': tally.batches,
        'consumer_lag{bus="redis",topic="orders"}': 0,
        'events_published_total{bus="redis",topic="x"}': 0,
        // The id, the field and its value, of each that was sent.
        'bytes_total{bus="redis",operation="publish",topic="orders"}': (MESSAGES + 20 + 3) * 3,
        'bytes_total{bus="redis",operation="process",topic="orders"}': (stored + tally.again) * 2,
      })
      expect(tally.again).to.equal(200)
    })
  })
}
