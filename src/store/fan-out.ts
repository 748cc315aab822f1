import type { LabelsInput } from '../model/labels'
import { ownLabels } from './own-labels'
import { NO_CELLS } from './series-group'
import type { TableEvents } from './series-table'
import type { Cell, Sink, Stream } from './stream'

/**
 * The sink of an instrument that several views select, or none: each stream gets every measurement. What all of them
 * turn away is one measurement still, and told once.
 */
export class FanOut implements Sink {
  readonly streams: readonly Stream[]
  readonly #sinks: readonly Sink[]
  readonly #told: { rejected: boolean; overflowed: boolean }

  constructor(sinks: readonly Sink[], told = { rejected: false, overflowed: false }) {
    this.#sinks = sinks
    this.#told = told
    this.streams = sinks.flatMap((sink) => sink.streams)
  }

  /** The sink of what `make` makes with events that reach `events` once a measurement. */
  static of(events: TableEvents, make: (events: TableEvents) => readonly Sink[]): FanOut {
    const told = { rejected: false, overflowed: false }
    const once: TableEvents = {
      rejected(reason) {
        if (!told.rejected) events.rejected(reason)
        told.rejected = true
      },
      overflowed() {
        if (!told.overflowed) events.overflowed()
        told.overflowed = true
      },
    }
    return new FanOut(make(once), told)
  }

  record(value: number, labels: LabelsInput | undefined): void {
    this.#begin()
    for (const sink of this.#sinks) sink.record(value, labels)
  }

  adjust(delta: number, labels: LabelsInput | undefined): void {
    this.#begin()
    for (const sink of this.#sinks) sink.adjust(delta, labels)
  }

  bind(labels: LabelsInput | undefined): Cell {
    const own = ownLabels(labels)
    const bound = this.#sinks.map((sink) => sink.bind(own))
    return {
      cells: NO_CELLS,
      at: -1,
      add: (value) => {
        this.#begin()
        for (const cell of bound) cell.add(value)
      },
      set: (value) => {
        this.#begin()
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

  #begin(): void {
    this.#told.rejected = false
    this.#told.overflowed = false
  }
}
