import { varintLength } from '../model/varint'
import type { SeriesGroup } from '../store/series-group'
import { Bytes, copyWords, escapeLabelValue } from './bytes'
import { Chunk } from './chunk'
import { quotedLabel } from './quoted'
import { labelText, type ValueTexts } from './value-texts'

const scratch = new Chunk(256)
/** What stands behind a value. */
const QUOTE = new Bytes('"')
/** What the texts of a group take without what stands before its labels. */
const OWN_BYTES = 450

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
  /** Where each label of the series that was written last ends. */
  readonly #ends: Uint32Array
  /** The ids of its values. */
  readonly #ids: Uint32Array
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
    this.#closing = levels.size > 0 ? QUOTE : new Bytes(constantText)
    this.#ends = new Uint32Array(levels.size)
    this.#ids = new Uint32Array(levels.size)
  }

  /** Bytes held. */
  get sizeBytes(): number {
    return this.#openings.reduce((sum, opening) => sum + opening.sizeBytes, OWN_BYTES)
  }

  /**
   * Writes the text of a series to the beginning of `target`. Where `isNext`, the one that was written last still stands
   * there, and what both begin with stays. Returns the length.
   */
  write(target: Chunk, row: number, isNext: boolean): number {
    if (this.#shared !== undefined) return this.#writeShared(target, row)
    const group = this.#group
    const openings = this.#openings
    const closing = this.#closing
    const ends = this.#ends
    const ids = this.#ids
    let level = 0
    let at = 0
    if (isNext) {
      while (level < ends.length && group.labelIdAt(row, level) === ids[level]) level++
      if (level > 0) at = ends[level - 1] as number
    }
    for (; level < ends.length; level++) {
      const opening = openings[level] as Bytes
      const values = this.#values[level] as ValueTexts
      const id = group.labelIdAt(row, level)
      ids[level] = id
      const start = values.require(id)
      const length = values.lengthAt(start)
      target.reserve(at, opening.length + length + closing.length)
      at = copyWords(target.view, at, opening.view, 0, opening.length)
      at = copyWords(target.view, at, values.view, start + varintLength(length), length)
      ends[level] = at
    }
    target.reserve(at, closing.length)
    return copyWords(target.view, at, closing.view, 0, closing.length)
  }

  /** The text of a series. */
  textOf(row: number): string {
    if (this.#shared !== undefined) return this.#sharedText(row)
    const length = this.write(scratch, row, false)
    return scratch.buffer.toString('utf8', 0, length)
  }

  #writeShared(target: Chunk, row: number): number {
    const text = this.#sharedText(row)
    target.reserve(0, 3 * text.length)
    return target.buffer.write(text)
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
