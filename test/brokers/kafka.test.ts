import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { expect } from 'chai'
import * as kafkajs from 'kafkajs'
import { until } from '../support/until'
import { withMockKafka } from './support/suite'

/** Not one of the language's own errors, which kafkajs takes for a fault in the program and stops. */
class OutOfStock extends Error {}

const MESSAGES = 10_000
/** One in so many fails: the group is joined anew for each, which takes the mock broker three seconds. */
const FAILING = 2500
const BATCH = 100

describe("Kafka, against librdkafka's mock broker, which cannot be restarted", function () {
  this.timeout(180_000)
  const suite = withMockKafka()

  const topic = (metric: string, name = 'orders') => `${metric}{bus="kafka",topic="${name}"}`
  const failure = (reason: string, name = 'orders') =>
    `events_failed_total{bus="kafka",reason="${reason}",topic="${name}"}`
  const batches = (operation: string, name = 'orders') =>
    `batch_size_count{bus="kafka",operation="${operation}",topic="${name}"}`
  const messages = (from: number) => Array.from({ length: BATCH }, (_, at) => ({ value: String(from + at) }))

  it('kafkajs: batches, a transaction, failures and redeliveries, and a broker that is gone', async () => {
    const kafka = new kafkajs.Kafka({
      brokers: [suite.broker.address],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 1, initialRetryTime: 50 },
    })
    const producer = kafka.producer({ transactionalId: 'tx', maxInFlightRequests: 1, idempotent: false })
    const consumer = kafka.consumer({
      groupId: 'workers',
      maxWaitTimeInMs: 100,
      retry: { retries: 20, initialRetryTime: 20 },
    })
    const handle = suite.service.metrics.instrumentBus(producer, { name: 'kafka' })
    suite.service.metrics.instrumentBus(consumer, { name: 'kafka' })
    await producer.connect()
    let sends = 0
    for (let i = 0; i < MESSAGES; i += BATCH) {
      if (i % 200 === 0) await producer.send({ topic: 'orders', messages: messages(i) })
      else await producer.sendBatch({ topicMessages: [{ topic: 'orders', messages: messages(i) }] })
      sends++
    }
    const tally = { handled: 0, failed: 0, again: 0 }
    const seen = new Map<number, number>()
    const done = new Set<string>()
    await consumer.connect()
    await consumer.subscribe({ topic: 'orders', fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const offset = Number(message.offset)
        const last = seen.get(partition)
        const isAgain = last !== undefined && offset <= last
        if (isAgain) tally.again++
        else seen.set(partition, offset)
        const value = String(message.value)
        if (Number(value) % FAILING === 7 && !isAgain) {
          tally.failed++
          throw new OutOfStock()
        }
        tally.handled++
        done.add(value)
      },
    })
    await until('the messages', () => (done.size === MESSAGES ? true : undefined), { timeoutMs: 120_000 })
    await until('the lag', async () => ((await suite.service.total('consumer_lag')) === 0 ? true : undefined))
    await consumer.disconnect()

    const aborted = await producer.transaction()
    await aborted.send({ topic: 'paid', messages: messages(0) })
    await aborted.abort()
    const committed = await producer.transaction()
    await committed.send({ topic: 'paid', messages: messages(0) })
    expect(await suite.service.total('events_published_total', { topic: 'paid' }), 'not committed yet').to.equal(0)
    await committed.commit()

    await suite.broker.stop()
    await producer.send({ topic: 'late', messages: messages(0) }).then(
      () => expect.fail('taken'),
      () => undefined,
    )
    const counts = await suite.service.counts()
    const late = Object.keys(counts).filter((series) => /events_failed.*late/.test(series))
    expect(late).to.have.length(1)
    expect(counts[late[0] as string]).to.equal(BATCH)
    expect(counts[topic('events_published_total', 'late')]).to.equal(0)
    for (const series of Object.keys(counts)) if (series.includes('late')) delete counts[series]
    expect(counts).to.deep.equal({
      [topic('events_published_total')]: MESSAGES,
      [batches('publish')]: sends,
      [topic('events_consumed_total')]: tally.handled,
      [failure('OutOfStock')]: tally.failed,
      [topic('redeliveries_total')]: tally.again,
      [topic('events_in_flight')]: 0,
      [topic('processing_duration_seconds_count')]: tally.handled + tally.failed,
      [topic('consumer_lag')]: 0,
      [topic('events_published_total', 'paid')]: BATCH,
      [topic('events_consumed_total', 'paid')]: 0,
      [batches('publish', 'paid')]: 2,
    })
    expect(tally.failed).to.equal(MESSAGES / FAILING)
    handle.stop()
    await producer.disconnect()
  })

  it('kafkajs: eachBatch counts its messages, and those resolved before it fails', async () => {
    const kafka = new kafkajs.Kafka({ brokers: [suite.broker.address], logLevel: kafkajs.logLevel.NOTHING })
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic: 'orders', messages: messages(0).map((message) => ({ ...message, partition: 0 })) })
    await producer.disconnect()
    const consumer = kafka.consumer({
      groupId: 'workers',
      maxWaitTimeInMs: 100,
      retry: { retries: 20, initialRetryTime: 20 },
    })
    suite.service.metrics.instrumentBus(consumer, { name: 'kafka' })
    await consumer.connect()
    await consumer.subscribe({ topic: 'orders', fromBeginning: true })
    const sizes: number[] = []
    await consumer.run({
      eachBatchAutoResolve: true,
      eachBatch: async ({ batch, resolveOffset }) => {
        sizes.push(batch.messages.length)
        if (sizes.length > 1) return
        for (const { offset } of batch.messages.slice(0, 30)) resolveOffset(offset)
        throw new OutOfStock()
      },
    })
    await until('the rest', () => (sizes.length === 2 ? true : undefined), { timeoutMs: 60_000 })
    await consumer.disconnect()
    const [first = 0, second = 0] = sizes
    expect(first).to.equal(BATCH)
    expect(await suite.service.counts()).to.deep.equal({
      [topic('events_published_total')]: 0,
      [topic('events_consumed_total')]: 30 + second,
      [failure('OutOfStock')]: first - 30,
      [topic('redeliveries_total')]: second,
      [batches('process')]: 2,
      [topic('events_in_flight')]: 0,
      [topic('processing_duration_seconds_count')]: 2,
      [topic('consumer_lag')]: 0,
    })
  })

  it('@platformatic/kafka: what a producer sends, and no other, from its diagnostics channels', async () => {
    const options = { clientId: 'test', bootstrapBrokers: [suite.broker.address], autocreateTopics: true, retries: 1 }
    const producer = new Producer({ ...options, serializers: stringSerializers })
    const other = new Producer({ ...options, serializers: stringSerializers })
    const handle = suite.service.metrics.instrumentBus(producer, { name: 'kafka' })
    const send = (one: typeof producer, from: number, name = 'orders') =>
      one.send({ messages: messages(from).map(({ value }) => ({ topic: name, value })) })
    await send(other, 0)
    for (let i = 0; i < MESSAGES; i += BATCH) await send(producer, i)
    await other.close()
    let failed: unknown
    await suite.broker.stop()
    await send(producer, 0, 'late').catch((error: unknown) => {
      failed = error
    })
    expect(failed).to.be.instanceOf(Error)
    expect(await suite.service.counts()).to.deep.equal({
      [topic('events_published_total')]: MESSAGES,
      [topic('events_consumed_total')]: 0,
      [batches('publish')]: MESSAGES / BATCH,
      [topic('events_published_total', 'late')]: 0,
      [topic('events_consumed_total', 'late')]: 0,
      [failure((failed as Error).constructor.name, 'late')]: BATCH,
      [batches('publish', 'late')]: 1,
    })
    handle.stop()
    await producer.close(true)
  })

  it('@platformatic/kafka: what a consumer streams to a loop and to a listener, and its lag', async () => {
    const options = { clientId: 'test', bootstrapBrokers: [suite.broker.address] }
    const producer = new Producer({ ...options, autocreateTopics: true, serializers: stringSerializers })
    for (let i = 0; i < MESSAGES; i += BATCH) {
      await producer.send({ messages: messages(i).map(({ value }) => ({ topic: 'orders', value })) })
    }
    await producer.close()

    const open = async (groupId: string) => {
      const consumer = new Consumer({ ...options, groupId, deserializers: stringDeserializers, maxWaitTime: 100 })
      suite.closing(() => consumer.close(true))
      // The mock broker refuses to list offsets by the version of the protocol that this client speaks.
      let offsets = [0n, 0n, 0n, 0n]
      const listOffsets = (_: unknown, done: (error: null, listed: Map<string, bigint[]>) => void) =>
        done(null, new Map([['orders', offsets]]))
      Object.defineProperty(consumer, 'listOffsets', { value: listOffsets })
      const handle = suite.service.metrics.instrumentBus(consumer, { name: 'kafka' })
      const stream = await consumer.consume({ topics: ['orders'], mode: 'earliest' })
      const ends = (values: bigint[]) => {
        offsets = values
      }
      return { consumer, handle, stream, ends }
    }
    const looping = await open('loop')
    let looped = 0
    for await (const _ of looping.stream) {
      looped++
      if (looped === MESSAGES) break
    }
    const listening = await open('listener')
    let heard = 0
    listening.stream.on('data', () => heard++)
    await until('the messages', () => (heard === MESSAGES ? true : undefined))
    listening.ends(Array(4).fill(BigInt(MESSAGES + 1)))
    const lag = await listening.consumer.getLag({ topics: ['orders'] })
    // -1 is a partition of which the stream has committed nothing.
    const behind = (lag.get('orders') ?? []).reduce((sum, one) => (one < 0n ? sum : sum + one), 0n)
    expect(await suite.service.counts()).to.deep.equal({
      [topic('events_published_total')]: 0,
      [topic('events_consumed_total')]: looped + heard,
      [topic('events_in_flight')]: 0,
      [topic('processing_duration_seconds_count')]: 2 * MESSAGES,
      [topic('consumer_lag')]: Number(behind),
    })
    expect(behind > 0n).to.equal(true)
    listening.handle.stop()
    expect(Object.hasOwn(listening.consumer, 'consume')).to.equal(false)
  })
})
