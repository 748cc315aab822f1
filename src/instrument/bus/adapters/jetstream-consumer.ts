import { type Override, overrideMethods } from '../../override-method'
import type { TopicLevel } from '../bus-adapter'
import { type AnyFunction, type BusRecorder, sizeBytesOf } from '../bus-recorder'
import type { Delivery } from '../delivery'
import { observeIterable } from '../iteration'
import { NumberedDeliveries } from '../numbered-deliveries'
import { topicMatcher } from '../topic-patterns'
import type { TopicSeries } from '../topic-series'
import { connectionOf, LastDeliveries } from './jetstream-last-deliveries'
import { acknowledgesAll, DeliveryPosition, isLast, type Message, settleBy } from './jetstream-message'

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

type Messages = { [Symbol.asyncIterator](): AsyncIterator<Message> }
type ConsumeOptions = { readonly callback?: (message: Message) => unknown }

/** The part of a pull or push consumer that is used here. */
interface Consumer {
  info(cached?: boolean): Promise<ConsumerInfo>
  consume(options?: ConsumeOptions): Promise<Messages>
  fetch?(options?: unknown): Promise<Messages>
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
  #acknowledgesAll = false
  #maxDeliver = Number.POSITIVE_INFINITY
  #lastDeliveries: LastDeliveries | undefined
  #isStopped = false
  readonly #position = new DeliveryPosition()
  readonly #onAllAcknowledged = (sequence: number) =>
    this.#deliveries.upTo(sequence, (delivery) => delivery.acknowledge())
  readonly #onSettled = (sequence: number) => this.#lastDeliveries?.settled(sequence)
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
    this.#acknowledgesAll = ack_policy === 'all'
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
    const topic = this.#recorder.subscribed(subject, this.#filterOf(subject), message)
    if (topic === undefined) return undefined
    if (this.#recorder.countsBytes) topic.countBytes('process', sizeBytesOf(message.data))
    const { deliveries, sequence } = this.#position.of(message)
    if (deliveries > 1) topic.countRedelivered()
    const delivery = this.#begin(topic)
    if (this.#isAcknowledged) {
      this.#deliveries.add(sequence, delivery)
      settleBy(message, delivery)
      if (this.#acknowledgesAll) acknowledgesAll(message, this.#onAllAcknowledged)
      if (deliveries >= this.#maxDeliver) {
        this.#lastDeliveries?.add(sequence, topic, delivery)
        isLast(message, this.#onSettled)
      }
    }
    return delivery
  }

  #begin(topic: TopicSeries): Delivery {
    // What is acknowledged by a later message is still known to its own, and so cannot serve again.
    if (this.#acknowledgesAll) return this.#recorder.deliver(topic, 1, true)
    return this.#recorder.lend(topic, 1, this.#isAcknowledged).goesOn()
  }

  /** A consumer with one filter gets nothing else. */
  #filterOf(subject: string): string {
    const [only] = this.#filters
    if (this.#filters.length === 1 && only !== undefined) return only.pattern
    return this.#filters.find(({ fits }) => fits(subject))?.pattern ?? subject
  }
}
