import { type Method, overrideMethods } from '../../override-method'
import type { BusWatch } from '../bus-adapter'
import { type BusRecorder, sizeBytesOf } from '../bus-recorder'
import type { TopicSeries } from '../topic-series'

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

/** Messages of one topic that were sent, to be counted. */
interface Part {
  readonly topic: TopicSeries
  readonly messages: number
}

/** The series of the messages of one topic that are about to be sent; `undefined` where there are none. */
function topicOf(record: Sent, recorder: BusRecorder): TopicSeries | undefined {
  const messages = record?.messages
  if (!Array.isArray(messages) || messages.length === 0) return undefined
  const topic = recorder.topic(String(record.topic), messages)
  topic?.recordBatch('publish', messages.length)
  if (recorder.countsBytes) for (const { value } of messages) topic?.countBytes('publish', sizeBytesOf(value))
  return topic
}

function partsOf(records: readonly Sent[], recorder: BusRecorder): Part[] {
  return records.flatMap((record) => {
    const topic = topicOf(record, recorder)
    return topic === undefined ? [] : [{ topic, messages: record.messages.length }]
  })
}

/** Measures a producer and its transactions. */
export function watchProducer(producer: Producer, recorder: BusRecorder): BusWatch {
  const what = `bus "${recorder.name}"`
  /** What the transaction of a producer that is its own transaction has sent. */
  let pending: Part[] | undefined

  const sendingAll = <R>(
    send: (record: R) => Promise<unknown>,
    recordsOf: (record: R) => readonly Sent[],
    held: () => Part[] | undefined,
  ) =>
    async function (this: unknown, record: R) {
      const startMs = recorder.clock.monotonicMs()
      const transaction = held()
      const parts = partsOf(recordsOf(record), recorder)
      try {
        const result = await Reflect.apply(send, this, [record])
        if (transaction !== undefined) transaction.push(...parts)
        else
          for (const { topic, messages } of parts)
            topic.countPublished(messages, recorder.clock.monotonicMs() - startMs)
        return result
      } catch (error) {
        const durationMs = recorder.clock.monotonicMs() - startMs
        for (const { topic, messages } of parts) topic.countPublishFailed(error, messages, durationMs)
        throw error
      }
    }
  const sending = (send: Sender['send'], held: () => Part[] | undefined) => {
    const sendHeld = sendingAll(send, (record: Sent) => [record], held)
    return function (this: unknown, record: Sent) {
      if (held() !== undefined) return Reflect.apply(sendHeld, this, [record])
      return recorder.publish(topicOf(record, recorder), send, this, record?.messages?.length, record)
    }
  }
  const ending = (end: () => Promise<void>, taken: () => Part[], isCommit: boolean) =>
    async function (this: unknown, ...args: never[]) {
      const parts = taken()
      try {
        await Reflect.apply(end, this, args)
      } catch (error) {
        if (isCommit) for (const { topic, messages } of parts) topic.countPublishFailed(error, messages)
        throw error
      }
      if (isCommit) for (const { topic, messages } of parts) topic.countPublished(messages)
    }
  const methods = (sender: Sender, held: () => Part[] | undefined, taken: () => Part[]): Record<string, Method> => ({
    send: sending(sender.send, held),
    sendBatch: sendingAll(sender.sendBatch, (batch) => batch?.topicMessages ?? [], held),
    ...(sender.commit !== undefined && { commit: ending(sender.commit, taken, true) as Method }),
    ...(sender.abort !== undefined && { abort: ending(sender.abort, taken, false) as Method }),
  })
  const takePending = (): Part[] => {
    const parts = pending ?? []
    pending = undefined
    return parts
  }
  const { transaction } = producer
  const override = overrideMethods(
    producer,
    {
      ...methods(producer, () => pending, takePending),
      async transaction(this: unknown, ...args: unknown[]) {
        const sender = await Reflect.apply(transaction, this, args)
        if (sender === producer) {
          pending = []
          return sender
        }
        let parts: Part[] = []
        const taken = () => parts.splice(0)
        overrideMethods(
          sender,
          methods(sender, () => parts, taken),
          what,
        )
        parts = []
        return sender
      },
    },
    what,
  )
  return { stop: () => override.restore() }
}
