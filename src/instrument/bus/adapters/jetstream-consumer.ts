import { type Override, overrideMethods } from '../../override-method'
import type { TopicLevel } from '../bus-adapter'
import { type AnyFunction, type BusRecorder, sizeBytesOf } from '../bus-recorder'
import type { Delivery } from '../delivery'
import { observeIterable } from '../iteration'
import { NumberedDeliveries } from '../numbered-deliveries'
import { topicMatcher } from '../topic-patterns'
import type { TopicSeries } from '../topic-series'
import { connectionOf, LastDeliveries } from './jetstream-last-deliveries'

interface ConsumerInfo {
  readonly stream_name?: string
  readonly name?: string
  readonly num_pending?: number
  readonly config?: {
    readonly ack_policy?: string
    readonly max_deliver?: number
    readonly filter_subject?: string
    readonly filter_subjects?: readonly string[]
  }
}

/** The part of JetStream's `JsMsg` that is used here. */
interface Message {
  readonly subject: string
  readonly data?: Uint8Array
  readonly redelivered: boolean
  readonly seq: number
  readonly info?: { readonly deliveryCount: number }
  [DELIVERY]?: Delivery
  /** Where it is not delivered again: what there is to be told of that it is settled. */
  [LAST]?: (sequence: number) => void
}

type Messages = { [Symbol.asyncIterator](): AsyncIterator<Message> }
type ConsumeOptions = { readonly callback?: (message: Message) => unknown }

/** The part of a pull or push consumer that is used here. */
interface Consumer {
  info(cached?: boolean): Promise<ConsumerInfo>
  consume(options?: ConsumeOptions): Promise<Messages>
  fetch?(options?: unknown): Promise<Messages>
}

const DELIVERY = Symbol('delivery')
const LAST = Symbol('last')

/** What a message's own methods are overridden with: the library's, and what they mean for the delivery. */
const SETTLEMENTS: Readonly<Record<string, (delivery: Delivery, isLast: boolean) => void>> = {
  ack: (delivery) => delivery.acknowledge(),
  next: (delivery) => delivery.acknowledge(),
  nak: (delivery, isLast) => delivery.reject('nak', isLast),
  term: (delivery) => delivery.reject('term', true),
}

/** One consumer of JetStream under measurement. */
export class JetStreamConsumer {
  readonly #consumer: Consumer
  readonly #recorder: BusRecorder
  readonly #override: Override
  /** By sequence in the stream, by which a redelivered message is known. */
  readonly #deliveries = new NumberedDeliveries()
  readonly #iterables = new Set<() => void>()
  #filters: readonly { readonly pattern: string; readonly fits: (subject: string) => boolean }[] = []
  #isAcknowledged = true
  #maxDeliver = Number.POSITIVE_INFINITY
  #lastDeliveries: LastDeliveries | undefined
  #isStopped = false
  readonly #ready: Promise<void>

