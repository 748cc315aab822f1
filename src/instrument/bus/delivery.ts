import type { Clock } from '../../model/clock'
import { MAX_IDLE } from '../follower'
import type { Timeouts } from './timeouts'
import { Reason, type TopicSeries } from './topic-series'

/** What keeps a delivery under a key until it ends. */
export interface Holder<K> {
  release(key: K, delivery: Delivery): void
}

/**
 * One event, or one batch, in the hands of one handler. It ends once, by what comes first: as consumed when the handler
 * is done and, where events are acknowledged, has acknowledged it; as failed with the first thing that goes wrong.
 */
export class Delivery {
  readonly #clock: Clock
  readonly #timeouts: Timeouts | undefined
  /** Where it goes to be used again once it has ended well: then nobody is left who could speak of it. */
  readonly #idle: Delivery[] | undefined
  #topic: TopicSeries | undefined
  #events = 0
  #startMs = 0
  /** How long it took, once it has ended well. */
  durationMs = 0
  /** What is still to happen before the event is consumed. */
  #waits = 0
  #open = false
  #underWay = false
  #holder: Holder<unknown> | undefined
  #key: unknown

  constructor(clock: Clock, timeouts: Timeouts | undefined, idle?: Delivery[]) {
    this.#clock = clock
    this.#timeouts = timeouts
    this.#idle = idle
  }

  /**
   * A handler gets events. With `acknowledged`, they are consumed when both {@link handled} and {@link acknowledge} were
   * called. No time is handed over: the engine would put it into an object.
   */
  begin(topic: TopicSeries, events: number, acknowledged: boolean): this {
    this.#topic = topic
    this.#events = events
    this.#startMs = this.#clock.monotonicMs()
    this.#waits = acknowledged ? HANDLER | ACKNOWLEDGEMENT : HANDLER
    this.#open = true
    return this
  }

  /** It does not end at once: until then it is in flight, and may take too long. */
  goesOn(): this {
    if (this.#underWay || !this.#open) return this
    this.#underWay = true
    this.#topic?.enter(this.#events)
    this.#timeouts?.add(this)
    return this
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

  /** Nothing that befalls its holder matters any more: the broker has let go of the event, even if the handler goes on. */
  acknowledge(): void {
    this.#release()
    this.#settle(ACKNOWLEDGEMENT)
  }

  /** `reason` is an error, of which the class is told, or a {@link Reason}; `isDeadLetter` where it is given up for good. */
  fail(reason: unknown, isDeadLetter = false): void {
    if (!this.#open) return
    this.#end()
    this.#topic?.countFailed(reason, this.#clock.monotonicMs() - this.#startMs, this.#events)
    if (isDeadLetter) this.#topic?.countDeadLetter(this.#events)
  }

  /** The last events of a batch fail, so many of them; those before were handled. */
  failLast(reason: unknown, events: number): void {
    if (!this.#open) return
    const failed = Math.min(events, this.#events)
    this.#end()
    if (failed < this.#events) this.#topic?.countConsumed(this.#events - failed)
    this.#topic?.countFailed(reason, this.#clock.monotonicMs() - this.#startMs, failed)
  }

  /** Fails for a reason in words. */
  reject(reason: string, isDeadLetter = false): void {
    this.fail(new Reason(reason), isDeadLetter)
  }

  /** Has its holder told when it ends. */
  heldBy<K>(holder: Holder<K>, key: K): void {
    this.#holder = holder as Holder<unknown>
    this.#key = key
  }

  #settle(what: number): void {
    if (!this.#open) return
    this.#waits &= ~what
    if (this.#waits !== 0) return
    this.#open = false
    if (this.#underWay) this.#leave()
    // As little as can be, so that the compiler has room for the recording here: a call would get the number in an object.
    this.durationMs = this.#clock.monotonicMs() - this.#startMs
    this.#topic?.countHandled(this, this.#events)
    if (this.#idle !== undefined && this.#idle.length < MAX_IDLE) this.#idle.push(this)
  }

  #end(): void {
    this.#open = false
    if (this.#underWay) this.#leave()
  }

  #leave(): void {
    this.#underWay = false
    this.#topic?.leave(this.#events)
    this.#timeouts?.delete(this)
    this.#release()
  }

  #release(): void {
    this.#holder?.release(this.#key, this)
    this.#holder = undefined
  }
}

const HANDLER = 1
const ACKNOWLEDGEMENT = 2
