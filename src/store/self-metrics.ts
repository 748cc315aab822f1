import type { Clock } from '../model/clock'
import { MAX_LABEL_LENGTH } from '../model/labels'
import type { Logger } from '../model/log'
import type { Vocabulary } from './label-values'
import { makeStream } from './make-stream'
import { selfDefinition } from './self-definition'
import type { Sink, Stream } from './stream'
import type { Overflow } from './table-options'

const OVERFLOWS: Readonly<Record<Overflow, string>> = {
  limit:
    'has as many series as it may have: further label values are counted in its overflow series. Raise cardinalityLimit or use fewer label values.',
  states:
    'has as many label sets as it may have: the states of further ones are not shown. Raise cardinalityLimit or use fewer label values.',
  long_label: `was given a label value of more than ${MAX_LABEL_LENGTH} characters: such measurements are counted in its overflow series. Shorten the value.`,
}

/**
 * What the store says about itself:
 *
 * ```text
 * meterkit_rejected_measurements_total{metric="orders_placed_total",reason="negative"} 1
 * meterkit_overflowed_measurements_total{metric="orders_placed_total"} 1
 * meterkit_callback_failures_total{metric="queue_depth",reason="error"} 1
 * ```
 */
export class SelfMetrics {
  readonly #log: Logger
  readonly #rejected: Sink
  readonly #overflowed: Sink
  readonly #callbackFailures: Sink
  /** What was logged already: each thing is said once. */
  readonly #said = new Set<string>()

  constructor(log: Logger, clock: Clock, vocabulary: Vocabulary) {
    this.#log = log
    const counter = (name: string, help: string, labelNames: readonly string[]) =>
      makeStream(
        selfDefinition('counter', { name, help, labelNames }),
        {
          name,
          help,
          aggregation: 'default',
          buckets: undefined,
          cardinalityLimit: undefined,
          processors: [],
        },
        { events: { rejected() {}, overflowed() {} }, cardinalityLimit: 2_000, vocabulary, nowMs: () => clock.nowMs() },
      )
    this.#rejected = counter(
      'meterkit_rejected_measurements_total',
      'Measurements that were turned away, by the reason.',
      ['metric', 'reason'],
    )
    this.#overflowed = counter(
      'meterkit_overflowed_measurements_total',
      'Measurements without a series of their own: the metric had as many as it may have, or a label value was too long.',
      ['metric'],
    )
    this.#callbackFailures = counter(
      'meterkit_callback_failures_total',
      'Callbacks of observable instruments that threw or did not finish in time, by the metrics they observe.',
      ['metric', 'reason'],
    )
  }

  get streams(): readonly Stream[] {
    return [this.#rejected, this.#overflowed, this.#callbackFailures].flatMap((sink) => sink.streams)
  }

  rejected(metric: string, reason: string): void {
    this.#rejected.record(1, { metric, reason })
    this.#sayOnce(
      `${metric} ${reason}`,
      () =>
        `rejected a measurement of "${metric}": ${reason}. Said once; meterkit_rejected_measurements_total counts them.`,
    )
  }

  overflowed(metric: string, cause: Overflow): void {
    this.#overflowed.record(1, { metric })
    this.#sayOnce(`${metric} overflow ${cause}`, () => `"${metric}" ${OVERFLOWS[cause]}`)
  }

  callbackFailed(metric: string, reason: string, message: string): void {
    this.#callbackFailures.record(1, { metric, reason })
    this.#sayOnce(
      `${metric} callback ${reason}`,
      () => `a callback of "${metric}" failed: ${message}. Said once; meterkit_callback_failures_total counts them.`,
    )
  }

  #sayOnce(key: string, message: () => string): void {
    if (this.#said.has(key)) return
    this.#said.add(key)
    this.#log.warn(message())
  }
}