  constructor(consumer: object, recorder: BusRecorder) {
    this.#consumer = consumer as Consumer
    this.#recorder = recorder
    // What the consumer was made with: it has that already, and asks nobody.
    this.#ready = this.#consumer.info(true).then(
      (info) => this.#configure(info),
      () => undefined,
    )
    const { consume, fetch } = this.#consumer
    this.#override = overrideMethods(
      consumer,
      {
        consume: async (options?: ConsumeOptions) => {
          await this.#ready
          return this.#observed(await Reflect.apply(consume, consumer, [this.#withCallback(options)]))
        },
        ...(fetch !== undefined && {
          fetch: async (options?: unknown) => {
            await this.#ready
            return this.#observed(await Reflect.apply(fetch, consumer, [options]))
          },
        }),
      },
      `bus "${recorder.name}"`,
    )
  }

  stop(): void {
    this.#override.restore()
    for (const stop of this.#iterables) stop()
    this.#iterables.clear()
    this.#isStopped = true
    this.#lastDeliveries?.stop()
  }

  async level(): Promise<readonly TopicLevel[]> {
    const { stream_name, num_pending, config } = await this.#consumer.info()
    const topic = config?.filter_subject ?? config?.filter_subjects?.[0] ?? stream_name
    return topic === undefined ? [] : [{ topic, lag: num_pending }]
  }

  #configure({ stream_name, name, config = {} }: ConsumerInfo): void {
    const { ack_policy, max_deliver = -1, filter_subject, filter_subjects } = config
    this.#isAcknowledged = ack_policy !== 'none'
    if (max_deliver > 0) this.#maxDeliver = max_deliver
    const subjects = filter_subjects ?? (filter_subject === undefined ? [] : [filter_subject])
    this.#filters = subjects.map((pattern) => ({ pattern, fits: topicMatcher(pattern, '.') }))
    const connection = connectionOf(Reflect.get(this.#consumer, 'api'))
    const isAsked = this.#recorder.asksDeadLetters && this.#isAcknowledged && max_deliver > 0 && !this.#isStopped
    if (!isAsked || connection === undefined || stream_name === undefined || name === undefined) return
    this.#lastDeliveries = new LastDeliveries(connection, stream_name, name)
  }

  #withCallback(options: ConsumeOptions | undefined): ConsumeOptions | undefined {
    const callback = options?.callback
    if (typeof callback !== 'function') return options
    return {
      ...options,
      callback: (message) => {
        const delivery = this.#deliver(message)
        if (delivery === undefined) return callback(message)
        return this.#recorder.run(delivery, callback as AnyFunction, undefined, true, message)
      },
    }
  }

  #observed(messages: Messages): Messages {
    const stop = observeIterable(messages, {
      got: (message) => {
        const delivery = this.#deliver(message)
        return () => delivery?.handled()
      },
    })
    this.#iterables.add(stop)
    const closed: unknown = Reflect.get(messages, 'iterClosed')
    if (closed instanceof Promise) void closed.finally(() => this.#iterables.delete(stop))
    return messages
  }

  #deliver(message: Message): Delivery | undefined {
    const { subject } = message
    const filter = this.#filters.find(({ fits }) => fits(subject))?.pattern ?? subject
    const topic = this.#recorder.subscribed(subject, filter, message)
    if (topic === undefined) return undefined
    if (this.#recorder.countsBytes) topic.countBytes('process', sizeBytesOf(message.data))
    if (message.redelivered) topic.countRedelivered()
    const delivery = this.#recorder.deliver(topic, 1, this.#isAcknowledged)
    if (this.#isAcknowledged) {
      this.#deliveries.add(message.seq, delivery)
      settleBy(message, delivery)
      if ((message.info?.deliveryCount ?? 0) >= this.#maxDeliver) this.#isLast(message, topic, delivery)
    }
    return delivery
  }

  #isLast(message: Message, topic: TopicSeries, delivery: Delivery): void {
    this.#lastDeliveries?.add(message.seq, topic, delivery)
    message[LAST] = (sequence) => this.#lastDeliveries?.settled(sequence)
  }
}

/** Overrides the methods by which a message is acknowledged, as its own: it lives no longer than its handling. */
function settleBy(message: Message, delivery: Delivery): void {
  message[DELIVERY] = delivery
  for (const [key, method] of SETTLING) Reflect.set(message, key, method)
}

/** The same functions for every message, so that a message costs no closures. */
const SETTLING: readonly (readonly [string, AnyFunction])[] = [
  ...Object.entries(SETTLEMENTS).map(([key, settle]) => [key, settlingMethod(key, settle)] as const),
  ['ackAck', ackAck],
]

function settlingMethod(key: string, settle: (delivery: Delivery, isLast: boolean) => void): AnyFunction {
  return function (this: unknown, ...args) {
    const message = this as Message
    const result = Reflect.apply(Reflect.get(Object.getPrototypeOf(message), key), message, args)
    if (message[DELIVERY] !== undefined) settle(message[DELIVERY], message[LAST] !== undefined)
    message[LAST]?.(message.seq)
    return result
  }
}

/** Acknowledged when the server says so. Without its answer the message may come again, which then tells. */
async function ackAck(this: unknown, ...args: never[]): Promise<unknown> {
  const message = this as Message
  const result = await Reflect.apply(Reflect.get(Object.getPrototypeOf(message), 'ackAck'), message, args)
  message[DELIVERY]?.acknowledge()
  message[LAST]?.(message.seq)
  return result
}
