import type { Chunk } from './chunk'
import { CountNumbers } from './counted'
import { type ExemplarTexts, NO_EXEMPLAR_TEXTS } from './exemplar-texts'
import type { SeriesLines } from './family-lines'
import type { Held } from './held'

/** Writes a histogram's samples, and holds those of the counter that its counts are as well. */
export class CountedLines implements SeriesLines {
  readonly hasExemplars: boolean
  readonly isCounted = true
  readonly #count = new CountNumbers()

  constructor(
    private readonly histogram: SeriesLines,
    private readonly counter: SeriesLines,
    private readonly held: Held,
  ) {
    this.hasExemplars = histogram.hasExemplars
  }

  sizeBytes(labelBytes: number): number {
    return this.histogram.sizeBytes(labelBytes)
  }

  write(chunk: Chunk, labels: DataView, length: number, numbers: Float64Array, exemplars: ExemplarTexts): void {
    this.histogram.write(chunk, labels, length, numbers, exemplars)
    const own = this.counter.hasExemplars ? exemplars.at(-1) : undefined
    const room = this.held.room(this.counter.sizeBytes(length) + (own?.length ?? 0))
    this.counter.write(room, labels, length, this.#count.of(numbers), own === undefined ? NO_EXEMPLAR_TEXTS : [own])
  }
}
