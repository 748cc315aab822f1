import type { BoundCounter, Counter } from '../../facade/counter'
import type { BoundHistogram, Histogram } from '../../facade/histogram'
import type { Instruments } from '../../facade/instruments'
import type { LabelValue } from '../../model/labels'
import * as definitions from './messaging.metrics'
import { isTopicPattern } from './topic-patterns'

/** Attributes of OpenTelemetry's semantic conventions. */
export type Attributes = Readonly<Record<string, LabelValue>>

/** The instruments of the semantic conventions, which all buses of one service share. */
export class MessagingInstruments {
  readonly sent: Counter<string>
  readonly consumed: Counter<string>
  readonly operations: Histogram<string>
  readonly processing: Histogram<string>
  readonly #series = new Map<string, MessagingSeries>()

  constructor(metrics: Instruments) {
    this.sent = metrics.conventionCounter(definitions.sentMessages)
    this.consumed = metrics.conventionCounter(definitions.consumedMessages)
    this.operations = metrics.conventionHistogram(definitions.operationDuration)
    this.processing = metrics.conventionHistogram(definitions.processDuration)
  }

  /**
   * The series of one topic for one more user, who releases them. `attributes` are those of the bus: its system, and what
   * its client tells of server and group.
   */
  acquire(attributes: Attributes, topic: string): MessagingSeries {
    const key = JSON.stringify([topic, attributes])
    let series = this.#series.get(key)
    if (series === undefined) {
      series = new MessagingSeries(this, attributes, topic, () => this.#series.delete(key))
      this.#series.set(key, series)
    }
    series.users++
    return series
  }
}

/** The series of one outcome of one operation. */
interface Outcome {
  readonly attributes: Attributes
  readonly messages: BoundCounter | undefined
  readonly duration: BoundHistogram
}

/**
 * The series of one topic under the names of the semantic conventions, each bound with its first message. All buses of the
 * same attributes share them, and they leave with the last of these.
 */
export class MessagingSeries {
  readonly #instruments: MessagingInstruments
  readonly #attributes: Attributes
  readonly #onUnused: () => void
  users = 0
  readonly #sends = new Map<string, Outcome>()
  readonly #processes = new Map<string, Outcome>()
  #consumed: { readonly attributes: Attributes; readonly messages: BoundCounter } | undefined

  constructor(instruments: MessagingInstruments, attributes: Attributes, topic: string, onUnused: () => void) {
    this.#instruments = instruments
    this.#onUnused = onUnused
    // A template is not the name of a destination: conventions, `messaging.destination.template`.
    this.#attributes = {
      ...attributes,
      [isTopicPattern(topic) ? 'messaging.destination.template' : 'messaging.destination.name']: topic,
    }
  }

  countSent(messages: number, durationMs: number, reason = ''): void {
    let outcome = this.#sends.get(reason)
    if (outcome === undefined) {
      const { sent, operations } = this.#instruments
      const attributes = this.#outcome('send', reason)
      const timed = { ...attributes, 'messaging.operation.type': 'send' }
      outcome = { attributes, messages: sent.bind(attributes), duration: operations.bind(timed) }
      this.#sends.set(reason, outcome)
    }
    outcome.messages?.add(messages)
    outcome.duration.record(durationMs / 1000)
  }

  countConsumed(messages: number): void {
    if (this.#consumed === undefined) {
      const attributes = this.#outcome('process', '')
      this.#consumed = { attributes, messages: this.#instruments.consumed.bind(attributes) }
    }
    this.#consumed.messages.add(messages)
  }

  recordProcessing(durationMs: number, reason = ''): void {
    let outcome = this.#processes.get(reason)
    if (outcome === undefined) {
      const attributes = this.#outcome('process', reason)
      outcome = { attributes, messages: undefined, duration: this.#instruments.processing.bind(attributes) }
      this.#processes.set(reason, outcome)
    }
    outcome.duration.record(durationMs / 1000)
  }

  release(): void {
    this.users--
    if (this.users > 0) return
    this.#onUnused()
    const { sent, consumed, operations, processing } = this.#instruments
    for (const { attributes } of this.#sends.values()) {
      sent.remove(attributes)
      operations.remove({ ...attributes, 'messaging.operation.type': 'send' })
    }
    if (this.#consumed !== undefined) consumed.remove(this.#consumed.attributes)
    for (const { attributes } of this.#processes.values()) processing.remove(attributes)
  }

  #outcome(operation: string, reason: string): Attributes {
    const attributes = { 'messaging.operation.name': operation, ...this.#attributes }
    return reason === '' ? attributes : { ...attributes, 'error.type': reason }
  }
}
