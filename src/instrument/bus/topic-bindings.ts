import type { BoundCounter } from '../../facade/counter'
import type { BoundHistogram } from '../../facade/histogram'
import type { BoundUpDownCounter } from '../../facade/up-down-counter'
import type { BusInstruments } from './bus-instruments'
import type { MessagingSeries } from './messaging-series'

/** How many reasons of failure one topic may have; further ones count as `(other)`. */
export const REASON_LIMIT = 30

export const OTHER = '(other)'

/** Which way an event went, where a metric tells both. */
export type Operation = 'publish' | 'process'

/**
 * The series of one topic of one bus name, bound once for all buses of the name: published and consumed exist from the
 * first on, the others from their first use on.
 */
export class TopicBindings {
  readonly published: BoundCounter
  readonly consumed: BoundCounter
  readonly #instruments: BusInstruments
  readonly #labels: { readonly bus: string; readonly topic: string }
  #duration: BoundHistogram | undefined
  #inFlight: BoundUpDownCounter | undefined
  #redeliveries: BoundCounter | undefined
  readonly #failures = new Map<string, BoundCounter>()
  readonly #batches = new Map<Operation, BoundHistogram>()
  readonly #bytes = new Map<Operation, BoundCounter>()
  /** Those of the semantic conventions, by what the buses of the name tell of themselves. */
  readonly #messaging = new Set<MessagingSeries>()

  constructor(instruments: BusInstruments, bus: string, topic: string) {
    this.#instruments = instruments
    this.#labels = { bus, topic }
    this.published = instruments.published.bind(this.#labels)
    this.consumed = instruments.consumed.bind(this.#labels)
  }

  get topic(): string {
    return this.#labels.topic
  }

  get duration(): BoundHistogram {
    this.#duration ??= this.#instruments.duration.bind(this.#labels)
    return this.#duration
  }

  get inFlight(): BoundUpDownCounter {
    this.#inFlight ??= this.#instruments.inFlight.bind(this.#labels)
    return this.#inFlight
  }

  get redeliveries(): BoundCounter {
    this.#redeliveries ??= this.#instruments.redeliveries.bind(this.#labels)
    return this.#redeliveries
  }

  countDeadLetter(events: number): void {
    this.#instruments.deadLetters.add(events, this.#labels)
  }

  /** A reason as its label has it: itself, or `(other)` where there are enough. */
  reasonOf(reason: string): string {
    return this.#failures.has(reason) || this.#failures.size < REASON_LIMIT ? reason : OTHER
  }

  failures(reason: string): BoundCounter {
    let bound = this.#failures.get(reason)
    if (bound === undefined) {
      bound = this.#instruments.failed.bind({ ...this.#labels, reason })
      this.#failures.set(reason, bound)
    }
    return bound
  }

  batches(operation: Operation): BoundHistogram {
    let bound = this.#batches.get(operation)
    if (bound === undefined) {
      bound = this.#instruments.batchSize.bind({ ...this.#labels, operation })
      this.#batches.set(operation, bound)
    }
    return bound
  }

  bytes(operation: Operation): BoundCounter {
    let bound = this.#bytes.get(operation)
    if (bound === undefined) {
      bound = this.#instruments.bytes.bind({ ...this.#labels, operation })
      this.#bytes.set(operation, bound)
    }
    return bound
  }

  /** Holds series of the semantic conventions until {@link remove}, however many buses have acquired them. */
  hold(messaging: MessagingSeries): void {
    if (this.#messaging.has(messaging)) messaging.release()
    else this.#messaging.add(messaging)
  }

  /** Takes the series off the page. */
  remove(): void {
    const labels = this.#labels
    const { published, consumed, failed, duration, inFlight } = this.#instruments
    const { redeliveries, deadLetters, batchSize, bytes } = this.#instruments
    for (const instrument of [published, consumed, duration, inFlight, redeliveries, deadLetters]) {
      instrument.remove(labels)
    }
    for (const reason of this.#failures.keys()) failed.remove({ ...labels, reason })
    for (const operation of this.#batches.keys()) batchSize.remove({ ...labels, operation })
    for (const operation of this.#bytes.keys()) bytes.remove({ ...labels, operation })
    for (const messaging of this.#messaging) messaging.release()
  }
}
