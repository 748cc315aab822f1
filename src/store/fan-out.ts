import type { MeasurementOptions } from '../model/exemplar'
import type { LabelsInput } from '../model/labels'
import type { MeasurementEvents } from './measurement-events'
import { ownLabels } from './own-labels'
import { NO_CELLS } from './series-handles'
import type { Cell, Sink, Stream } from './stream'
import { type RecordingSink, Succeeded } from './succession'

/**
 * The sink of an instrument that several views select, or none: each stream gets every measurement. What all of them
 * turn away is one measurement still, and told once.
 */
export class FanOut extends Succeeded implements Sink {
  readonly streams: readonly Stream[]
  readonly #sinks: readonly Sink[]
  readonly #events: MeasurementEvents | undefined

  /** `events` are those that the sinks were made with; none where each sink is a metric of its own. */
  constructor(sinks: readonly Sink[], events?: MeasurementEvents) {
    super()
    this.#sinks = sinks
    this.#events = events
    this.streams = sinks.flatMap((sink) => sink.streams)
  }

  record(value: number, labels: LabelsInput | undefined, options?: MeasurementOptions): void {
    this.#events?.begin()
    for (const sink of this.#sinks) sink.record(value, labels, options)
  }

  adjust(delta: number, labels: LabelsInput | undefined, options?: MeasurementOptions): void {
    this.#events?.begin()
    for (const sink of this.#sinks) sink.adjust(delta, labels, options)
  }

  bind(labels: LabelsInput | undefined): Cell {
    const own = ownLabels(labels)
    let bound = this.#sinks.map((sink) => sink.bind(own))
    let owner: RecordingSink = this
    const open = () => {
      // One that has its place may be a stream of one cell, or have others.
      if (owner.next !== undefined) {
        owner = owner.next
        bound = [owner.bind(own)]
      } else if (owner === this) this.#events?.begin()
    }
    return {
      cells: NO_CELLS,
      at: -1,
      add: (value, options) => {
        open()
        for (const cell of bound) cell.add(value, options)
      },
      set: (value, options) => {
        open()
        for (const cell of bound) cell.set(value, options)
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
