import { expect } from 'chai'
import { BusHarness } from './bus-harness'

interface Sent {
  readonly topic: string
  readonly messages: readonly ({ readonly value: string } | null)[]
}

/** A producer, or a transaction, whose sendings and commits end as a test has it. */
class SenderDouble {
  outcome: Promise<unknown> = Promise.resolve()
  readonly connect = async () => {}
  readonly send = async (record: Sent) => {
    for (const message of record.messages) if (message === null) throw new TypeError('null')
    await this.outcome
  }
  readonly sendBatch = async (_batch: object) => this.outcome
  readonly commit = async () => this.outcome
  readonly abort = async () => this.outcome
}

/** The producer of kafkajs, whose transactions are objects of their own. */
class KafkaJsDouble extends SenderDouble {
  readonly begun = new SenderDouble()
  readonly transaction = async () => this.begun
}

/** That of `@confluentinc/kafka-javascript`, which is its own transaction and sends batches by `send`. */
class ConfluentDouble extends SenderDouble {
  override readonly sendBatch = async (batch: { topicMessages?: readonly Sent[] }) =>
    Promise.all((batch.topicMessages ?? []).map((record) => this.send(record)))
  readonly begun = this
  readonly transaction = async () => this
}

describe('instrumentBus: the producer of kafkajs', () => {
  let harness: BusHarness
  beforeEach(() => {
    harness = new BusHarness()
  })
  afterEach(() => harness.close())

  const record = (messages = 3): Sent => ({ topic: 'orders', messages: Array(messages).fill({ value: 'lamp' }) })
  const failing = () => {
    const failure = Promise.reject(new RangeError('no'))
    failure.catch(() => undefined)
    return failure
  }
  const outcomeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: Error) => error.constructor.name,
    )
  const counts = async () => {
    const { 'events_published_total{topic="orders"}': published, ...all } = await harness.counts()
    return { published, failed: all['events_failed_total{reason="RangeError",topic="orders"}'] }
  }

  it('rejects a message that is none as it does without measuring', async () => {
    const producer = new KafkaJsDouble()
    harness.instrument(producer, { bytes: true })
    const sent: unknown = producer.send({ topic: 'orders', messages: [null] })
    expect(sent).to.be.instanceOf(Promise)
    expect(await outcomeOf(sent as Promise<void>)).to.equal('TypeError')
    expect(await harness.counts()).to.include({ 'events_failed_total{reason="TypeError",topic="orders"}': 1 })
  })

  for (const Producer of [KafkaJsDouble, ConfluentDouble]) {
    describe(`transactions of ${Producer.name}`, () => {
      let producer: KafkaJsDouble | ConfluentDouble
      let sender: SenderDouble
      beforeEach(async () => {
        producer = new Producer()
        sender = producer.begun
        harness.instrument(producer)
        await producer.transaction()
      })

      it('count when they are committed', async () => {
        await sender.send(record())
        await sender.sendBatch({ topicMessages: [record(2), record(4)] })
        expect(await counts()).to.deep.equal({ published: 0, failed: undefined })
        await sender.commit()
        expect(await counts()).to.deep.equal({ published: 9, failed: undefined })
      })

      it('do not count where they are aborted', async () => {
        await sender.send(record())
        await sender.abort()
        expect(await counts()).to.deep.equal({ published: 0, failed: undefined })
      })

      it('count what ends to be sent after the commit', async () => {
        const slow = Promise.withResolvers<void>()
        sender.outcome = slow.promise
        const sent = sender.send(record())
        sender.outcome = Promise.resolve()
        await sender.commit()
        slow.resolve()
        await sent
        expect(await counts()).to.deep.equal({ published: 3, failed: undefined })
      })

      it('fail with a commit that fails', async () => {
        await sender.send(record())
        sender.outcome = failing()
        expect(await outcomeOf(sender.commit())).to.equal('RangeError')
        sender.outcome = Promise.resolve()
        await sender.abort()
        expect(await counts()).to.deep.equal({ published: 0, failed: 3 })
      })
    })
  }

  it('counts batches once, whichever way they are sent', async () => {
    for (const producer of [new KafkaJsDouble(), new ConfluentDouble()]) {
      harness.instrument(producer)
      await producer.sendBatch({ topicMessages: [record(2), record(4)] })
    }
    expect(await counts()).to.deep.equal({ published: 12, failed: undefined })
  })

  it('that is its own transaction may commit anew', async () => {
    const producer = new ConfluentDouble()
    harness.instrument(producer)
    await producer.transaction()
    await producer.send(record())
    producer.outcome = failing()
    expect(await outcomeOf(producer.commit())).to.equal('RangeError')
    producer.outcome = Promise.resolve()
    await producer.commit()
    expect(await counts()).to.deep.equal({ published: 3, failed: undefined })
  })
})
