import { varintLength, writeVarint } from '../model/varint'
import type { SeriesGroup } from '../store/series-group'
import { Bytes, copyWords } from './bytes'
import type { Chunk } from './chunk'
import { lengthField, Message } from './protobuf-bytes'
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
  /** Where each label of the series that was written last ends. */
  readonly #ends: Uint32Array
  /** The ids of its values. */
  readonly #ids: Uint32Array
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
    this.#ends = new Uint32Array(names.length)
    this.#ids = new Uint32Array(names.length)
    for (const [name, value] of constant) if (!names.includes(name)) writeLabel(this.#constant, name, value)
  }

  /** Writes the labels of a series to the beginning of `target`, as `LabelTexts` writes theirs. Returns the length. */
  write(target: Chunk, row: number, isNext: boolean): number {
    const group = this.#group
    const openings = this.#openings
    const ends = this.#ends
    const ids = this.#ids
    let level = 0
    let at = 0
    if (isNext) {
      while (level < ends.length && group.labelIdAt(row, level) === ids[level]) level++
      if (level > 0) at = ends[level - 1] as number
    }
    if (level === 0) {
      target.reserve(0, this.#constant.length)
      at = this.#constant.copyTo(target.buffer, 0)
    }
    for (; level < ends.length; level++) {
      const opening = openings[level] as Bytes
      const values = this.#values[level] as ValueTexts
      const id = group.labelIdAt(row, level)
      ids[level] = id
      const start = values.require(id)
      const valueLength = values.lengthAt(start)
      const length = varintLength(valueLength) + valueLength
      target.reserve(at, opening.length + length + MAX_LENGTHS)
      const { buffer, view } = target
      buffer[at] = lengthField(LABEL)
      at = writeVarint(buffer, at + 1, opening.length + length)
      at = copyWords(view, at, opening.view, 0, opening.length)
      at = copyWords(view, at, values.view, start, length)
      ends[level] = at
    }
    return at
  }
}

/** The most bytes that a label's tag and length take. */
const MAX_LENGTHS = 6

function openingOf(name: string): Bytes {
  const message = new Message()
  message.text(NAME, name)
  return new Bytes(Buffer.concat([message.bytes, Buffer.of(lengthField(VALUE))]))
}
