import { channel, tracingChannel } from 'node:diagnostics_channel'
import { hasMethods } from '../../has-methods'
import { overrideMethods } from '../../override-method'
import type { BusAdapter, BusWatch, TopicLevel } from '../bus-adapter'
import { type BusRecorder, sizeBytesOf } from '../bus-recorder'
import type { EventMeasure } from '../emitter/event-listeners'
import { observeIterable } from '../iteration'
import { type EmitterBus, measureEmit } from './emitter'
import { countFailed, countPublished, type Part, Transaction } from './kafka-transaction'

interface Message {
  readonly topic: string
  readonly value?: unknown
}

interface Producer {
  /** The one under way. */
  readonly transaction?: object | undefined
  send(options: { readonly messages: readonly Message[] }, ...rest: unknown[]): unknown
}

type Stream = EmitterBus & { [Symbol.asyncIterator](): AsyncIterator<Message> }

interface Consumer {
  readonly groupId?: string
  consume(...args: unknown[]): unknown
}

/** A send that is under way. */
interface Sending {
  readonly startMs: number
  readonly transaction: object | undefined
}

/** What the library publishes to its diagnostics channels: which client it is about, and what came of it. */
interface Traced {
  readonly client?: object
  readonly operation?: string
  readonly transaction?: object
  readonly options?: { readonly messages?: readonly Message[] }
  readonly result?: unknown
  readonly error?: unknown
}

interface Lag {
  readonly client?: object
  /** Lags by topic, of each partition; -1 where the consumer has none. */
  readonly lag?: ReadonlyMap<string, readonly bigint[]>
}

const isProducer = (bus: object): bus is Producer => hasMethods(bus, 'send', 'initIdempotentProducer', 'close')
const isConsumer = (bus: object): bus is Consumer =>
  hasMethods(bus, 'consume', 'fetch', 'commit', 'listOffsets', 'close')

/**
 * Kafka by `@platformatic/kafka`: a Producer or a Consumer, from the library's own diagnostics channels. Published is what
 * the broker took. Consumed is what a listener of a stream's `data` handled, or what a loop over it was done with.
 */
export const platformaticKafkaAdapter: BusAdapter<Producer | Consumer> = {
  library: '@platformatic/kafka',
  system: 'kafka',

  recognises(bus) {
    return isProducer(bus) || isConsumer(bus)
  },

  attributes(bus): Readonly<Record<string, string>> {
    const group = 'groupId' in bus ? bus.groupId : undefined
    return typeof group === 'string' ? { 'messaging.consumer.group.name': group } : {}
  },

  watch(bus, recorder) {
    return isProducer(bus) ? watchProducer(bus, recorder) : watchConsumer(bus, recorder)
  },
}

function watchProducer(producer: Producer, recorder: BusRecorder): BusWatch {
  const sends = tracingChannel('plt:kafka:producer:sends')
  const starts = new WeakMap<object, Sending>()
  const held = new WeakMap<object, Transaction>()
  /** The transaction that was begun last. */
  let last: Transaction | undefined
  const start = (message: unknown): void => {
    const traced = message as Traced
    if (traced.client !== producer) return
    starts.set(traced, { startMs: recorder.clock.monotonicMs(), transaction: producer.transaction })
  }
  // Told once a send, with its result or its error; before the producer's caller is.
  const asyncStart = (message: unknown): void => {
    const { client, options, error } = message as Traced
    if (client !== producer) return
    const { startMs = recorder.clock.monotonicMs(), transaction } = starts.get(message as object) ?? {}
    const durationMs = recorder.clock.monotonicMs() - startMs
    const parts: Part[] = []
    for (const [name, messages] of byTopic(options?.messages ?? [])) {
      const topic = recorder.topic(name, messages)
      if (topic === undefined) continue
      topic.recordBatch('publish', messages.length)
      if (recorder.countsBytes) for (const { value } of messages) topic.countBytes('publish', sizeBytesOf(value))
      parts.push({ topic, messages: messages.length })
    }
    if (error !== undefined) countFailed(parts, error, durationMs)
    else if (transaction !== undefined) of(transaction).sent(parts)
    else countPublished(parts, durationMs)
  }
  const of = (transaction: object): Transaction => {
    const known = held.get(transaction) ?? new Transaction()
    held.set(transaction, known)
    return known
  }
  const transacted = (message: unknown): void => {
    const { client, operation, error, transaction } = message as Traced
    if (client !== producer) return
    if (operation === 'begin') {
      // No channel tells of one that was cancelled after it could not be committed.
      last?.aborted()
      last = producer.transaction === undefined ? undefined : of(producer.transaction)
    }
    if (transaction === undefined) return
    if (operation === 'commit' && error === undefined) of(transaction).committed()
    else if (operation === 'commit') of(transaction).failed(error, false)
    else if (operation === 'abort' && error === undefined) of(transaction).aborted()
  }
  const transactions = tracingChannel('plt:kafka:producer:transactions')
  const sending = { start, asyncStart, end: ignore, asyncEnd: ignore, error: ignore }
  const transacting = { start: ignore, asyncStart: transacted, end: ignore, asyncEnd: ignore, error: ignore }
  sends.subscribe(sending)
  transactions.subscribe(transacting)
  return {
    stop() {
      sends.unsubscribe(sending)
      transactions.unsubscribe(transacting)
    },
  }
}

