import type { SeriesGroup } from '../store/series-group'
import { Bytes, copyWords } from './bytes'
import type { Chunk } from './chunk'
import { lengthField, lengthFieldBytes, Message, varintLength, writeVarint } from './protobuf-bytes'
import type { ValueTexts } from './value-texts'

const LABEL = 1
const NAME = 1
const VALUE = 2

/** A label as a field of a metric. */
export function writeLabel(metric: Message, name: string, value: string): void {
  const pair = new Message()
  pair.text(NAME, name)
  pair.text(VALUE, value)
  metric.message(LABEL, pair)
}

/** The labels of a group's series as `LabelPair` messages, put together from the texts of the values. */
export class LabelPairs {
  readonly #group: SeriesGroup
  readonly #names: readonly Bytes[]
  /** The texts of the values of each label. */
  readonly #values: readonly ValueTexts[]
  /** The labels that every series has. */
  readonly #constant = new Message()

  /** `names` are the labels as the page names them, of which no two are the same. */
  constructor(
    group: SeriesGroup,
    names: readonly string[],
    values: readonly ValueTexts[],
    constant: ReadonlyMap<string, string>,
  ) {
    this.#group = group
    this.#names = names.map((name) => new Bytes(name))
    this.#values = values
    for (const [name, value] of constant) if (!names.includes(name)) writeLabel(this.#constant, name, value)
  }

  /** Makes sure that the labels of a series can be written, and gives their length in bytes. */
  measure(row: number): number {
    let length = this.#constant.length
    for (let level = 0; level < this.#names.length; level++) {
      const values = this.#values[level] as ValueTexts
      const id = this.#group.labelIdAt(row, level)
      values.require(id)
      length += lengthFieldBytes(pairBytes(this.#names[level] as Bytes, values.lengthOf(id)))
    }
    return length
  }

  /** Writes the labels of a series that was measured. */
  write(chunk: Chunk, row: number): void {
    const { buffer, view } = chunk
    let at = this.#constant.copyTo(buffer, chunk.at)
    for (let level = 0; level < this.#names.length; level++) {
      const name = this.#names[level] as Bytes
      const values = this.#values[level] as ValueTexts
      const id = this.#group.labelIdAt(row, level)
      const length = values.lengthOf(id)
      buffer[at++] = lengthField(LABEL)
      at = writeVarint(buffer, at, pairBytes(name, length))
      buffer[at++] = lengthField(NAME)
      at = writeVarint(buffer, at, name.length)
      at = copyWords(view, at, name.view, 0, name.length)
      buffer[at++] = lengthField(VALUE)
      at = writeVarint(buffer, at, length)
      at = copyWords(view, at, values.view, values.startOf(id), length)
    }
    chunk.at = at
  }
}

function pairBytes(name: Bytes, valueLength: number): number {
  return lengthFieldBytes(name.length) + 1 + varintLength(valueLength) + valueLength
}
