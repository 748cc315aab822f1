import type { Clock } from '../../model/clock'
import type { Timeouts } from './timeouts'
import { Reason, type TopicSeries } from './topic-series'

/**
 * One event, or one batch, in the hands of one handler. It ends once, by what comes first: as consumed when the handler
 * is done and, where events are acknowledged, has acknowledged it; as failed with the first thing that goes wrong.
 */
export class Delivery {
  readonly #topic: TopicSeries
  readonly #clock: Clock
  readonly #timeouts: Timeouts | undefined
  readonly #events: number
  readonly #startMs: number
  /** What is still to happen before the event is consumed. */
  #waits: number
  #open = true
  #onEnd: (() => void)[] | undefined

  /** With `acknowledged`, the event is consumed when both {@link handled} and {@link acknowledge} were called. */
  constructor(
    topic: TopicSeries,
    clock: Clock,
    timeouts: Timeouts | undefined,
    events: number,
    acknowledged: boolean,
    startMs: number,
  ) {
    this.#topic = topic
    this.#clock = clock
    this.#timeouts = timeouts
    this.#events = events
    this.#waits = acknowledged ? HANDLER | ACKNOWLEDGEMENT : HANDLER
    this.#startMs = startMs
    topic.enter(events)
    timeouts?.add(this)
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** When it began, on the monotonic clock. */
  get startMs(): number {
    return this.#startMs
  }

  /** The handler is done, and nothing went wrong in it. */
  handled(): void {
    this.#settle(HANDLER)
  }

  acknowledge(): void {
    this.#settle(ACKNOWLEDGEMENT)
  }

  /** `reason` is an error, of which the class is told, or a {@link Reason}; `isDeadLetter` where it is given up for good. */
  fail(reason: unknown, isDeadLetter = false): void {
    if (!this.#open) return
    this.#end()
    this.#topic.countFailed(reason, this.#clock.monotonicMs() - this.#startMs, this.#events)
    if (isDeadLetter) this.#topic.countDeadLetter(this.#events)
  }

  /** The last events of a batch fail, so many of them; those before were handled. */
  failLast(reason: unknown, events: number): void {
    if (!this.#open) return
    const failed = Math.min(events, this.#events)
    this.#end()
    if (failed < this.#events) this.#topic.countConsumed(undefined, this.#events - failed)
    this.#topic.countFailed(reason, this.#clock.monotonicMs() - this.#startMs, failed)
  }

  /** Fails for a reason in words. */
  reject(reason: string, isDeadLetter = false): void {
    this.fail(new Reason(reason), isDeadLetter)
  }

  /** Has `callback` called when the delivery ends. */
  onEnd(callback: () => void): void {
    this.#onEnd ??= []
    this.#onEnd.push(callback)
  }

  #settle(what: number): void {
    if (!this.#open) return
    this.#waits &= ~what
    if (this.#waits !== 0) return
    this.#end()
    this.#topic.countConsumed(this.#clock.monotonicMs() - this.#startMs, this.#events)
  }

  #end(): void {
    this.#open = false
    this.#topic.leave(this.#events)
    this.#timeouts?.delete(this)
    if (this.#onEnd !== undefined) for (const callback of this.#onEnd) callback()
  }
}

const HANDLER = 1
const ACKNOWLEDGEMENT = 2
