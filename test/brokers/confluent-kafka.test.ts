import { KafkaJS as confluent } from '@confluentinc/kafka-javascript'
import { expect } from 'chai'
import { until } from '../support/until'
import { MockKafka } from './support/kafka'
import { Service } from './support/service'

class OutOfStock extends Error {}

const MESSAGES = 10_000
const BATCH = 100

describe("Kafka: @confluentinc/kafka-javascript, against librdkafka's mock broker", function () {
  this.timeout(180_000)
  let service: Service
  let broker: MockKafka
  beforeEach(async () => {
    service = new Service()
    broker = await MockKafka.start()
  })
  afterEach(async () => {
    await service.close()
    await broker.stop()
  })

  const topic = (metric: string) => `${metric}{bus="kafka",topic="orders"}`
  const messages = (from: number) => Array.from({ length: BATCH }, (_, at) => ({ value: String(from + at) }))

  it('messages, failures and redeliveries', async () => {
    const kafka = new confluent.Kafka({ kafkaJS: { brokers: [broker.address], logLevel: confluent.logLevel.NOTHING } })
    const producer = kafka.producer()
    const consumer = kafka.consumer({ kafkaJS: { groupId: 'workers', fromBeginning: true } })
    const handle = service.metrics.instrumentBus(producer, { name: 'kafka' })
    service.metrics.instrumentBus(consumer, { name: 'kafka' })
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
    const counts = await service.counts()
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
})
