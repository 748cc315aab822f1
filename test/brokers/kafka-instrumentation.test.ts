import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs'
import { expect } from 'chai'
import * as kafkajs from 'kafkajs'
import { createMetrics, type MetricsService } from '../../src/init'
import { samplesOf } from '../support/page'
import { until } from '../support/until'
import { MockKafka } from './support/kafka'

const MESSAGES = 100

describe("kafkajs with OpenTelemetry's instrumentation, which records to the service, too", function () {
  this.timeout(60_000)
  let metrics: MetricsService
  let broker: MockKafka
  const instrumentation = new KafkaJsInstrumentation()
  const [definition] = instrumentation.getModuleDefinitions()
  beforeEach(async () => {
    metrics = createMetrics({ exporters: [], http: false, runtime: false, semconv: true })
    broker = await MockKafka.start()
    instrumentation.setMeterProvider(metrics.meterProvider)
    definition?.patch?.(kafkajs)
  })
  afterEach(async () => {
    definition?.unpatch?.(kafkajs)
    await metrics.shutdown()
    await broker.stop()
  })

  async function total(metric: string): Promise<number> {
    let sum = 0
    for (const [series, value] of samplesOf((await metrics.render()).body)) {
      if (series.startsWith(`${metric}{`)) sum += value
    }
    return sum
  }

  /** Sends and handles the messages by clients that `measure` gets first. */
  async function work(measure: (client: object) => void): Promise<void> {
    const kafka = new kafkajs.Kafka({ brokers: [broker.address], logLevel: kafkajs.logLevel.NOTHING })
    const producer = kafka.producer()
    const consumer = kafka.consumer({
      groupId: 'workers',
      maxWaitTimeInMs: 100,
      retry: { retries: 20, initialRetryTime: 20 },
    })
    measure(producer)
    measure(consumer)
    await producer.connect()
    await producer.send({ topic: 'orders', messages: Array.from({ length: MESSAGES }, () => ({ value: 'lamp' })) })
    let handled = 0
    await consumer.connect()
    await consumer.subscribe({ topic: 'orders', fromBeginning: true })
    await consumer.run({
      eachMessage: async () => {
        handled++
      },
    })
    await until('the messages', () => (handled === MESSAGES ? true : undefined), { timeoutMs: 30_000 })
    await consumer.disconnect()
    await producer.disconnect()
  }

  for (const [who, measure] of [
    ['the instrumentation alone', () => {}],
    ['both', (client: object) => void metrics.instrumentBus(client, { name: 'kafka' })],
  ] as const) {
    it(`counts each message once under the names of the conventions, measured by ${who}`, async () => {
      await work(measure)
      expect(await total('messaging_client_sent_messages_total'), 'sent').to.equal(MESSAGES)
      expect(await total('messaging_client_consumed_messages_total'), 'consumed').to.equal(MESSAGES)
    })
  }
})
