import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { expect } from 'chai'
import { until } from '../support/until'
import { KafkaBootstrap, MockKafka } from './support/kafka'
import { Sends } from './support/sends'
import { withMockKafka } from './support/suite'

const MESSAGES = 10_000
const BATCH = 100
/** The mock broker knows no producer by the numbers that this client begins with. */
const TRANSACTIONAL = { transactionalId: 'tx', idempotent: true, producerId: -1n, producerEpoch: -1 }

class Refusal extends Error {}

/** Has the client refuse to commit, which the mock broker never does, and returns what ends that. */
function refuseCommits(producer: object): () => void {
  const end = Object.getOwnPropertySymbols(Producer.prototype).find(({ description }) =>
    description?.endsWith('.transactions.end'),
  )
  if (end === undefined) throw new Error('the client ends transactions by another method')
  Reflect.set(producer, end, (_id: number, _commit: boolean, done: (error: Error) => void) => done(new Refusal()))
  return () => Reflect.deleteProperty(producer, end)
}

describe("@platformatic/kafka, when librdkafka's mock broker is replaced by another one, which has none of its messages", function () {
  this.timeout(120_000)
  const suite = withMockKafka()
  let bootstrap: KafkaBootstrap
  beforeEach(async () => {
    bootstrap = await KafkaBootstrap.start(() => suite.broker)
    suite.closing(() => bootstrap.stop())
  })

  const producerOf = (options: Partial<typeof TRANSACTIONAL> = {}) => {
    const producer = new Producer({
      clientId: 'test',
      bootstrapBrokers: [bootstrap.address],
      autocreateTopics: true,
      retries: 1,
      retryDelay: 50,
      metadataMaxAge: 100,
      serializers: stringSerializers,
      ...options,
    })
    suite.closing(() => producer.close(true))
    suite.service.metrics.instrumentBus(producer, { name: 'kafka' })
    return producer
  }
  const messages = (from: number, topic = 'orders') =>
    Array.from({ length: BATCH }, (_, at) => ({ topic, value: String(from + at) }))
  const topic = (metric: string, name = 'orders') => `${metric}{bus="kafka",topic="${name}"}`
  const failure = (reason: string) => `events_failed_total{bus="kafka",reason="${reason}",topic="orders"}`
  const classOf = (error: unknown) => (error as Error).constructor.name

  it('counts what was sent before and after, what could not be sent meanwhile, and what was handled', async () => {
    const producer = producerOf()
    const sends = new Sends(BATCH)
    const send = (from: number) => sends.send(() => producer.send({ messages: messages(from) }))
    let handled = 0
    const handleAll = async (count: number) => {
      const consumer = new Consumer({
        clientId: 'test',
        bootstrapBrokers: [bootstrap.address],
        groupId: 'workers',
        deserializers: stringDeserializers,
        maxWaitTime: 100,
      })
      // The mock broker refuses to list offsets by the version of the protocol that this client speaks.
      const listOffsets = (_: unknown, done: (error: null, listed: Map<string, bigint[]>) => void) =>
        done(null, new Map([['orders', [0n, 0n, 0n, 0n]]]))
      Object.defineProperty(consumer, 'listOffsets', { value: listOffsets })
      suite.service.metrics.instrumentBus(consumer, { name: 'kafka' })
      const stream = await consumer.consume({ topics: ['orders'], mode: 'earliest' })
      const before = handled
      stream.on('data', () => handled++)
      await until('the messages', () => (handled - before === count ? true : undefined), { timeoutMs: 60_000 })
      await consumer.close(true)
    }

    for (let from = 0; from < MESSAGES / 2; from += BATCH) await send(from)
    await handleAll(MESSAGES / 2)
    // Sends are under way when the broker goes.
    const underWay = Promise.all([0, 1, 2].map(() => send(MESSAGES)))
    await suite.broker.stop()
    await underWay
    suite.broker = await MockKafka.start()
    const before = sends.sent
    for (let from = MESSAGES / 2; from < MESSAGES; from += BATCH) {
      await until('the new broker', () => send(from), { timeoutMs: 30_000 })
    }
    await handleAll(sends.sent - before)

    const counts = await suite.service.counts()
    delete counts[topic('consumer_lag')]
    expect(counts).to.deep.equal({
      [topic('events_published_total')]: sends.sent,
      [topic('events_consumed_total')]: handled,
      ...sends.failures(failure),
      ...(counts[topic('events_in_flight')] !== undefined && { [topic('events_in_flight')]: 0 }),
      [topic('processing_duration_seconds_count')]: handled,
      'batch_size_count{bus="kafka",operation="publish",topic="orders"}': (sends.sent + sends.refused) / BATCH,
    })
    expect(sends.refused).to.be.above(0)
    expect(sends.sent).to.be.at.least(MESSAGES)
  })

  it('counts a transaction when it is committed, at once or later, and not one that is aborted', async () => {
    const producer = producerOf(TRANSACTIONAL)
    const published = () => suite.service.total('events_published_total')

    const committed = await producer.beginTransaction()
    for (let i = 0; i < 3; i++) await committed.send({ messages: messages(i * BATCH) })
    expect(await published(), 'not committed yet').to.equal(0)
    await committed.commit()
    expect(await published()).to.equal(3 * BATCH)

    const aborted = await producer.beginTransaction()
    await aborted.send({ messages: messages(0) })
    await aborted.abort()

    const late = await producer.beginTransaction()
    await late.send({ messages: messages(0) })
    const restore = refuseCommits(producer)
    expect(await late.commit().then(() => 'committed', classOf)).to.equal('Refusal')
    restore()
    expect(await suite.service.total('events_failed_total'), 'it may be committed yet').to.equal(0)
    await late.commit()

    for (const giveUp of ['abort', 'cancel'] as const) {
      const lost = await producer.beginTransaction()
      await lost.send({ messages: messages(0) })
      refuseCommits(producer)
      expect(await lost.commit().then(() => 'committed', classOf)).to.equal('Refusal')
      restore()
      await lost[giveUp]()
    }
    await producer.send({ messages: messages(0) })
    // Nothing tells that one was cancelled, until the next one begins.
    await (await producer.beginTransaction()).abort()

    expect(await suite.service.counts()).to.deep.equal({
      [topic('events_published_total')]: 5 * BATCH,
      [topic('events_consumed_total')]: 0,
      [failure('Refusal')]: 2 * BATCH,
      'batch_size_count{bus="kafka",operation="publish",topic="orders"}': 8,
    })
  })
})
