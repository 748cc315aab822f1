import { types } from 'node:util'
import type { Clock } from '../../model/clock'
import { isAsyncHandler } from './async-handler'
import { Handling, Publication } from './bus-followers'
import type { BusSeries } from './bus-series'
import { Delivery } from './delivery'
import type { Attributes, MessagingInstruments } from './messaging-series'
import { handingOn, listen } from './settling'
import { Timeouts } from './timeouts'
import type { TopicNames } from './topic-names'
import { isTopicPattern } from './topic-patterns'
import type { TopicSeries } from './topic-series'

/** How many topics are remembered with their series; beyond that the memory is emptied. */
const REMEMBERED_TOPICS = 1000

/** Any function of the application or of a library. */
export type AnyFunction = (this: unknown, ...args: never[]) => unknown

/** A function that publishes or handles. */
type Work<T> = (...args: never[]) => T

export interface RecorderOptions {
  readonly name: string
  readonly clock: Clock
  readonly series: BusSeries
  readonly names: TopicNames
  /** The instruments of the semantic conventions, where they are asked for. */
  readonly messaging: MessagingInstruments | undefined
  /** The attributes of the bus in the semantic conventions. */
  readonly attributes: Attributes
  readonly countsBytes: boolean
  readonly asksDeadLetters: boolean
  readonly timeoutMs: number | undefined
}

/** What an adapter records to: the topics of one bus, and what happens to their events. Nothing here throws of itself. */
export class BusRecorder {
  /** The `bus` label. */
  readonly name: string
  readonly clock: Clock
  /** Whether the sizes of bodies are asked for. */
  readonly countsBytes: boolean
  /** Whether the broker is asked for what it gives up for good. */
  readonly asksDeadLetters: boolean
  readonly #options: RecorderOptions
  readonly #topics = new Map<string, TopicSeries>()
  /** What names lead to, so that each is named once: published or received, and what was subscribed to by a pattern. */
  readonly #named = new Map<string | symbol, TopicSeries | undefined>()
  readonly #subscribed = new Map<string, TopicSeries | undefined>()
  readonly #timeouts: Timeouts | undefined
  /** Those that are at rest, to be used again. */
  readonly #publications: Publication[] = []
  readonly #handlings: Handling[] = []
  readonly #deliveries: Delivery[] = []
  #closed = false

  constructor(options: RecorderOptions) {
    this.name = options.name
    this.clock = options.clock
    this.countsBytes = options.countsBytes
    this.asksDeadLetters = options.asksDeadLetters
    this.#options = options
    if (options.timeoutMs !== undefined) this.#timeouts = new Timeouts(options.clock, options.timeoutMs)
  }

  /** Whether a topic depends on its message, so that it has to be asked for with each. */
  get namesPerMessage(): boolean {
    return this.#options.names.perMessage
  }

