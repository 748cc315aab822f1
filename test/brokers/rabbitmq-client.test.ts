import { expect } from 'chai'
import { Connection, ConsumerStatus } from 'rabbitmq-client'
import { until } from '../support/until'
import { rabbitmqServer } from './support/broker'
import { withBroker } from './support/suite'

const MESSAGES = 10_000

describe('RabbitMQ: rabbitmq-client', function () {
  this.timeout(300_000)
  const suite = withBroker(rabbitmqServer)
  const url = () => `amqp://guest:guest@127.0.0.1:${suite.broker.port}`

  it('publishers, consumers and a transaction, through a restart', async () => {
    // While the broker is away, the client would wait 20 s for a channel before it says so.
    const connection = new Connection({ url: url(), retryLow: 100, retryHigh: 500, acquireTimeout: 500 })
    connection.on('error', () => {})
    const handle = suite.service.metrics.instrumentBus(connection, { name: 'rabbit' })
    const publisher = connection.createPublisher({
      confirm: true,
      maxAttempts: 1,
      queues: [{ queue: 'jobs', durable: true }],
    })
    let published = 0
    let refused = 0
    const publish = async (body: number) => {
      try {
        await publisher.send({ routingKey: 'jobs', durable: true }, body)
        published++
        return true
      } catch {
        refused++
        return false
      }
    }
    const tally = { handled: 0, thrown: 0, requeued: 0, dropped: 0, redelivered: 0, calls: 0 }
    const done = new Set<number>()
    const consumer = connection.createConsumer(
      { queue: 'jobs', queueOptions: { durable: true }, concurrency: 50, qos: { prefetchCount: 100 }, requeue: false },
      async (message) => {
        tally.calls++
        if (message.redelivered) tally.redelivered++
        const number = message.body as number
        const kind = number % 10
        if (kind === 1 && !message.redelivered) {
          tally.requeued++
          return ConsumerStatus.REQUEUE
        }
        done.add(number)
        if (kind === 2) {
          tally.dropped++
          return ConsumerStatus.DROP
        }
        if (kind === 3) {
          tally.thrown++
          throw new RangeError('out of stock')
        }
        tally.handled++
        return ConsumerStatus.ACK
      },
    )
    consumer.on('error', () => {})
    const sent = new Set<number>()
    for (let i = 0; i < MESSAGES; i += 500) {
      if (i === MESSAGES / 2) {
        await suite.broker.down()
        await connection.acquire({}).catch(() => undefined)
        void suite.broker.up()
      }
      await Promise.all(
        Array.from({ length: 500 }, async (_, at) => {
          const number = i + at
          const isSent = async () => ((await publish(number)) ? true : undefined)
          await until('the broker', isSent, { timeoutMs: 60_000 })
          sent.add(number)
        }),
      )
    }
    expect(sent.size).to.equal(MESSAGES)
    await until('the jobs', () => (done.size === MESSAGES ? true : undefined), { timeoutMs: 60_000 })
    await until('an empty queue', async () =>
      (await suite.service.total('queue_depth', { topic: 'jobs' })) === 0 ? true : undefined,
    )
    await consumer.close()

    const channel = await connection.acquire()
    await channel.txSelect()
    for (let i = 0; i < 3; i++) await channel.basicPublish('jobs', 'rolled back')
    await channel.txRollback()
    for (let i = 0; i < 5; i++) await channel.basicPublish('jobs', 'committed')
    expect(await suite.service.total('events_published_total', { topic: 'jobs' }), 'not committed yet').to.equal(
      published,
    )
    await channel.txCommit()
    const message = await channel.basicGet('jobs')
    if (!message) throw new Error('no message')
    channel.basicNack({ deliveryTag: message.deliveryTag, requeue: true })
    await channel.close()

    const topic = (metric: string) => `${metric}{bus="rabbit",topic="jobs"}`
    const counts = await suite.service.counts()
    const publishFailures = Object.entries(counts).filter(([series]) => /reason="AMQP/.test(series))
    expect(publishFailures.reduce((sum, [, count]) => sum + count, 0)).to.equal(refused)
    for (const [series] of publishFailures) delete counts[series]
    expect(counts).to.deep.equal({
      [topic('events_published_total')]: published + 5,
      [topic('events_consumed_total')]: tally.handled,
      'events_failed_total{bus="rabbit",reason="requeue",topic="jobs"}': tally.requeued,
      'events_failed_total{bus="rabbit",reason="drop",topic="jobs"}': tally.dropped,
      'events_failed_total{bus="rabbit",reason="RangeError",topic="jobs"}': tally.thrown,
      'events_failed_total{bus="rabbit",reason="nack",topic="jobs"}': 1,
      [topic('dead_letters_total')]: tally.dropped + tally.thrown,
      ...(tally.redelivered > 0 && { [topic('redeliveries_total')]: tally.redelivered }),
      [topic('events_in_flight')]: 0,
      [topic('processing_duration_seconds_count')]: tally.calls + 1,
      [topic('queue_depth')]: 5,
    })
    handle.stop()
    for (const key of ['acquire', 'createPublisher', 'createConsumer'])
      expect(Object.hasOwn(connection, key), key).to.equal(false)
    await publisher.close()
    await connection.close()
  })
})
