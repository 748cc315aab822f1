import { type Method, overrideMethods } from '../../override-method'
import type { BusWatch } from '../bus-adapter'
import { type BusRecorder, sizeBytesOf } from '../bus-recorder'
import type { TopicSeries } from '../topic-series'
import { countFailed, countPublished, type Part, Transaction } from './kafka-transaction'

interface Sent {
  readonly topic: string
  readonly messages: readonly { readonly value?: unknown }[]
}

interface SentBatch {
  readonly topicMessages?: readonly Sent[]
}

/** What sends: a producer, or the transaction of one; of `@confluentinc/kafka-javascript` they are one object. */
interface Sender {
  send(record: Sent): Promise<unknown>
  sendBatch(batch: SentBatch): Promise<unknown>
  commit?(): Promise<void>
  abort?(): Promise<void>
}

export interface Producer extends Sender {
  transaction(...args: unknown[]): Promise<Sender>
}

/** The series of the messages of one topic that are about to be sent; `undefined` where there are none. */
function topicOf(record: Sent, recorder: BusRecorder): TopicSeries | undefined {
  const messages: unknown = record?.messages
  if (!Array.isArray(messages) || messages.length === 0) return undefined
  const topic = recorder.topic(String(record.topic), messages)
  topic?.recordBatch('publish', messages.length)
  if (recorder.countsBytes) for (const message of messages) topic?.countBytes('publish', sizeBytesOf(message?.value))
  return topic
}

function partsOf(records: unknown, recorder: BusRecorder): Part[] {
  if (!Array.isArray(records)) return []
  return records.flatMap((record: Sent) => {
    const topic = topicOf(record, recorder)
    return topic === undefined ? [] : [{ topic, messages: record.messages.length }]
  })
}

/** Measures a producer and its transactions. */
export function watchProducer(producer: Producer, recorder: BusRecorder): BusWatch {
  const what = `bus "${recorder.name}"`
  /** The transaction of a producer that is its own transaction. */
  let current: Transaction | undefined
  /** A batch is handed over: that of `@confluentinc/kafka-javascript` calls `send`, whose messages count with the batch. */
  let isHandedOver = false

  const sendingAll = <R>(
    send: (record: R) => Promise<unknown>,
    recordsOf: (record: R) => unknown,
    held: () => Transaction | undefined,
  ) =>
    async function (this: unknown, record: R) {
      const startMs = recorder.clock.monotonicMs()
      const transaction = held()
      const parts = partsOf(recordsOf(record), recorder)
      try {
        isHandedOver = true
        let sent: Promise<unknown>
        try {
          sent = Reflect.apply(send, this, [record])
        } finally {
          isHandedOver = false
        }
        const result = await sent
        if (transaction !== undefined) transaction.sent(parts)
        else countPublished(parts, recorder.clock.monotonicMs() - startMs)
        return result
      } catch (error) {
        countFailed(parts, error, recorder.clock.monotonicMs() - startMs)
        throw error
      }
    }
  const sending = (send: Sender['send'], held: () => Transaction | undefined) => {
    const sendHeld = sendingAll(send, (record: Sent) => [record], held)
    return function (this: unknown, record: Sent) {
      if (isHandedOver) return Reflect.apply(send, this, [record])
      if (held() !== undefined) return Reflect.apply(sendHeld, this, [record])
      return recorder.publish(topicOf(record, recorder), send, this, record?.messages?.length, record)
    }
  }
  const committing = (commit: () => Promise<void>, held: () => Transaction | undefined, isFinal: boolean) =>
    async function (this: unknown, ...args: never[]) {
      const transaction = held()
      try {
        await Reflect.apply(commit, this, args)
      } catch (error) {
        transaction?.failed(error, isFinal)
        throw error
      }
      transaction?.committed()
      current = undefined
    }
  const aborting = (abort: () => Promise<void>, held: () => Transaction | undefined) =>
    async function (this: unknown, ...args: never[]) {
      const transaction = held()
      await Reflect.apply(abort, this, args)
      transaction?.aborted()
      current = undefined
    }
  const methods = (sender: Sender, held: () => Transaction | undefined): Record<string, Method> => ({
    send: sending(sender.send, held),
    sendBatch: sendingAll(sender.sendBatch, (batch) => batch?.topicMessages, held),
    // A transaction of its own ends with its commit, however that turns out.
    ...(sender.commit !== undefined && { commit: committing(sender.commit, held, sender !== producer) as Method }),
    ...(sender.abort !== undefined && { abort: aborting(sender.abort, held) as Method }),
  })
  const { transaction } = producer
  const override = overrideMethods(
    producer,
    {
      ...methods(producer, () => current),
      async transaction(this: unknown, ...args: unknown[]) {
        const sender = await Reflect.apply(transaction, this, args)
        const begun = new Transaction()
        if (sender === producer) {
          current?.aborted()
          current = begun
        } else
          overrideMethods(
            sender,
            methods(sender, () => begun),
            what,
          )
        return sender
      },
    },
    what,
  )
  return { stop: () => override.restore() }
}
