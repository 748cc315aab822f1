import { connect } from 'node:net'
import { expect } from 'chai'
import * as kafkajs from 'kafkajs'
import { until } from '../support/until'
import { MockKafka } from './support/kafka'
import { Sends } from './support/sends'
import { withMockKafka } from './support/suite'

/** Not one of the language's own errors, which kafkajs takes for a fault in the program and stops. */
class OutOfStock extends Error {}

const MESSAGES = 10_000
const BATCH = 100

describe("kafkajs, when librdkafka's mock broker is replaced by another one, which has none of its messages", function () {
  this.timeout(120_000)
  const suite = withMockKafka()

  it('counts what was sent before and after, what could not be sent meanwhile, and what was handled', async () => {
    const kafka = new kafkajs.Kafka({
      brokers: [suite.broker.address],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 1, initialRetryTime: 20 },
      // The mock broker has another port each time.
      socketFactory: ({ onConnect }) => {
        const [host = '', port = ''] = suite.broker.address.split(':')
        return connect({ host, port: Number(port) }, onConnect)
      },
    })
    const producer = kafka.producer()
    suite.service.metrics.instrumentBus(producer, { name: 'kafka' })
    await producer.connect()
    const tally = { handled: 0, failed: 0, again: 0 }
    const sends = new Sends(BATCH)
    const send = (from: number) => {
      const messages = Array.from({ length: BATCH }, (_, at) => ({ value: String(from + at) }))
      return sends.send(() => producer.send({ topic: 'orders', messages }))
    }
    const handleFrom = async (from: number) => {
      const consumer = kafka.consumer({
        groupId: 'workers',
        maxWaitTimeInMs: 100,
        retry: { retries: 20, initialRetryTime: 20 },
      })
      suite.service.metrics.instrumentBus(consumer, { name: 'kafka' })
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
      await until('the lag', async () => ((await suite.service.total('consumer_lag')) === 0 ? true : undefined))
      await consumer.disconnect()
    }

    for (let from = 0; from < MESSAGES / 2; from += BATCH) await send(from)
    await handleFrom(0)
    // Sends are under way when the broker goes.
    const underWay = Promise.all([0, 1, 2].map(() => send(MESSAGES)))
    await suite.broker.stop()
    await underWay
    suite.broker = await MockKafka.start()
    for (let from = MESSAGES / 2; from < MESSAGES; from += BATCH) {
      await until('the new broker', () => send(from), { timeoutMs: 30_000 })
    }
    await handleFrom(MESSAGES / 2)
    await producer.disconnect()

    const topic = (metric: string) => `${metric}{bus="kafka",topic="orders"}`
    const failure = (reason: string) => `events_failed_total{bus="kafka",reason="${reason}",topic="orders"}`
    expect(await suite.service.counts()).to.deep.equal({
      [topic('events_published_total')]: sends.sent,
      [topic('events_consumed_total')]: tally.handled,
      ...sends.failures(failure),
      [failure('OutOfStock')]: tally.failed,
      [topic('redeliveries_total')]: tally.again,
      [topic('events_in_flight')]: 0,
      [topic('processing_duration_seconds_count')]: tally.handled + tally.failed,
      [topic('consumer_lag')]: 0,
      'batch_size_count{bus="kafka",operation="publish",topic="orders"}': (sends.sent + sends.refused) / BATCH,
    })
    expect(tally.failed).to.equal(2)
    expect(sends.refused).to.be.above(0)
    expect(sends.sent).to.be.at.least(MESSAGES)
  })
})
