import { countExemplar, type Slots } from '../store/exemplars'
import { CountNumbers } from './counted'
import type { Family } from './family'
import { Held } from './held'
import { closeMessage, lengthField, OPEN_BYTES, openMessage } from './protobuf-bytes'
import { slotMessages } from './protobuf-exemplar'
import type { FamilyMessages } from './protobuf-families'
import { METRIC, type MetricWriter, metricWriter, NO_EXTRAS } from './protobuf-metric'

/** Holds the series of the counter that a histogram's counts are as well. */
export class HeldMetrics {
  readonly #held = new Held()
  readonly #count = new CountNumbers()
  readonly #writer: MetricWriter

  constructor(counter: Family) {
    this.#writer = metricWriter(counter)
  }

  /** Adds the series that has the labels, the counts and the exemplars of one of the histogram's. */
  add(labels: Uint8Array, numbers: Float64Array, slots: Slots | undefined): void {
    const writer = this.#writer
    const exemplar = countExemplar(slots)
    const extras = exemplar === undefined ? NO_EXTRAS : { native: undefined, exemplars: slotMessages([exemplar]) }
    const chunk = this.#held.room(OPEN_BYTES + labels.length + writer.sizeBytes(extras))
    const body = openMessage(chunk.buffer, chunk.at, lengthField(METRIC))
    chunk.buffer.set(labels, body)
    const end = writer.write(chunk, body + labels.length, this.#count.of(numbers), extras)
    chunk.at = closeMessage(chunk.buffer, body, end)
  }

  /** Writes what is held into the open message of the counter. */
  *writeTo(messages: FamilyMessages): Generator<Buffer, void, void> {
    for (const part of this.#held.parts()) {
      yield* messages.room(part.length)
      const { chunk } = messages
      chunk.buffer.set(part, chunk.at)
      chunk.at += part.length
    }
  }
}
