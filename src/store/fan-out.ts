import type { LabelsInput } from '../model/labels'
import { ownLabels } from './own-labels'
import { NO_CELLS } from './series-group'
import type { Cell, Sink, Stream } from './stream'

/** The sink of an instrument that several views select, or none: each stream gets every measurement. */
export class FanOut implements Sink {
  readonly streams: readonly Stream[]
  readonly #sinks: readonly Sink[]

  constructor(sinks: readonly Sink[]) {
    this.#sinks = sinks
    this.streams = sinks.flatMap((sink) => sink.streams)
  }

  record(value: number, labels: LabelsInput | undefined): void {
    for (const sink of this.#sinks) sink.record(value, labels)
  }

  adjust(delta: number, labels: LabelsInput | undefined): void {
    for (const sink of this.#sinks) sink.adjust(delta, labels)
  }

  bind(labels: LabelsInput | undefined): Cell {
    const own = ownLabels(labels)
    const bound = this.#sinks.map((sink) => sink.bind(own))
    return {
      cells: NO_CELLS,
      at: -1,
      add: (value) => {
        for (const cell of bound) cell.add(value)
      },
      set: (value) => {
        for (const cell of bound) cell.set(value)
      },
    }
  }

  remove(labels: LabelsInput): boolean {
    return this.#sinks.map((sink) => sink.remove(labels)).includes(true)
  }

  clear(): void {
    for (const sink of this.#sinks) sink.clear()
  }
}
