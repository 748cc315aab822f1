import { KafkaJS as confluent } from '@confluentinc/kafka-javascript'
import { expect } from 'chai'
import { until } from '../support/until'
import { KafkaBootstrap, MockKafka } from './support/kafka'
import { Sends } from './support/sends'
import { withMockKafka } from './support/suite'

class OutOfStock extends Error {}

const MESSAGES = 10_000
const BATCH = 100

describe("Kafka: @confluentinc/kafka-javascript, against librdkafka's mock broker", function () {
  this.timeout(180_000)
  const suite = withMockKafka()

  const topic = (metric: string) => `${metric}{bus="kafka",topic="orders"}`
  const messages = (from: number) => Array.from({ length: BATCH }, (_, at) => ({ value: String(from + at) }))

  it('messages, failures and redeliveries', async () => {
    const kafka = new confluent.Kafka({
      kafkaJS: { brokers: [suite.broker.address], logLevel: confluent.logLevel.NOTHING },
    })
    const producer = kafka.producer()
    const consumer = kafka.consumer({ kafkaJS: { groupId: 'workers', fromBeginning: true } })
    const handle = suite.service.metrics.instrumentBus(producer, { name: 'kafka' })
    suite.service.metrics.instrumentBus(consumer, { name: 'kafka' })
    await producer.connect()
    for (let i = 0; i < MESSAGES; i += BATCH) await producer.send({ topic: 'orders', messages: messages(i) })
    await consumer.connect()
    await consumer.subscribe({ topic: 'orders' })
    const tally = { handled: 0, failed: 0 }
    const tried = new Set<string>()
    const done = new Set<string>()
    await consumer.run({
      eachMessage: async ({ message }) => {
        const value = String(message.value)
        const isFirst = !tried.has(value)
        tried.add(value)
        if (Number(value) % 1000 === 7 && isFirst) {
          tally.failed++
          throw new OutOfStock()
        }
        tally.handled++
        done.add(value)
      },
    })
    await until('the messages', () => (done.size === MESSAGES ? true : undefined), { timeoutMs: 120_000 })
    const counts = await suite.service.counts()
    // How often the client gives what it had fetched behind a failure again is its own affair.
    expect(counts[topic('redeliveries_total')]).to.be.at.least(tally.failed)
    delete counts[topic('redeliveries_total')]
    expect(counts).to.deep.equal({
      [topic('events_published_total')]: MESSAGES,
      'batch_size_count{bus="kafka",operation="publish",topic="orders"}': MESSAGES / BATCH,
      [topic('events_consumed_total')]: tally.handled,
      'events_failed_total{bus="kafka",reason="OutOfStock",topic="orders"}': tally.failed,
      [topic('events_in_flight')]: 0,
      [topic('processing_duration_seconds_count')]: tally.handled + tally.failed,
    })
    handle.stop()
    expect(Object.hasOwn(producer, 'send')).to.equal(false)
    await consumer.disconnect()
    await producer.disconnect()
  })

  it('a transaction counts when it is committed, and not when it is aborted', async () => {
    const kafka = new confluent.Kafka({
      kafkaJS: { brokers: [suite.broker.address], logLevel: confluent.logLevel.NOTHING },
    })
    const producer = kafka.producer({ kafkaJS: { transactionalId: 'tx' } })
    suite.service.metrics.instrumentBus(producer, { name: 'kafka' })
    await producer.connect()
    const published = () => suite.service.total('events_published_total')
    for (let i = 0; i < 3; i++) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 'orders', messages: messages(0) })
      await transaction.sendBatch({ topicMessages: [{ topic: 'orders', messages: messages(0) }] })
      expect(await published(), 'not committed yet').to.equal(i * 2 * BATCH)
      await transaction.commit()
    }
    const aborted = await producer.transaction()
    await aborted.send({ topic: 'orders', messages: messages(0) })
    await aborted.abort()
    await producer.disconnect()
    expect(await suite.service.counts()).to.deep.equal({
      [topic('events_published_total')]: 6 * BATCH,
      'batch_size_count{bus="kafka",operation="publish",topic="orders"}': 7,
      [topic('events_consumed_total')]: 0,
    })
  })

  it('what was sent and handled before and after the broker is replaced, and what could not be sent meanwhile', async () => {
    const bootstrap = await KafkaBootstrap.start(() => suite.broker)
    suite.closing(() => bootstrap.stop())
    const kafka = new confluent.Kafka({
      kafkaJS: { brokers: [bootstrap.address], logLevel: confluent.logLevel.NOTHING },
      'topic.metadata.refresh.interval.ms': 500,
    })
    const producer = kafka.producer({ 'message.timeout.ms': 2_000 })
    suite.service.metrics.instrumentBus(producer, { name: 'kafka' })
    await producer.connect()
    const sends = new Sends(BATCH)
    const send = (from: number) => sends.send(() => producer.send({ topic: 'orders', messages: messages(from) }))
    let handled = 0
    const handleAll = async (count: number) => {
      const consumer = kafka.consumer({ kafkaJS: { groupId: 'workers', fromBeginning: true } })
      suite.service.metrics.instrumentBus(consumer, { name: 'kafka' })
      await consumer.connect()
      await consumer.subscribe({ topic: 'orders' })
      const before = handled
      await consumer.run({
        eachMessage: async () => {
          handled++
        },
      })
      await until('the messages', () => (handled - before === count ? true : undefined), { timeoutMs: 60_000 })
      await consumer.disconnect()
    }

    for (let from = 0; from < MESSAGES / 2; from += BATCH) await send(from)
    await handleAll(MESSAGES / 2)
    await suite.broker.stop()
    await Promise.all([0, 1, 2].map(() => send(MESSAGES)))
    suite.broker = await MockKafka.start()
    const before = sends.sent
    for (let from = MESSAGES / 2; from < MESSAGES; from += BATCH) {
      await until('the new broker', () => send(from), { timeoutMs: 60_000 })
    }
    await handleAll(sends.sent - before)
    await producer.disconnect()
    expect(await suite.service.counts()).to.deep.equal({
      [topic('events_published_total')]: sends.sent,
      [topic('events_consumed_total')]: handled,
      ...sends.failures((reason) => `events_failed_total{bus="kafka",reason="${reason}",topic="orders"}`),
      [topic('events_in_flight')]: 0,
      [topic('processing_duration_seconds_count')]: handled,
      'batch_size_count{bus="kafka",operation="publish",topic="orders"}': (sends.sent + sends.refused) / BATCH,
    })
    expect(sends.refused).to.be.above(0)
    expect(handled).to.equal(sends.sent)
  })
})
