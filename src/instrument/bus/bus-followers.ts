import type { Clock } from '../../model/clock'
import { Delivery } from './delivery'
import { Follower } from './follower'
import type { Timeouts } from './timeouts'
import type { TopicSeries } from './topic-series'

/** Counts events as published, or as failed. */
export class Publication extends Follower {
  readonly #clock: Clock
  #topic: TopicSeries | undefined
  #events = 1
  #startMs = 0

  constructor(idle: Publication[], clock: Clock) {
    super(idle)
    this.#clock = clock
  }

  /** The next promise is about these events, which began to be published at `startMs` on the monotonic clock. */
  of(topic: TopicSeries, events: number, startMs: number): this {
    this.#topic = topic
    this.#events = events
    this.#startMs = startMs
    return this
  }

  protected succeed(): void {
    this.#topic?.countPublished(this.#events, this.#clock.monotonicMs() - this.#startMs)
  }

  protected fail(error: unknown): void {
    this.#topic?.countPublishFailed(error, this.#events, this.#clock.monotonicMs() - this.#startMs)
  }
}

/** Tells a delivery how its handler fared. */
export class Handling extends Follower {
  /** For events of which nobody but its handler's promise tells. */
  readonly #own: Delivery
  #delivery: Delivery

  constructor(idle: Handling[], clock: Clock, timeouts: Timeouts | undefined) {
    super(idle)
    this.#own = new Delivery(clock, timeouts)
    this.#delivery = this.#own
  }

  /** The next promise is that of a handler that got events at `startMs` on the monotonic clock. */
  begin(topic: TopicSeries, startMs: number, events: number): this {
    this.#delivery = this.#own.begin(topic, events, false, startMs)
    return this
  }

  /** The next promise is that of the handler of this delivery. */
  of(delivery: Delivery): this {
    this.#delivery = delivery
    return this
  }

  protected succeed(): void {
    this.#delivery.handled()
  }

  protected fail(error: unknown): void {
    this.#delivery.fail(error)
  }
}
