import { varintLength, writeVarint } from '../model/varint'
import type { SeriesGroup } from '../store/series-group'
import { Bytes, copyWords, SLACK_BYTES } from './bytes'
import type { Chunk } from './chunk'
import { lengthField, Message } from './protobuf-bytes'
import type { ValueTexts } from './value-texts'

/** No place in a chunk. */
export const NO_ROOM = -1

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

/** No labels that every series has. */
const NONE = new Message()
/** What the pairs of a group take without what stands before its labels, and what others than {@link NONE} take more. */
const OWN_BYTES = 400
const CONSTANT_BYTES = 300

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
  readonly #constant: Message

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
    this.#constant = constant.size === 0 ? NONE : new Message()
    for (const [name, value] of constant) if (!names.includes(name)) writeLabel(this.#constant, name, value)
  }

  /** Bytes held. */
  get sizeBytes(): number {
    const constant = this.#constant === NONE ? 0 : this.#constant.length + CONSTANT_BYTES
    return this.#openings.reduce((sum, opening) => sum + opening.sizeBytes, OWN_BYTES + constant)
  }

  /** How long the labels of a series are, or a few bytes more. */
  lengthOf(row: number): number {
    let length = this.#constant.length
    for (const [level, values] of this.#values.entries()) {
      const valueLength = values.lengthAt(values.require(this.#group.labelIdAt(row, level)))
      length += MAX_LENGTHS + (this.#openings[level] as Bytes).length + varintLength(valueLength) + valueLength
    }
    return length
  }

  /**
   * Writes the labels of a series at `start` of a chunk. `previous` is where those of the series before it begin, if they
   * are still there: what both begin with is copied. Returns the end; {@link NO_ROOM} where there is not enough.
   */
  write(chunk: Chunk, start: number, row: number, previous: number): number {
    const { buffer, view } = chunk
    const limit = buffer.length - SLACK_BYTES
    const group = this.#group
    const openings = this.#openings
    const ends = this.#ends
    const ids = this.#ids
    let level = 0
    if (previous !== NO_ROOM) while (level < ends.length && group.labelIdAt(row, level) === ids[level]) level++
    const shared = level > 0 ? (ends[level - 1] as number) : this.#constant.length
    if (start + shared > limit) return NO_ROOM
    let at = level > 0 ? chunk.copyWithin(start, previous, shared) : this.#constant.copyTo(buffer, start)
    for (; level < ends.length; level++) {
      const opening = openings[level] as Bytes
      const values = this.#values[level] as ValueTexts
      const id = group.labelIdAt(row, level)
      ids[level] = id
      const value = values.require(id)
      const valueLength = values.lengthAt(value)
      const length = varintLength(valueLength) + valueLength
      if (at + opening.length + length + MAX_LENGTHS > limit) return NO_ROOM
      buffer[at] = lengthField(LABEL)
      at = writeVarint(buffer, at + 1, opening.length + length)
      at = copyWords(view, at, opening.view, 0, opening.length)
      at = copyWords(view, at, values.view, value, length)
      ends[level] = at - start
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
