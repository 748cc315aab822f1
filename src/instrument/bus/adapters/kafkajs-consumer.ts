import { overrideMethods } from '../../override-method'
import type { BusWatch, TopicLevel } from '../bus-adapter'
import { type AnyFunction, type BusRecorder, sizeBytesOf } from '../bus-recorder'

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
          partitions.of(payload.topic, payload.partition).lags(Number(payload.offsetLag)),
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
  // The client waits for whatever a handler returns; what is no promise of the language's own is measured as one, too.
  const promised = (payload: EachMessage) => Promise.resolve(handler(payload))
  return (payload) => {
    const { topic: name, partition, message } = payload
    const topic = recorder.topic(name, message)
    if (partitions.of(name, partition).isAgain(message.offset)) topic?.countRedelivered()
    if (recorder.countsBytes) topic?.countBytes('process', sizeBytesOf(message.value))
    return recorder.handle(topic, promised as AnyFunction, undefined, false, payload) as Promise<unknown>
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
    const read = partitions.of(name, partition)
    const again = messages.filter(({ offset }) => read.isAgain(offset)).length
    const last = messages.at(-1)?.offset
    if (batch.highWatermark !== undefined && last !== undefined) {
      read.lags(Math.max(0, Number(batch.highWatermark) - 1 - Number(last)))
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

/** How far a partition was read, and how far behind that was. */
class Partition {
  /** `undefined` until the client tells it. */
  lag: number | undefined
  #offset = -1

  /** Whether a message was given before: its offset is not behind the last one. */
  isAgain(offset: string | undefined): boolean {
    const at = Number(offset)
    if (at <= this.#offset) return true
    if (offset !== undefined) this.#offset = at
    return false
  }

  lags(lag: number): void {
    if (Number.isFinite(lag)) this.lag = lag
  }
}

class Partitions {
  readonly #topics = new Map<string, Map<number, Partition>>()

  of(topic: string, number: number): Partition {
    let partitions = this.#topics.get(topic)
    if (partitions === undefined) {
      partitions = new Map()
      this.#topics.set(topic, partitions)
    }
    let partition = partitions.get(number)
    if (partition === undefined) {
      partition = new Partition()
      partitions.set(number, partition)
    }
    return partition
  }

  levels(): TopicLevel[] {
    return [...this.#topics].flatMap(([topic, partitions]) =>
      [...partitions.values()].map(({ lag }) => ({ topic, lag })),
    )
  }
}