function watchConsumer(consumer: Consumer, recorder: BusRecorder): BusWatch {
  const stops = new Set<() => void>()
  const watched = new WeakSet<object>()
  let levels: TopicLevel[] = []
  const lags = channel('plt:kafka:consumer:lag')
  const onLag = (message: unknown): void => {
    const { client, lag } = message as Lag
    if (client !== consumer || !(lag instanceof Map)) return
    levels = [...lag].map(([topic, partitions]: [string, readonly bigint[]]) => ({
      topic,
      lag: partitions.reduce((sum, one) => sum + Math.max(0, Number(one)), 0),
    }))
  }
  lags.subscribe(onLag)

  const watch = (stream: unknown): void => {
    if (typeof stream !== 'object' || stream === null || watched.has(stream)) return
    watched.add(stream)
    const stop = watchStream(stream as Stream, recorder)
    stops.add(stop)
    ;(stream as { once?: (event: string, listener: () => void) => void }).once?.('close', () => stops.delete(stop))
  }
  const { consume } = consumer
  const override = overrideMethods(
    consumer,
    {
      consume(this: unknown, ...args: unknown[]) {
        const callback = args.at(-1)
        if (typeof callback === 'function') {
          args[args.length - 1] = (error: unknown, stream: unknown) => {
            watch(stream)
            return callback(error, stream)
          }
          return Reflect.apply(consume, this, args)
        }
        const result = Reflect.apply(consume, this, args)
        return result instanceof Promise
          ? result.then((stream) => {
              watch(stream)
              return stream
            })
          : result
      },
    },
    `bus "${recorder.name}"`,
  )
  return {
    stop() {
      override.restore()
      lags.unsubscribe(onLag)
      for (const stop of stops) stop()
      stops.clear()
    },
    levels: () => levels,
  }
}

function watchStream(stream: Stream, recorder: BusRecorder): () => void {
  const topicOf = (message: Message) => {
    const topic = recorder.topic(String(message?.topic), message)
    if (recorder.countsBytes) topic?.countBytes('process', sizeBytesOf(message?.value))
    return topic
  }
  const data: EventMeasure = { emitted: (_event, message) => topicOf(message as Message) }
  const stopEmit = measureEmit(stream, recorder, (event) => (event === 'data' ? data : undefined))
  const stopLoop = observeIterable<Message>(stream, {
    got(message) {
      const topic = topicOf(message)
      const delivery = topic === undefined ? undefined : recorder.deliver(topic)
      return () => delivery?.handled()
    },
  })
  return () => {
    stopLoop()
    stopEmit()
  }
}

function byTopic(messages: readonly Message[]): Map<string, Message[]> {
  const topics = new Map<string, Message[]>()
  for (const message of messages) {
    const others = topics.get(message.topic)
    if (others === undefined) topics.set(message.topic, [message])
    else others.push(message)
  }
  return topics
}

function ignore(): void {}
