import type { Clock } from '../../model/clock'
import { Follower } from '../follower'
import type { Delivery } from './delivery'
import type { TopicSeries } from './topic-series'

/** Counts events as published, or as failed. */
export class Publication extends Follower {
  readonly #clock: Clock
  protected topic: TopicSeries | undefined
  #events = 1
  #startMs = 0

  constructor(idle: Follower[], clock: Clock) {
    super(idle)
    this.#clock = clock
  }

  /** Events begin to be published. */
  begin(topic: TopicSeries, events: number): this {
    this.topic = topic
    this.#events = events
    if (topic.timesPublishing) this.#startMs = this.#clock.monotonicMs()
    return this
  }

  protected succeed(): void {
    this.topic?.countPublished(this.#events, this.durationMs())
  }

  protected fail(error: unknown): void {
    this.topic?.countPublishFailed(error, this.#events, this.durationMs())
  }

  /** 0 where nobody asks. */
  protected durationMs(): number {
    return this.topic?.timesPublishing === true ? this.#clock.monotonicMs() - this.#startMs : 0
  }
}

/** Tells a delivery how its handler fared. */
export class Handling extends Follower {
  #delivery: Delivery | undefined

  /** The next promise is that of the handler of this delivery. */
  of(delivery: Delivery): this {
    this.#delivery = delivery
    return this
  }

  protected succeed(): void {
    this.#delivery?.handled()
  }

  protected fail(error: unknown): void {
    this.#delivery?.fail(error)
  }
}