  /**
   * The series of a topic as the application or the broker names it; `undefined` where the options leave it out. Give
   * the message as the library has it, for options that look at it.
   */
  topic(topic: string | symbol, message?: unknown): TopicSeries | undefined {
    if (this.#options.names.perMessage) return this.labelled(this.#options.names.nameOf(topic, message))
    if (this.#named.has(topic)) return this.#named.get(topic)
    if (this.#named.size >= REMEMBERED_TOPICS) this.#named.clear()
    const series = this.labelled(this.#options.names.nameOf(topic, message))
    this.#named.set(topic, series)
    return series
  }

  /** The series of a received message: those of the pattern where it was subscribed to by one. */
  subscribed(topic: string, subscription: string, message?: unknown): TopicSeries | undefined {
    const { names } = this.#options
    if (!names.followsSubscription) return this.labelled(names.nameOf(topic, message, subscription))
    if (this.#subscribed.has(subscription)) return this.#subscribed.get(subscription)
    if (!isTopicPattern(subscription)) return this.topic(topic, message)
    if (this.#subscribed.size >= REMEMBERED_TOPICS) this.#subscribed.clear()
    const series = this.labelled(names.nameOf(topic, message, subscription))
    this.#subscribed.set(subscription, series)
    return series
  }

  /** The series of a name that needs no naming any more. */
  labelled(name: string | undefined): TopicSeries | undefined {
    // A topic that came up after the measurement would stay on the page: nobody takes it away.
    if (name === undefined || this.#closed) return undefined
    const { series, messaging, attributes } = this.#options
    const label = series.labelOf(name)
    let topic = this.#topics.get(label)
    if (topic === undefined) {
      topic = series.topic(label, messaging?.acquire(attributes, label))
      this.#topics.set(label, topic)
    }
    return topic
  }

  /**
   * Calls a method that publishes, counts the events as published when what it returns settles, or as failed, and returns
   * or throws what it returns or throws. Without a topic the call is not measured.
   */
  publish<T>(topic: TopicSeries | undefined, method: Work<T>, context: unknown, events: number, ...args: unknown[]): T {
    if (topic === undefined) return Reflect.apply(method, context, args as never[])
    const publication = this.#publications.pop() ?? new Publication(this.#publications, this.clock)
    publication.begin(topic, events)
    let result: T
    try {
      result = Reflect.apply(method, context, args as never[])
    } catch (error) {
      publication.rejected(error)
      throw error
    }
    return isPromise(result) ? handingOn(result, publication) : publication.fulfilled(result)
  }

  /** When publishing to a topic begins, for who learns of its end by a callback; 0 where nobody asks how long it takes. */
  startMsOf(topic: TopicSeries): number {
    return topic.timesPublishing ? this.clock.monotonicMs() : 0
  }

  /** How long publishing has taken that began at `startMs` of {@link startMsOf}. */
  durationMsOf(topic: TopicSeries, startMs: number): number {
    return topic.timesPublishing ? this.clock.monotonicMs() - startMs : 0
  }

  /** A handler gets events. With `acknowledged`, they are consumed when it has acknowledged them, too. */
  deliver(topic: TopicSeries, events = 1, acknowledged = false): Delivery {
    return new Delivery(this.clock, this.#timeouts).begin(topic, events, acknowledged).goesOn()
  }

  /** As {@link deliver}, for who speaks of the delivery no more when it has ended well: another event will have it. */
  lend(topic: TopicSeries, events = 1, acknowledged = false): Delivery {
    const delivery = this.#deliveries.pop() ?? new Delivery(this.clock, this.#timeouts, this.#deliveries)
    return delivery.begin(topic, events, acknowledged)
  }

  /**
   * Calls a handler with one event and counts and times how it goes, as {@link run} does. Without a topic the call is not
   * measured.
   */
  handle(
    topic: TopicSeries | undefined,
    handler: AnyFunction,
    context: unknown,
    isDropped: boolean | (() => boolean),
    ...args: unknown[]
  ): unknown {
    if (topic === undefined) return Reflect.apply(handler, context, args as never[])
    return this.run(this.lend(topic), handler, context, isDropped, ...args)
  }

  /**
   * Calls a handler and tells the delivery how it went. A promise that the library does not look at (`isDropped`, asked
   * when it is rejected if it is a function) stays as unhandled as it was where it comes from an async function: then
   * nobody else can have handled it.
   */
  run(
    delivery: Delivery,
    handler: AnyFunction,
    context: unknown,
    isDropped: boolean | (() => boolean),
    ...args: unknown[]
  ): unknown {
    const result = this.#call(delivery, handler, context, ...args)
    if (isPromise(result)) {
      const handling = this.#handling(delivery)
      const rethrows = isDropped !== false && isAsyncHandler(handler)
      listen(result, handling.fulfilled, rethrows ? handling.rethrowingIf(isDropped) : handling.rejected)
    } else delivery.handled()
    return result
  }

  /**
   * Calls a handler with events, counts and times how it goes, and returns or throws what it returns or throws. Without a
   * topic the call is not measured.
   */
  process<T>(
    topic: TopicSeries | undefined,
    handler: Work<T>,
    context: unknown,
    events: number,
    ...args: unknown[]
  ): T {
    if (topic === undefined) return Reflect.apply(handler, context, args as never[])
    const delivery = this.lend(topic, events)
    const result = this.#call(delivery, handler, context, ...args)
    if (isPromise(result)) return handingOn(result, this.#handling(delivery))
    delivery.handled()
    return result
  }

  #call<T>(delivery: Delivery, handler: Work<T>, context: unknown, ...args: unknown[]): T {
    try {
      return Reflect.apply(handler, context, args as never[])
    } catch (error) {
      delivery.fail(error)
      throw error
    }
  }

  #handling(delivery: Delivery): Handling {
    return (this.#handlings.pop() ?? new Handling(this.#handlings)).of(delivery.goesOn())
  }

  /** Records no more. */
  close(): void {
    this.#closed = true
    this.#timeouts?.stop()
    for (const topic of this.#topics.values()) topic.close()
  }
}

function isPromise(result: unknown): result is Promise<unknown> {
  return typeof result === 'object' && types.isPromise(result)
}

/** The size of a body in bytes, where it is text or bytes; 0 for anything else. */
export function sizeBytesOf(body: unknown): number {
  if (typeof body === 'string') return Buffer.byteLength(body)
  return ArrayBuffer.isView(body) || body instanceof ArrayBuffer ? body.byteLength : 0
}
