import { grown, type LabelValues, type StoredLabel } from '../store/label-values'
import { SLACK_BYTES } from './bytes'

const FIRST_BYTES = 64
/** How much larger the array is made than it has to be: little, as it is held for as long as the series are. */
const GROWTH = 1.125

/**
 * The values of a label as pages write them, rendered once and kept end to end in one array of bytes. A value
 * that many series have, in many metrics, is there once.
 */
export class ValueTexts {
  view = new DataView(new ArrayBuffer(FIRST_BYTES))
  #bytes: Buffer = Buffer.from(this.view.buffer)
  #end = 0
  /** Bytes of values that are gone. */
  #wasted = 0
  readonly #values: LabelValues
  readonly #escaped: (text: string) => string
  #starts = new Uint32Array(0)
  #ends = new Uint32Array(0)
  /** The serial numbers of the values that were rendered. */
  #serials = new Uint32Array(0)

  /** `escaped` makes text what the format has for it. */
  constructor(values: LabelValues, escaped: (text: string) => string) {
    this.#values = values
    this.#escaped = escaped
  }

  /** Bytes held. */
  get sizeBytes(): number {
    return this.#bytes.length + 3 * this.#starts.byteLength
  }

  /** Forgets every text where half of them are of values that are gone. Those in use are rendered when next required. */
  tidy(): void {
    if (this.#wasted <= FIRST_BYTES || this.#wasted <= this.#end / 2) return
    this.#end = 0
    this.#wasted = 0
    this.#starts.fill(0)
    this.#ends.fill(0)
    this.#serials.fill(0)
  }

  /** Makes sure that the text of a value is there, until the next {@link tidy}. */
  require(id: number): void {
    if (this.#serials[id] !== this.#values.serialOf(id)) this.#render(id)
  }

  startOf(id: number): number {
    return this.#starts[id] as number
  }

  lengthOf(id: number): number {
    return (this.#ends[id] as number) - (this.#starts[id] as number)
  }

  #render(id: number): void {
    if (id >= this.#starts.length) {
      const { length } = this.#values.list
      this.#starts = grown(this.#starts, length)
      this.#ends = grown(this.#ends, length)
      this.#serials = grown(this.#serials, length)
    }
    this.#wasted += this.lengthOf(id)
    const text = this.#escaped(labelText(this.#values.at(id)))
    this.#reserve(this.#end + text.length * 3)
    this.#starts[id] = this.#end
    this.#end += this.#bytes.write(text, this.#end, 'utf8')
    this.#ends[id] = this.#end
    this.#serials[id] = this.#values.serialOf(id)
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
