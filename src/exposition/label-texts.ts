import type { SeriesGroup } from '../store/series-group'
import { Bytes, copyWords, escapeLabelValue, SLACK_BYTES } from './bytes'
import { varintLength } from './protobuf-bytes'
import { quotedLabel } from './quoted'
import { labelText, type ValueTexts } from './value-texts'

/** The label text of a group's series, `region="eu",tier="gold"`, put together from the texts of the values. */
export class LabelTexts {
  /** The labels as the page names them, one for each of the group's names. */
  readonly names: readonly string[]
  /** Whether a label of the group stands in the place of a constant one. */
  readonly shadowsConstant: boolean
  readonly #group: SeriesGroup
  /** The texts of the values of each label. */
  readonly #values: readonly ValueTexts[]
  /** What stands before the value of each label: `,name="` behind the end of the one before. */
  readonly #openings: readonly Bytes[]
  /** What stands behind the last value; for a group without labels all there is. */
  readonly #closing: Bytes
  readonly #fixedLength: number
  /** Where several of the group's labels have one name on the page: the group's labels for each of the page's. */
  readonly #shared: readonly (readonly number[])[] | undefined

  /**
   * `nameOf` makes label names what the page calls them; the labels of `constant` go before every series' own;
   * `reserved` is a label that the format writes.
   */
  constructor(
    group: SeriesGroup,
    values: readonly ValueTexts[],
    nameOf: (raw: string) => string,
    constant: ReadonlyMap<string, string>,
    reserved: string | undefined,
  ) {
    this.#group = group
    this.#values = values
    this.names = group.names.map((raw) => {
      const clean = nameOf(raw)
      return clean === reserved ? `exported_${clean}` : clean
    })
    this.shadowsConstant = this.names.some((name) => constant.has(name))
    const levels = new Map<string, number[]>()
    this.names.forEach((name, level) => void levels.set(name, [...(levels.get(name) ?? []), level]))
    this.#shared = levels.size < this.names.length ? [...levels.values()] : undefined
    const constantText = [...constant]
      .filter(([name]) => !levels.has(name))
      .map(([name, value]) => `${quotedLabel(name)}="${escapeLabelValue(value)}"`)
      .join(',')
    this.#openings = [...levels.keys()].map((name, index) => {
      const before = index > 0 ? '",' : constantText === '' ? '' : `${constantText},`
      return new Bytes(`${before}${quotedLabel(name)}="`)
    })
    this.#closing = new Bytes(levels.size > 0 ? '"' : constantText)
    this.#fixedLength = this.#openings.reduce((sum, { length }) => sum + length, this.#closing.length)
  }

  /** Makes sure that the text of a series can be written, and gives its length in bytes, or more. */
  measure(row: number): number {
    if (this.#shared !== undefined) return this.#sharedText(row).length * 3
    const group = this.#group
    let length = this.#fixedLength
    for (let level = 0; level < this.names.length; level++) {
      length += (this.#values[level] as ValueTexts).require(group.labelIdAt(row, level))
    }
    return length
  }

  /** Writes the text of a series that was measured, as {@link copyWords} writes. Returns the end. */
  write(target: DataView, start: number, row: number): number {
    if (this.#shared !== undefined) return start + Buffer.from(target.buffer).write(this.#sharedText(row), start)
    const group = this.#group
    const openings = this.#openings
    let at = start
    for (let level = 0; level < openings.length; level++) {
      const opening = openings[level] as Bytes
      at = copyWords(target, at, opening.view, 0, opening.length)
      const values = this.#values[level] as ValueTexts
      const id = group.labelIdAt(row, level)
      const length = values.lengthOf(id)
      at = copyWords(target, at, values.view, values.startOf(id) + varintLength(length), length)
    }
    return copyWords(target, at, this.#closing.view, 0, this.#closing.length)
  }

  /** The text of a series. */
  textOf(row: number): string {
    if (this.#shared !== undefined) return this.#sharedText(row)
    const target = new DataView(new ArrayBuffer(this.measure(row) + SLACK_BYTES))
    return Buffer.from(target.buffer, 0, this.write(target, 0, row)).toString()
  }

  /** Values of labels that share a name are joined (compatibility specification, "Metric Attributes"). */
  #sharedText(row: number): string {
    const texts = this.#shared?.map((levels, index) => {
      const value = levels.map((level) => labelText(this.#group.labelAt(row, level))).join(';')
      return `${this.#openings[index]?.text}${escapeLabelValue(value)}`
    })
    return `${texts?.join('')}${this.#closing.text}`
  }
}
