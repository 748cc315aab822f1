import type { Labels, LabelsArgument, LabelsInput } from '../model/labels'
import type { RecordingSink } from '../store/succession'

/** One series of a gauge, resolved once: for hot paths. */
export interface BoundGauge {
  /** Sets the value. Never throws: what cannot be set is counted as rejected. */
  set(value: number): void
  /** Adds `delta`, which may be negative, to the value. Never throws: what cannot be added is counted as rejected. */
  add(delta: number): void
}

/** A value as it is now: a temperature, a size, a limit. */
export class Gauge<in out L extends string = never> {
  #sink: RecordingSink

  constructor(sink: RecordingSink) {
    this.#sink = sink
    sink.follow((next) => {
      this.#sink = next
    })
  }

  /** Sets the series with these labels. Never throws: what cannot be set is counted as rejected. */
  set(value: number, ...labels: LabelsArgument<L>): void
  set(value: number, labels?: LabelsInput): void {
    this.#sink.record(value, labels)
  }

  /** Adds `delta`, which may be negative, to the series with these labels. Never throws: what cannot be added is counted as rejected. */
  add(delta: number, ...labels: LabelsArgument<L>): void
  add(delta: number, labels?: LabelsInput): void {
    this.#sink.adjust(delta, labels)
  }

  /** The series with these labels, which exists from now on, at 0 if it is new. */
  bind(...labels: LabelsArgument<L>): BoundGauge
  bind(labels?: LabelsInput): BoundGauge {
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
