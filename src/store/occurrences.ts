import type { MeasurementOptions } from '../model/exemplar'
import type { LabelsInput } from '../model/labels'
import { NO_CELLS } from './series-handles'
import type { Cell, Sink, Stream } from './stream'

/** Counts a histogram's measurements in a counter of its own, where the histogram's cells cannot serve for both. */
export class Occurrences implements Sink {
  readonly streams: readonly Stream[]

  constructor(
    private readonly counter: Sink,
    private readonly accepts: (value: number) => boolean,
  ) {
    this.streams = counter.streams
  }

  record(value: number, labels: LabelsInput | undefined, options?: MeasurementOptions): void {
    if (this.accepts(value)) this.counter.record(1, labels, options)
  }

  adjust(delta: number, labels: LabelsInput | undefined, options?: MeasurementOptions): void {
    this.record(delta, labels, options)
  }

  bind(labels: LabelsInput | undefined): Cell {
    const cell = this.counter.bind(labels)
    const set = (value: number, options?: MeasurementOptions) => {
      if (this.accepts(value)) cell.add(1, options)
    }
    return { cells: NO_CELLS, at: -1, add: (value = 1, options) => set(value, options), set }
  }

  remove(labels: LabelsInput): boolean {
    return this.counter.remove(labels)
  }

  clear(): void {
    this.counter.clear()
  }
}
