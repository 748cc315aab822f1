import * as amqplib from 'amqplib'
import { expect } from 'chai'
import { until } from '../support/until'
import { rabbitmqServer } from './support/broker'
import { withBroker } from './support/suite'

const MESSAGES = 10_000

/** What the test itself counts, by what it did with a delivery. */
class Tally {
  acknowledged = 0
  nack = 0
  reject = 0
  dropped = 0
  thrown = 0
  abandoned = 0
  redelivered = 0
  readonly open = new Set<number>()
  readonly done = new Set<number>()

  abandon(): void {
    this.abandoned += this.open.size
    this.open.clear()
  }
}

describe('RabbitMQ: amqplib', function () {
  this.timeout(300_000)
  const suite = withBroker(rabbitmqServer)
  const url = () => `amqp://guest:guest@127.0.0.1:${suite.broker.port}`

  it('confirmed, returned, acknowledged, refused and abandoned by a restart', async () => {
    const tally = new Tally()
    const connect = async () => {
      const connection = await amqplib.connect(url())
      suite.service.metrics.instrumentBus(connection, { name: 'rabbit' })
      // The broker goes away on purpose.
      connection.on('error', () => {})
      return connection
    }
    let connection = await connect()
    const channel = await connection.createConfirmChannel()
    await channel.assertExchange('orders', 'topic', { durable: true })
    await channel.assertQueue('worker', { durable: true })
    await channel.bindQueue('worker', 'orders', 'order.*')
    let confirmed = 0
    let returned = 0
    channel.on('return', () => returned++)
    const publish = (key: string, content: Buffer, mandatory: boolean) =>
      new Promise<void>((resolve, reject) => {
        channel.publish('orders', key, content, { persistent: true, mandatory }, (error) => {
          if (error) return reject(error)
          confirmed++
          resolve()
        })
      })
    for (let i = 0; i < MESSAGES; i += 1_000) {
      await Promise.all(
        Array.from({ length: 1_000 }, (_, at) => publish('order.placed', Buffer.from(`${i + at}`), false)),
      )
    }
    await Promise.all(Array.from({ length: 10 }, () => publish('nowhere', Buffer.from('x'), true)))
    channel.publish('orders', 'order.placed', Buffer.from(`${MESSAGES}`), { persistent: true })
    await channel.waitForConfirms()
    expect(await suite.service.total('queue_depth', { topic: 'worker' }), 'nobody has consumed from it yet').to.equal(0)

    const errors = new Set<unknown>()
    const onRejection = (error: unknown) => errors.add(error)
    process.on('unhandledRejection', onRejection)
    const consume = async (isLast: boolean) => {
      const own = await connection.createChannel()
      await own.prefetch(100)
      // As a service sets its topology up with each connection.
      await own.bindQueue('worker', 'orders', 'order.*')
      own.on('error', () => {})
      own.on('close', () => tally.abandon())
      await own.consume('worker', (message): unknown => {
        if (message === null) return undefined
        const number = Number(message.content)
        const tag = message.fields.deliveryTag
        const { redelivered } = message.fields
        if (redelivered) tally.redelivered++
        tally.open.add(tag)
        const settle = () => tally.open.delete(tag)
        const kind = number % 10
        if (kind === 1 && !redelivered) {
          own.nack(message)
          tally.nack++
          settle()
        } else if (kind === 2) {
          own.reject(message, false)
          tally.reject++
          tally.done.add(number)
          settle()
        } else if (kind === 3) {
          own.nack(message, false, false)
          tally.dropped++
          tally.done.add(number)
          settle()
        } else if (kind === 4 && (isLast || tally.done.size < MESSAGES / 4)) {
          // Not near the restart, where the channel may close before the rejection is told.
          tally.thrown++
          tally.done.add(number)
          settle()
          return (async () => {
            setImmediate(() => {
              try {
                own.ack(message)
              } catch {
                // The channel has closed since.
                tally.done.delete(number)
              }
            })
            throw new RangeError('out of stock')
          })()
        } else if (kind === 5 && !isLast && tally.open.size < 50) {
          // Never settled: the restart takes the channel away.
        } else {
          own.ack(message)
          tally.acknowledged++
          tally.done.add(number)
          settle()
        }
        return undefined
      })
      return own
    }
    await consume(false)
    await until('the first half', () => (tally.done.size > MESSAGES / 2 ? true : undefined), { timeoutMs: 60_000 })
    expect(await suite.service.total('queue_depth', { topic: 'worker' })).to.be.within(0, MESSAGES)
    expect(await suite.service.total('events_in_flight', { topic: 'order.*' })).to.equal(tally.open.size)
    await suite.broker.down()
    await until('the channel to close', () => (tally.open.size === 0 ? true : undefined))
    expect(() => channel.publish('orders', 'order.placed', Buffer.from('late'))).to.throw()
    await suite.broker.up()

    connection = await connect()
    await consume(true)
    await until('the others', () => (tally.done.size === MESSAGES + 1 && tally.open.size === 0 ? true : undefined), {
      timeoutMs: 60_000,
    })
    await until('the last acknowledgement', async () =>
      (await suite.service.total('queue_depth', { topic: 'worker' })) === 0 ? true : undefined,
    )
    process.off('unhandledRejection', onRejection)
    expect(errors.size, 'rejections that stay unhandled').to.equal(0)

    expect(tally.abandoned).to.be.greaterThan(0)
    const failed = tally.nack + tally.dropped + tally.reject + tally.thrown + tally.abandoned
    const topic = (metric: string, name: string) => `${metric}{bus="rabbit",topic="${name}"}`
    const failure = (reason: string, name: string) =>
      `events_failed_total{bus="rabbit",reason="${reason}",topic="${name}"}`
    expect(await suite.service.counts()).to.deep.equal({
      [topic('events_published_total', 'order.placed')]: MESSAGES + 1,
      [topic('events_consumed_total', 'order.placed')]: 0,
      [failure('IllegalOperationError', 'order.placed')]: 1,
      [topic('events_published_total', 'nowhere')]: 0,
      [topic('events_consumed_total', 'nowhere')]: 0,
      [failure('unroutable', 'nowhere')]: returned,
      [topic('events_published_total', 'order.*')]: 0,
      [topic('events_consumed_total', 'order.*')]: tally.acknowledged,
      [failure('nack', 'order.*')]: tally.nack + tally.dropped,
      [failure('reject', 'order.*')]: tally.reject,
      [failure('RangeError', 'order.*')]: tally.thrown,
      [failure('unacknowledged', 'order.*')]: tally.abandoned,
      [topic('dead_letters_total', 'order.*')]: tally.reject + tally.dropped,
      [topic('redeliveries_total', 'order.*')]: tally.redelivered,
      [topic('events_in_flight', 'order.*')]: 0,
      [topic('processing_duration_seconds_count', 'order.*')]: tally.acknowledged + failed,
      [topic('queue_depth', 'worker')]: 0,
    })
    expect(returned).to.equal(10)
    expect(confirmed).to.equal(MESSAGES + 10)
    await connection.close()
  })

  it('many at once, by tag and all, by get, and with callbacks', async () => {
    const connection = await amqplib.connect(url())
    const handle = suite.service.metrics.instrumentBus(connection, { name: 'rabbit', depth: false })
    const channel = await connection.createChannel()
    const { queue } = await channel.assertQueue('', { exclusive: true })
    const topics = { name: 'rabbit', topic: (name: string | symbol) => (name === queue ? 'mine' : String(name)) }
    handle.stop()
    suite.service.metrics.instrumentBus(channel, topics)
    for (let i = 0; i < 20; i++) channel.sendToQueue(queue, Buffer.from(String(i)))
    const messages: amqplib.ConsumeMessage[] = []
    const { consumerTag } = await channel.consume(queue, (message) => void (message && messages.push(message)))
    await until('the messages', () => (messages.length === 20 ? true : undefined))
    const at = (index: number) => messages[index] as amqplib.ConsumeMessage
    channel.ack(at(4), true)
    channel.ack(at(6))
    channel.nack(at(9), true, false)
    await channel.cancel(consumerTag)
    channel.nackAll(true)
    const got: amqplib.GetMessage[] = []
    for (let message = await channel.get(queue); message !== false; message = await channel.get(queue))
      got.push(message)
    expect(got).to.have.length(10)
    channel.ackAll()
    expect(await channel.get(queue, { noAck: true })).to.equal(false)
    const topic = (metric: string) => `${metric}{bus="rabbit",topic="mine"}`
    expect(await suite.service.counts()).to.deep.equal({
      [topic('events_published_total')]: 20,
      [topic('events_consumed_total')]: 6 + 10,
      'events_failed_total{bus="rabbit",reason="nack",topic="mine"}': 4 + 10,
      [topic('dead_letters_total')]: 4,
      [topic('redeliveries_total')]: 10,
      [topic('events_in_flight')]: 0,
      [topic('processing_duration_seconds_count')]: 30,
    })
    await connection.close()
  })
})
