import type { MeasurementOptions } from '../model/exemplar'
import type { Labels, LabelsArgument, LabelsInput } from '../model/labels'
import type { RecordingSink } from '../store/succession'

/** One series of a counter, resolved once: for hot paths. */
export interface BoundCounter {
  /** Adds `value`, 0 or more. Default: 1. Never throws: what cannot be added is counted as rejected. */
  add(value?: number, options?: MeasurementOptions): void
}

/** A count of things that happened. It only rises. */
export class Counter<in out L extends string = never> {
  #sink: RecordingSink

  constructor(sink: RecordingSink) {
    this.#sink = sink
    sink.follow((next) => {
      this.#sink = next
    })
  }

  /** Adds `value`, 0 or more, to the series with these labels. Default: 1. Never throws: what cannot be added is counted as rejected. */
  add(
    ...measurement: [L] extends [never]
      ? [value?: number, labels?: Labels<L> | undefined, options?: MeasurementOptions]
      : [value: number | undefined, labels: Labels<L>, options?: MeasurementOptions]
  ): void
  add(value = 1, labels?: LabelsInput, options?: MeasurementOptions): void {
    this.#sink.record(value, labels, options)
  }

  /** The series with these labels, which exists from now on, at 0 if it is new. */
  bind(...labels: LabelsArgument<L>): BoundCounter
  bind(labels?: LabelsInput): BoundCounter {
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
