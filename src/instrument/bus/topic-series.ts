import type { BoundCounter } from '../../facade/counter'
import type { BoundHistogram } from '../../facade/histogram'
import type { BoundUpDownCounter } from '../../facade/up-down-counter'
import { errorClass } from '../error-class'
import type { BusInstruments } from './bus-instruments'
import type { MessagingSeries } from './messaging-series'

/** How many reasons of failure one topic may have; further ones count as `(other)`. */
export const REASON_LIMIT = 30

export const OTHER = '(other)'

/** Which way an event went, where a metric tells both. */
export type Operation = 'publish' | 'process'

interface Labels {
  readonly bus: string
  readonly topic: string
}

/**
 * The series of one topic of one bus, bound once: published and consumed exist from the first event on, the others from
 * their first use on. Nothing here throws, and nothing is recorded after {@link close}.
 */
export class TopicSeries {
  readonly #instruments: BusInstruments
  readonly #labels: Labels
  readonly #messaging: MessagingSeries | undefined
  readonly #published: BoundCounter
  readonly #consumed: BoundCounter
  #duration: BoundHistogram | undefined
  #inFlight: BoundUpDownCounter | undefined
  /** How many of these handlings are under way. */
  #underWay = 0
  #redeliveries: BoundCounter | undefined
  readonly #failures = new Map<string, BoundCounter>()
  readonly #batches = new Map<Operation, BoundHistogram>()
  readonly #bytes = new Map<Operation, BoundCounter>()
  #closed = false

  constructor(instruments: BusInstruments, bus: string, topic: string, messaging?: MessagingSeries) {
    this.#instruments = instruments
    this.#labels = { bus, topic }
    this.#messaging = messaging
    this.#published = instruments.published.bind(this.#labels)
    this.#consumed = instruments.consumed.bind(this.#labels)
  }

  /** The topic as its label has it. */
  get name(): string {
    return this.#labels.topic
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
    this.#failureOf(text).add(events)
    this.#messaging?.countSent(events, durationMs, text)
  }

  /** `durationMs` is `undefined` where the handling is another's, or told already. */
  countConsumed(durationMs: number | undefined, events = 1): void {
    if (this.#closed) return
    this.#consumed.add(events)
    this.#messaging?.countConsumed(events)
    if (durationMs === undefined) return
    this.#recordDuration(durationMs)
    this.#messaging?.recordProcessing(durationMs)
  }

  /** `reason` and `durationMs` as in {@link countPublishFailed} and {@link countConsumed}. */
  countFailed(reason: unknown, durationMs: number | undefined, events = 1): void {
    if (this.#closed) return
    const text = this.#reasonOf(reason)
    this.#failureOf(text).add(events)
    this.#messaging?.countConsumed(events)
    if (durationMs === undefined) return
    this.#recordDuration(durationMs)
    this.#messaging?.recordProcessing(durationMs, text)
  }

  /** A handling begins that does not end at once. */
  enter(events = 1): void {
    if (this.#closed) return
    this.#inFlight ??= this.#instruments.inFlight.bind(this.#labels)
    this.#inFlight.add(events)
    this.#underWay += events
  }

  leave(events = 1): void {
    if (this.#closed) return
    this.#inFlight?.add(-events)
    this.#underWay -= events
  }

  countRedelivered(events = 1): void {
    if (this.#closed) return
    this.#redeliveries ??= this.#instruments.redeliveries.bind(this.#labels)
    this.#redeliveries.add(events)
  }

  countDeadLetter(events = 1): void {
    if (!this.#closed) this.#instruments.deadLetters.add(events, this.#labels)
  }

  recordBatch(operation: Operation, events: number): void {
    if (this.#closed) return
    let bound = this.#batches.get(operation)
    if (bound === undefined) {
      bound = this.#instruments.batchSize.bind({ ...this.#labels, operation })
      this.#batches.set(operation, bound)
    }
    bound.record(events)
  }

  countBytes(operation: Operation, sizeBytes: number): void {
    if (this.#closed) return
    let bound = this.#bytes.get(operation)
    if (bound === undefined) {
      bound = this.#instruments.bytes.bind({ ...this.#labels, operation })
      this.#bytes.set(operation, bound)
    }
    bound.add(sizeBytes)
  }

  /** Records no more: a handling that ends later is not counted, and none is under way for those who share the series. */
  close(): void {
    this.leave(this.#underWay)
    this.#closed = true
  }

  /** Takes the series off the page. */
  remove(): void {
    this.#closed = true
    const labels = this.#labels
    const { published, consumed, failed, duration, inFlight } = this.#instruments
    const { redeliveries, deadLetters, batchSize, bytes } = this.#instruments
    for (const instrument of [published, consumed, duration, inFlight, redeliveries, deadLetters]) {
      instrument.remove(labels)
    }
    for (const reason of this.#failures.keys()) failed.remove({ ...labels, reason })
    for (const operation of this.#batches.keys()) batchSize.remove({ ...labels, operation })
    for (const operation of this.#bytes.keys()) bytes.remove({ ...labels, operation })
    this.#messaging?.release()
  }

  #recordDuration(durationMs: number): void {
    this.#duration ??= this.#instruments.duration.bind(this.#labels)
    this.#duration.record(durationMs / 1000)
  }

  #reasonOf(reason: unknown): string {
    const text = Reason.textOf(reason) ?? errorClass(reason)
    return this.#failures.has(text) || this.#failures.size < REASON_LIMIT ? text : OTHER
  }

  #failureOf(reason: string): BoundCounter {
    let bound = this.#failures.get(reason)
    if (bound === undefined) {
      bound = this.#instruments.failed.bind({ ...this.#labels, reason })
      this.#failures.set(reason, bound)
    }
    return bound
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
