import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection, type Subscription } from '@nats-io/transport-node'
import { expect } from 'chai'
import { until } from '../support/until'
import { natsServer } from './support/broker'
import { connectNats } from './support/nats'
import { Service } from './support/service'
import { withBroker } from './support/suite'

const MESSAGES = 10_000

describe('NATS JetStream', () => {
  const suite = withBroker(natsServer)
  let connection: NatsConnection
  beforeEach(async () => {
    connection = await connectNats(suite)
  })

  it('acknowledged, refused, redelivered and given up, through a restart, beside the connection', async () => {
    const manager = await jetstreamManager(connection)
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] })
    await manager.consumers.add('ORDERS', {
      durable_name: 'worker',
      filter_subject: 'orders.*',
      ack_policy: 'explicit',
      ack_wait: 2_000_000_000,
      max_ack_pending: MESSAGES,
    })
    const client = jetstream(connection)
    suite.service.metrics.instrumentBus(connection, { name: 'connection' })
    suite.service.metrics.instrumentBus(client, { name: 'stream' })

    let published = 0
    const publish = async () => {
      await client.publish('orders.placed', 'text', { retries: 10 })
      published++
    }
    for (let i = 0; i < MESSAGES; i += 500) await Promise.all(Array.from({ length: 500 }, publish))
    const refused = await client.publish('orders.placed', 'text', { expect: { lastSequence: 7 } }).then(
      () => 'taken',
      () => 'refused',
    )
    expect(refused).to.equal('refused')
    expect(await suite.service.total('consumer_lag', { bus: 'stream' }), 'no consumer yet').to.equal(0)

    const consumer = await client.consumers.get('ORDERS', 'worker')
    expect(await suite.service.total('consumer_lag', { bus: 'stream', topic: 'orders.*' })).to.equal(MESSAGES)

    const counted = { acknowledged: 0, nak: 0, term: 0, forgotten: 0, redelivered: 0, thrown: 0 }
    const done = new Set<number>()
    const messages = await consumer.consume({ max_messages: 500 })
    for await (const message of messages) {
      const first = !message.redelivered
      if (!first) counted.redelivered++
      const kind = message.seq % 10
      if (first && kind === 1) {
        message.nak()
        counted.nak++
      } else if (first && kind === 2) {
        // Not acknowledged: it comes again when the server has waited long enough.
        counted.forgotten++
      } else if (kind === 3) {
        message.term()
        counted.term++
        done.add(message.seq)
      } else {
        message.working()
        if (kind === 4) expect(await message.ackAck()).to.equal(true)
        else message.ack()
        message.ack()
        counted.acknowledged++
        done.add(message.seq)
      }
      if (done.size === MESSAGES) break
    }
    await connection.flush()
    expect(await suite.service.total('consumer_lag', { bus: 'stream' })).to.equal(0)

    // Once more, by callback, and with the server gone for a while.
    await suite.broker.down('SIGKILL')
    await suite.broker.up()
    // The server may have forgotten some of the last acknowledgements, and then delivers anew.
    const late = await client.publish('orders.placed', 'text', { retries: 10 })
    published++
    let called = 0
    const seen = new Promise<void>((resolve) => {
      void consumer.consume({
        callback: (message) => {
          called++
          if (message.redelivered) counted.redelivered++
          message.ack()
          if (message.seq === late.seq) resolve()
        },
      })
    })
    await seen
    await connection.flush()
    await until('the last acknowledgements', async () =>
      (await consumer.info()).num_ack_pending === 0 ? true : undefined,
    )
    counted.acknowledged += called

    const counts = await suite.service.counts()
    expect(Object.keys(counts).filter((series) => series.includes('bus="connection"'))).to.deep.equal([])
    const failed = counted.nak + counted.term + counted.forgotten
    expect(counts).to.deep.equal({
      'events_published_total{bus="stream",topic="orders.placed"}': MESSAGES + 1,
      'events_consumed_total{bus="stream",topic="orders.placed"}': 0,
      'events_failed_total{bus="stream",reason="JetStreamApiError",topic="orders.placed"}': 1,
      'events_published_total{bus="stream",topic="orders.*"}': 0,
      'events_consumed_total{bus="stream",topic="orders.*"}': counted.acknowledged,
      'events_failed_total{bus="stream",reason="nak",topic="orders.*"}': counted.nak,
      'events_failed_total{bus="stream",reason="term",topic="orders.*"}': counted.term,
      'events_failed_total{bus="stream",reason="redelivered",topic="orders.*"}': counted.forgotten,
      'redeliveries_total{bus="stream",topic="orders.*"}': counted.redelivered,
      'dead_letters_total{bus="stream",topic="orders.*"}': counted.term,
      'events_in_flight{bus="stream",topic="orders.*"}': 0,
      'processing_duration_seconds_count{bus="stream",topic="orders.*"}': counted.acknowledged + failed,
      'consumer_lag{bus="stream",topic="orders.*"}': 0,
    })
    expect(published).to.equal(MESSAGES + 1)
    expect(counted.redelivered).to.be.at.least(counted.nak + counted.forgotten)
  })

  it('acknowledged for all before them, where the consumer is of that policy', async () => {
    const manager = await jetstreamManager(connection)
    await manager.streams.add({ name: 'LOGS', subjects: ['logs.*'] })
    await manager.consumers.add('LOGS', { durable_name: 'reader', ack_policy: 'all' })
    const client = jetstream(connection)
    suite.service.metrics.instrumentBus(client, { name: 'stream' })
    for (let i = 0; i < 50; i++) await client.publish(`logs.${i % 2}`, 'text')
    const consumer = await client.consumers.get('LOGS', 'reader')
    const kept: JsMsg[] = []
    const messages = await consumer.consume({
      callback: (message) => {
        kept.push(message)
        if (message.seq % 20 === 0) message.ack()
      },
    })
    await until('the messages', () => (kept.length === 50 ? true : undefined))
    // Those of before are known to the server as acknowledged.
    for (const message of kept.slice(0, 30)) message.ack()
    await connection.flush()
    expect((await consumer.info()).num_ack_pending).to.equal(10)
    const topic = (metric: string, name: string) => `${metric}{bus="stream",topic="${name}"}`
    expect(await suite.service.counts()).to.include({
      [topic('events_consumed_total', 'logs.0')]: 20,
      [topic('events_consumed_total', 'logs.1')]: 20,
      [topic('events_in_flight', 'logs.0')]: 5,
      [topic('events_in_flight', 'logs.1')]: 5,
    })
    await messages.close()
    await manager.streams.delete('LOGS')
  })

  describe('a message that is delivered as often as its consumer allows', () => {
    const consumerOf = async (deadLetters: boolean | undefined) => {
      const manager = await jetstreamManager(connection)
      await manager.streams.add({ name: 'MAILS', subjects: ['mails.>'] })
      await manager.consumers.add('MAILS', {
        durable_name: 'sender',
        ack_policy: 'explicit',
        ack_wait: 300_000_000,
        max_deliver: 2,
      })
      const client = jetstream(connection)
      const handle = suite.service.metrics.instrumentBus(client, { name: 'stream', deadLetters })
      for (let i = 0; i < 40; i++) await client.publish('mails.sent', String(i))
      return { manager, handle, consumer: await client.consumers.get('MAILS', 'sender') }
    }
    afterEach(async () => {
      await (await jetstreamManager(connection)).streams.delete('MAILS')
    })

    /** Handles 40 messages, of which three quarters are never acknowledged, by the rest of their number. */
    const handleAll = async (consumer: Awaited<ReturnType<typeof consumerOf>>['consumer']) => {
      let last = 0
      const rejections = new Set<unknown>()
      const onRejection = (error: unknown) => rejections.add(error)
      process.on('unhandledRejection', onRejection)
      const messages = await consumer.consume({
        callback: async (message): Promise<never> => {
          if (message.redelivered) last++
          const kind = message.seq % 4
          if (kind === 0) message.ack()
          else if (kind === 1) message.nak()
          else if (kind === 2) throw new RangeError('no address')
          return undefined as never
        },
      })
      await until('the last deliveries', () => (last === 30 ? true : undefined))
      await until('their rejections', () => (rejections.size === 20 ? true : undefined))
      process.off('unhandledRejection', onRejection)
      return messages
    }
    const topic = (metric: string) => `${metric}{bus="stream",topic="mails.sent"}`
    const reason = (text: string) => `events_failed_total{bus="stream",reason="${text}",topic="mails.sent"}`

    it('is a dead letter when it is refused; with deadLetters also when the server gives it up, once in all', async () => {
      const subscriptions: Subscription[] = []
      const { subscribe } = connection
      connection.subscribe = (subject, options) => {
        const subscription = subscribe.call(connection, subject, options)
        subscriptions.push(subscription)
        return subscription
      }
      const { consumer, handle } = await consumerOf(true)
      // Another instance of the service, which gets none of them.
      const other = new Service()
      const otherConnection = await connect({ port: suite.broker.port })
      const idle = jetstream(otherConnection)
      other.metrics.instrumentBus(idle, { name: 'stream', deadLetters: true })
      await idle.consumers.get('MAILS', 'sender')
      await otherConnection.flush()

      const messages = await handleAll(consumer)
      await until('what the server gives up', async () =>
        (await suite.service.total('dead_letters_total')) === 30 ? true : undefined,
      )
      expect(await suite.service.counts()).to.deep.equal({
        [topic('events_published_total')]: 40,
        [topic('events_consumed_total')]: 10,
        [reason('nak')]: 20,
        [reason('RangeError')]: 20,
        [reason('redelivered')]: 10,
        [reason('unacknowledged')]: 10,
        [topic('redeliveries_total')]: 30,
        [topic('dead_letters_total')]: 30,
        [topic('events_in_flight')]: 0,
        [topic('processing_duration_seconds_count')]: 70,
        'consumer_lag{bus="stream",topic="MAILS"}': 0,
      })
      expect(await other.total('dead_letters_total')).to.equal(0)
      await messages.close()
      const [advisories, ...others] = subscriptions.filter((one) => one.getSubject().includes('.MAX_DELIVERIES.'))
      expect([advisories?.getSubject(), advisories?.isClosed(), others.length]).to.deep.equal([
        '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.MAILS.sender',
        false,
        0,
      ])
      handle.stop()
      expect(advisories?.isClosed()).to.equal(true)
      await otherConnection.close()
      await other.close()
    })

    it('is one without that only when it is refused', async () => {
      const { consumer } = await consumerOf(undefined)
      const messages = await handleAll(consumer)
      const counts = await suite.service.counts()
      expect([counts[topic('dead_letters_total')], counts[reason('nak')]]).to.deep.equal([10, 20])
      expect(counts[topic('events_in_flight')], 'nobody tells of them').to.equal(10)
      await messages.close()
    })
  })
})
