import { connect } from 'node:net'
import { expect } from 'chai'
import * as kafkajs from 'kafkajs'
import { until } from '../support/until'
import { MockKafka } from './support/kafka'
import { Service } from './support/service'

/** Not one of the language's own errors, which kafkajs takes for a fault in the program and stops. */
class OutOfStock extends Error {}

const MESSAGES = 10_000
const BATCH = 100

describe("kafkajs, when librdkafka's mock broker is replaced by another one, which has none of its messages", function () {
  this.timeout(120_000)
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

  it('counts what was sent before and after, what could not be sent meanwhile, and what was handled', async () => {
    const kafka = new kafkajs.Kafka({
      brokers: [broker.address],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 1, initialRetryTime: 20 },
      // The mock broker has another port each time.
      socketFactory: ({ onConnect }) => {
        const [host = '', port = ''] = broker.address.split(':')
        return connect({ host, port: Number(port) }, onConnect)
      },
    })
    const producer = kafka.producer()
    service.metrics.instrumentBus(producer, { name: 'kafka' })
    await producer.connect()
    const tally = { sent: 0, refused: 0, handled: 0, failed: 0, again: 0 }
    const reasons = new Map<string, number>()

    const send = async (from: number) => {
      const messages = Array.from({ length: BATCH }, (_, at) => ({ value: String(from + at) }))
      try {
        await producer.send({ topic: 'orders', messages })
        tally.sent += BATCH
        return true
      } catch (error) {
        tally.refused += BATCH
        const { name } = (error as Error).constructor
        reasons.set(name, (reasons.get(name) ?? 0) + BATCH)
        return undefined
      }
    }
    const handleFrom = async (from: number) => {
      const consumer = kafka.consumer({
        groupId: 'workers',
        maxWaitTimeInMs: 100,
        retry: { retries: 20, initialRetryTime: 20 },
      })
      service.metrics.instrumentBus(consumer, { name: 'kafka' })
      await consumer.connect()
      await consumer.subscribe({ topic: 'orders', fromBeginning: true })
      const done = new Set<string>()
      const read = new Map<number, number>()
      await consumer.run({
        eachMessage: async ({ partition, message }) => {
          const value = String(message.value)
          const isAgain = Number(message.offset) <= (read.get(partition) ?? -1)
          if (isAgain) tally.again++
          else read.set(partition, Number(message.offset))
          if (Number(value) === from + BATCH && !isAgain) {
            tally.failed++
            throw new OutOfStock()
          }
          tally.handled++
          done.add(value)
        },
      })
      await until('the messages', () => (done.size === MESSAGES / 2 ? true : undefined), { timeoutMs: 60_000 })
      await until('the lag', async () => ((await service.total('consumer_lag')) === 0 ? true : undefined))
      await consumer.disconnect()
    }

    for (let from = 0; from < MESSAGES / 2; from += BATCH) await send(from)
    await handleFrom(0)
    // Sends are under way when the broker goes.
    const underWay = Promise.all([0, 1, 2].map(() => send(MESSAGES)))
    await broker.stop()
    await underWay
    broker = await MockKafka.start()
    for (let from = MESSAGES / 2; from < MESSAGES; from += BATCH) {
      await until('the new broker', () => send(from), { timeoutMs: 30_000 })
    }
    await handleFrom(MESSAGES / 2)
    await producer.disconnect()

    const topic = (metric: string) => `${metric}{bus="kafka",topic="orders"}`
    const failure = (reason: string) => `events_failed_total{bus="kafka",reason="${reason}",topic="orders"}`
    expect(await service.counts()).to.deep.equal({
      [topic('events_published_total')]: tally.sent,
      [topic('events_consumed_total')]: tally.handled,
      ...Object.fromEntries([...reasons].map(([reason, messages]) => [failure(reason), messages])),
      [failure('OutOfStock')]: tally.failed,
      [topic('redeliveries_total')]: tally.again,
      [topic('events_in_flight')]: 0,
      [topic('processing_duration_seconds_count')]: tally.handled + tally.failed,
      [topic('consumer_lag')]: 0,
      'batch_size_count{bus="kafka",operation="publish",topic="orders"}': (tally.sent + tally.refused) / BATCH,
    })
    expect(tally.failed).to.equal(2)
    expect(tally.refused).to.be.above(0)
    expect(tally.sent).to.be.at.least(MESSAGES)
  })
})
