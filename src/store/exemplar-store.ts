import type { MeasurementOptions } from '../model/exemplar'
import type { LabelsInput } from '../model/labels'
import type { DroppedLabels, ExemplarSampler } from './exemplar-sampler'
import type { Exemplar, ExemplarReader, Slots } from './exemplars'
import type { SeriesGroup } from './series-group'

/** The exemplars of the series whose rows are in one chunk. */
type Rows = (Exemplar | undefined)[][]

/**
 * The exemplars of a stream's series, beside their cells: a series without exemplars takes no memory for them.
 *
 * A slot has the exemplar of one bucket, the newest. It stays until another comes, however often it is read.
 *
 * A chunk leads to the slots of its rows, so whoever can write to a cell finds the slots that belong to it. They go with
 * the chunk: nothing need be done when series are removed or cleared.
 */
export class ExemplarStore implements ExemplarReader {
  readonly sampler: ExemplarSampler
  readonly #width: number
  readonly #slotCount: number
  readonly #dropped: DroppedLabels
  readonly #chunks = new WeakMap<Float64Array, Rows>()
  #isEmpty = true

  /** For rows of `width` cells and `slotCount` slots; `dropped` tells what a view takes from labels. */
  constructor(sampler: ExemplarSampler, width: number, slotCount: number, dropped: DroppedLabels) {
    this.sampler = sampler
    this.#width = width
    this.#slotCount = slotCount
    this.#dropped = dropped
  }

  get some(): boolean {
    return !this.#isEmpty && !this.sampler.isOff
  }

  /**
   * Has a measurement that the series at `at` of a chunk counted take its slot, if the sampler takes the measurement.
   * `labels` are those it was given. Never throws.
   */
  offer(
    cells: Float64Array,
    at: number,
    slot: number,
    value: number,
    labels: LabelsInput | undefined,
    options: MeasurementOptions | undefined,
  ): void {
    const exemplar = this.sampler.take(value, labels, options, this.#dropped)
    if (exemplar === undefined) return
    this.#isEmpty = false
    const slots = this.#chunks.get(cells)?.[at / this.#width] ?? this.#open(cells, at)
    slots[slot] = exemplar
  }

  at(group: SeriesGroup, row: number): Slots | undefined {
    return this.some ? this.#chunks.get(group.chunkOf(row))?.[group.offsetOf(row) / this.#width] : undefined
  }

  /** Takes along the exemplars of a series whose cells moved. */
  move(from: Float64Array, fromAt: number, to: Float64Array, toAt: number): void {
    const slots = this.#chunks.get(from)?.[fromAt / this.#width]
    if (slots !== undefined) this.#rowsOf(to)[toAt / this.#width] = slots
  }

  #open(cells: Float64Array, at: number): Rows[number] {
    const slots = new Array<Exemplar | undefined>(this.#slotCount).fill(undefined)
    this.#rowsOf(cells)[at / this.#width] = slots
    return slots
  }

  #rowsOf(cells: Float64Array): Rows {
    let rows = this.#chunks.get(cells)
    if (rows === undefined) {
      rows = []
      this.#chunks.set(cells, rows)
    }
    return rows
  }
}
