import type { Labels, LabelsArgument, LabelsInput } from '../model/labels'
import type { RecordingSink } from '../store/succession'

/** One series of an up-down counter, resolved once: for hot paths. */
export interface BoundUpDownCounter {
  /** Adds `value`, which may be negative. Never throws: what cannot be added is counted as rejected. */
  add(value: number): void
}

/**
 * A sum that rises and falls: requests in flight, items in a queue. Exposed to Prometheus as a gauge.
 *
 * Past the cardinality limit, what is added goes to the overflow series; once there is room again, labels that were counted
 * there have a series of their own, which begins at 0 and falls below where the overflow rose. Which label sets overflowed
 * is not kept, as there is no end of them: the sum over all series is right, the overflow included.
 */
export class UpDownCounter<in out L extends string = never> {
  #sink: RecordingSink

  constructor(sink: RecordingSink) {
    this.#sink = sink
    sink.follow((next) => {
      this.#sink = next
    })
  }

  /** Adds `value`, which may be negative, to the series with these labels. Never throws: what cannot be added is counted as rejected. */
  add(value: number, ...labels: LabelsArgument<L>): void
  add(value: number, labels?: LabelsInput): void {
    this.#sink.record(value, labels)
  }

  /** The series with these labels, which exists from now on, at 0 if it is new. */
  bind(...labels: LabelsArgument<L>): BoundUpDownCounter
  bind(labels?: LabelsInput): BoundUpDownCounter {
    return this.#sink.bind(labels)
  }

  /** Drops the series with these labels. False if there is none. A bound series comes back with its next recording. */
  remove(labels: Labels<L>): boolean {
    return this.#sink.remove(labels as LabelsInput)
  }

  /** Drops every series. */
  clear(): void {
    this.#sink.clear()
  }
}
