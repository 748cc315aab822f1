import type { SeriesGroup } from '../store/series-group'
import { Bytes, copyWords } from './bytes'
import type { Chunk } from './chunk'
import { lengthField, Message, varintLength, writeVarint } from './protobuf-bytes'
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
  /** What stands before the length of each label's value: its name, and the tag of the value. */
  readonly #openings: readonly Bytes[]
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
    this.#openings = names.map(openingOf)
    this.#values = values
    for (const [name, value] of constant) if (!names.includes(name)) writeLabel(this.#constant, name, value)
  }

  /** Makes sure that the labels of a series can be written, and gives their length in bytes, or more. */
  measure(row: number): number {
    let length = this.#constant.length
    for (let level = 0; level < this.#openings.length; level++) {
      const valueLength = (this.#values[level] as ValueTexts).require(this.#group.labelIdAt(row, level))
      length += (this.#openings[level] as Bytes).length + valueLength + MAX_LENGTHS
    }
    return length
  }

  /** Writes the labels of a series that was measured. Returns the end. */
  write({ buffer, view }: Chunk, start: number, row: number): number {
    let at = this.#constant.copyTo(buffer, start)
    for (let level = 0; level < this.#openings.length; level++) {
      const opening = this.#openings[level] as Bytes
      const values = this.#values[level] as ValueTexts
      const id = this.#group.labelIdAt(row, level)
      const valueLength = values.lengthOf(id)
      const length = varintLength(valueLength) + valueLength
      buffer[at] = lengthField(LABEL)
      at = writeVarint(buffer, at + 1, opening.length + length)
      at = copyWords(view, at, opening.view, 0, opening.length)
      at = copyWords(view, at, values.view, values.startOf(id), length)
    }
    return at
  }
}

/** The most bytes that a label's tag and the lengths of the pair and of the value take. */
const MAX_LENGTHS = 9

function openingOf(name: string): Bytes {
  const message = new Message()
  message.text(NAME, name)
  return new Bytes(Buffer.concat([message.bytes, Buffer.of(lengthField(VALUE))]))
}
