import { readVarint, varintLength, writeVarint } from '../model/varint'
import { grown } from '../store/column'
import type { LabelValues, StoredLabel } from '../store/label-values'
import { SLACK_BYTES } from './bytes'

const FIRST_BYTES = 64
/** What the objects around the bytes take: few for a label, and many where each series has labels of its own. */
const OBJECTS_BYTES = 900
/** How much larger the array is made than it has to be: little, as it is held for as long as the series are. */
const GROWTH = 1.125

/**
 * The values of a label as pages write them, rendered once and kept end to end in one array of bytes, each behind its
 * length as protobuf writes it. A value that many series have, in many metrics, is there once.
 */
export class ValueTexts {
  view = new DataView(new ArrayBuffer(FIRST_BYTES))
  #bytes: Buffer = Buffer.from(this.view.buffer)
  /** The first byte is nobody's, so that no text starts at 0. */
  #end = 1
  /** Bytes of values that are gone. */
  #wasted = 0
  readonly #values: LabelValues
  readonly #escaped: (text: string) => string
  /** By id, where the length stands; 0 where the value was not rendered. */
  #starts = new Uint32Array(0)
  /** Up to where it is known which ids were given to other values. */
  #reuses: number

  /** `escaped` makes text what the format has for it. */
  constructor(values: LabelValues, escaped: (text: string) => string) {
    this.#values = values
    this.#escaped = escaped
    this.#reuses = values.reuses
  }

  /** Bytes held. */
  get sizeBytes(): number {
    return OBJECTS_BYTES + this.#bytes.length + this.#starts.byteLength
  }

  /** Forgets every text where half of them are of values that are gone. Those in use are rendered when next required. */
  tidy(): void {
    if (this.#wasted > FIRST_BYTES && this.#wasted > this.#end / 2) this.#forgetAll()
  }

  /** Makes sure that the text of a value is there, and tells where in {@link view} its length begins. */
  require(id: number): number {
    if (this.#reuses !== this.#values.reuses) this.#forgetReused()
    const start = this.#starts[id]
    return start === undefined || start === 0 ? this.#render(id) : start
  }

  /** The length of the text at `start`. */
  lengthAt(start: number): number {
    const length = this.#bytes[start] as number
    return length < 128 ? length : readVarint(this.#bytes, start)
  }

  #forgetAll(): void {
    this.#end = 1
    this.#wasted = 0
    this.#starts.fill(0)
  }

  #forgetReused(): void {
    const reused = this.#values.reusedSince(this.#reuses)
    this.#reuses = this.#values.reuses
    if (reused === undefined) this.#forgetAll()
    else for (const id of reused) this.#forget(id)
  }

  #forget(id: number): void {
    const start = this.#starts[id]
    if (start === undefined || start === 0) return
    const length = this.lengthAt(start)
    this.#wasted += varintLength(length) + length
    this.#starts[id] = 0
  }

  #render(id: number): number {
    if (id >= this.#starts.length) this.#starts = grown(this.#starts, this.#values.list.length)
    const text = this.#escaped(labelText(this.#values.at(id)))
    const length = Buffer.byteLength(text)
    this.#reserve(this.#end + SLACK_BYTES + varintLength(length) + length)
    // Long lengths may look like a NaN to `copyWords`, so they keep away from the text before.
    if (length > 127) this.#end += SLACK_BYTES
    const start = this.#end
    this.#starts[id] = start
    this.#end = writeVarint(this.#bytes, start, length)
    this.#end += this.#bytes.write(text, this.#end, 'utf8')
    return start
  }

  #reserve(end: number): void {
    if (end + SLACK_BYTES <= this.#bytes.length) return
    const bytes = Buffer.from(new ArrayBuffer(Math.ceil((end + SLACK_BYTES) * GROWTH)))
    bytes.set(this.#bytes.subarray(0, this.#end))
    this.#bytes = bytes
    this.view = new DataView(bytes.buffer)
  }
}

/** A label value as text, before anything is escaped. */
export function labelText(value: StoredLabel): string {
  if (typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
