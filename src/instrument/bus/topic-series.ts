import type { BoundCounter } from '../../facade/counter'
import type { BoundHistogram } from '../../facade/histogram'
import type { BoundUpDownCounter } from '../../facade/up-down-counter'
import { errorClass } from '../error-class'
import type { MessagingSeries } from './messaging-series'
import type { Operation, TopicBindings } from './topic-bindings'

/** A handling that has ended. */
interface Handled {
  readonly durationMs: number
}

/**
 * What one bus records of one topic, to series that it shares with the other buses of its name. Nothing here throws, and
 * nothing is recorded after {@link close}.
 */
export class TopicSeries {
  readonly #bindings: TopicBindings
  readonly #messaging: MessagingSeries | undefined
  readonly #published: BoundCounter
  readonly #consumed: BoundCounter
  #duration: BoundHistogram | undefined
  #inFlight: BoundUpDownCounter | undefined
  /** How many of these handlings are under way. */
  #underWay = 0
  #closed = false

  constructor(bindings: TopicBindings, messaging?: MessagingSeries) {
    this.#bindings = bindings
    this.#messaging = messaging
    this.#published = bindings.published
    this.#consumed = bindings.consumed
  }

  /** The topic as its label has it. */
  get name(): string {
    return this.#bindings.topic
  }

  /** Whether it matters how long publishing takes. */
  get timesPublishing(): boolean {
    return this.#messaging !== undefined
  }

  countPublished(events = 1, durationMs = 0): void {
    if (this.#closed) return
    this.#published.add(events)
    this.#messaging?.countSent(events, durationMs)
  }

  /** `reason` is an error, of which the class is taken, or the reason itself where it is a {@link Reason}. */
  countPublishFailed(reason: unknown, events = 1, durationMs = 0): void {
    if (this.#closed) return
    const text = this.#reasonOf(reason)
    this.#bindings.failures(text).add(events)
    this.#messaging?.countSent(events, durationMs, text)
  }

  /** Counts events whose handling is told of otherwise. */
  countConsumed(events: number): void {
    if (this.#closed) return
    this.#consumed.add(events)
    this.#messaging?.countConsumed(events)
  }

  /** Counts events, with the duration where it lies: handed over, the engine would put it into an object. */
  countHandled(handled: Handled, events: number): void {
    if (this.#closed) return
    this.countConsumed(events)
    this.#duration ??= this.#bindings.duration
    this.#duration.record(handled.durationMs / 1000)
    this.#messaging?.recordProcessing(handled.durationMs)
  }

  /** `reason` is as in {@link countPublishFailed}; `durationMs` is `undefined` where the handling is told of otherwise. */
  countFailed(reason: unknown, durationMs: number | undefined, events = 1): void {
    if (this.#closed) return
    const text = this.#reasonOf(reason)
    this.#bindings.failures(text).add(events)
    this.#messaging?.countConsumed(events)
    if (durationMs === undefined) return
    this.#recordDuration(durationMs)
    this.#messaging?.recordProcessing(durationMs, text)
  }

  /** A handling begins that does not end at once. */
  enter(events = 1): void {
    if (this.#closed) return
    this.#inFlight ??= this.#bindings.inFlight
    this.#inFlight.add(events)
    this.#underWay += events
  }

  leave(events = 1): void {
    if (this.#closed) return
    this.#inFlight?.add(-events)
    this.#underWay -= events
  }

  countRedelivered(events = 1): void {
    if (!this.#closed) this.#bindings.redeliveries.add(events)
  }

  countDeadLetter(events = 1): void {
    if (!this.#closed) this.#bindings.countDeadLetter(events)
  }

  recordBatch(operation: Operation, events: number): void {
    if (!this.#closed) this.#bindings.batches(operation).record(events)
  }

  countBytes(operation: Operation, sizeBytes: number): void {
    if (!this.#closed) this.#bindings.bytes(operation).add(sizeBytes)
  }

  /** Records no more: a handling that ends later is not counted, and none is under way for those who share the series. */
  close(): void {
    this.leave(this.#underWay)
    this.#closed = true
  }

  #recordDuration(durationMs: number): void {
    this.#duration ??= this.#bindings.duration
    this.#duration.record(durationMs / 1000)
  }

  #reasonOf(reason: unknown): string {
    return this.#bindings.reasonOf(Reason.textOf(reason) ?? errorClass(reason))
  }
}

/** Why an event failed where there is no error to tell: the broker's or the library's word for it. */
export class Reason {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The word, where there is one. What else was thrown is not touched: `instanceof` throws for a revoked proxy. */
  static textOf(reason: unknown): string | undefined {
    return typeof reason === 'object' && reason !== null && #text in reason ? reason.#text : undefined
  }
}
