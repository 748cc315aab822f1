import { overrideMethods } from '../../override-method'
import type { BusWatch, TopicLevel } from '../bus-adapter'
import { type BusRecorder, sizeBytesOf } from '../bus-recorder'

interface Message {
  readonly value?: unknown
  readonly offset?: string
}

interface EachMessage {
  readonly topic: string
  readonly partition: number
  readonly message: Message
}

interface EachBatch {
  readonly batch: {
    readonly topic: string
    readonly partition: number
    readonly highWatermark?: string
    readonly messages: readonly Message[]
  }
  resolveOffset(offset: string): void
}

interface RunConfig {
  readonly eachMessage?: (payload: EachMessage) => Promise<unknown>
  readonly eachBatch?: (payload: EachBatch) => Promise<unknown>
}

interface EndOfBatch {
  readonly payload: { readonly topic: string; readonly partition: number; readonly offsetLag: string }
}

export interface Consumer {
  run(config?: RunConfig): Promise<unknown>
  readonly events?: { readonly END_BATCH_PROCESS?: string }
  on?(event: string, listener: (event: EndOfBatch) => void): () => void
}

/** Measures what a consumer's `run` hands to the application. */
export function watchConsumer(consumer: Consumer, recorder: BusRecorder): BusWatch {
  const partitions = new Partitions()
  const { run } = consumer
  const override = overrideMethods(
    consumer,
    {
      run(this: unknown, config: RunConfig = {}) {
        const { eachMessage, eachBatch } = config
        return Reflect.apply(run, this, [
          {
            ...config,
            ...(typeof eachMessage === 'function' && {
              eachMessage: handlingMessages(eachMessage, recorder, partitions),
            }),
            ...(typeof eachBatch === 'function' && { eachBatch: handlingBatches(eachBatch, recorder, partitions) }),
          },
        ])
      },
    },
    `bus "${recorder.name}"`,
  )
  const event = endOfBatch(consumer)
  // kafkajs tells how far behind a batch was; the other says so with the batch.
  const unlisten =
    event === undefined
      ? undefined
      : consumer.on?.(event, ({ payload }) =>
          partitions.lags(payload.topic, payload.partition, Number(payload.offsetLag)),
        )
  return {
    stop() {
      override.restore()
      unlisten?.()
    },
    levels: () => partitions.levels(),
  }
}

function endOfBatch(consumer: Consumer): string | undefined {
  try {
    return consumer.events?.END_BATCH_PROCESS
  } catch {
    // `@confluentinc/kafka-javascript` has the property, to say that it has no events.
    return undefined
  }
}

function handlingMessages(
  handler: (payload: EachMessage) => Promise<unknown>,
  recorder: BusRecorder,
  partitions: Partitions,
): (payload: EachMessage) => Promise<unknown> {
  return async (payload) => {
    const { topic: name, partition, message } = payload
    const topic = recorder.topic(name, message)
    const isAgain = partitions.isAgain(name, partition, message.offset)
    if (topic === undefined) return handler(payload)
    if (isAgain) topic.countRedelivered()
    if (recorder.countsBytes) topic.countBytes('process', sizeBytesOf(message.value))
    const delivery = recorder.deliver(topic)
    try {
      const result = await handler(payload)
      delivery.handled()
      return result
    } catch (error) {
      delivery.fail(error)
      throw error
    }
  }
}

function handlingBatches(
  handler: (payload: EachBatch) => Promise<unknown>,
  recorder: BusRecorder,
  partitions: Partitions,
): (payload: EachBatch) => Promise<unknown> {
  return async (payload) => {
    const { batch } = payload
    const { messages, topic: name, partition } = batch
    const topic = recorder.topic(name, batch)
    const again = messages.filter(({ offset }) => partitions.isAgain(name, partition, offset)).length
    const last = messages.at(-1)?.offset
    if (batch.highWatermark !== undefined && last !== undefined) {
      partitions.lags(name, partition, Math.max(0, Number(batch.highWatermark) - 1 - Number(last)))
    }
    if (topic === undefined) return handler(payload)
    if (again > 0) topic.countRedelivered(again)
    topic.recordBatch('process', messages.length)
    if (recorder.countsBytes) for (const { value } of messages) topic.countBytes('process', sizeBytesOf(value))
    const delivery = recorder.deliver(topic, messages.length)
    // What was resolved before the handler failed is handled: the client goes on behind it.
    let resolved = Number.NEGATIVE_INFINITY
    const { resolveOffset } = payload
    const observed: EachBatch = Object.assign(Object.create(Object.getPrototypeOf(payload)), payload, {
      resolveOffset(offset: string) {
        resolved = Math.max(resolved, Number(offset))
        return resolveOffset(offset)
      },
    })
    try {
      const result = await handler(observed)
      delivery.handled()
      return result
    } catch (error) {
      delivery.failLast(error, messages.filter(({ offset }) => !(Number(offset) <= resolved)).length)
      throw error
    }
  }
}

/** How far each partition was read, and how far behind that was. */
class Partitions {
  readonly #offsets = new Map<string, Map<number, number>>()
  readonly #lags = new Map<string, Map<number, number>>()

  /** Whether a message was given before: its offset is not behind the last one. */
  isAgain(topic: string, partition: number, offset: string | undefined): boolean {
    if (offset === undefined) return false
    const offsets = this.#offsets.get(topic) ?? new Map<number, number>()
    this.#offsets.set(topic, offsets)
    const at = Number(offset)
    const last = offsets.get(partition)
    if (last !== undefined && at <= last) return true
    offsets.set(partition, at)
    return false
  }

  lags(topic: string, partition: number, lag: number): void {
    if (!Number.isFinite(lag)) return
    const lags = this.#lags.get(topic) ?? new Map<number, number>()
    this.#lags.set(topic, lags)
    lags.set(partition, lag)
  }

  levels(): TopicLevel[] {
    return [...this.#lags].map(([topic, lags]) => ({
      topic,
      lag: [...lags.values()].reduce((sum, lag) => sum + lag, 0),
    }))
  }
}
