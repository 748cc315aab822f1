import type { StoredLabel } from '../store/label-index'
import type { SeriesGroup } from '../store/series-group'
import { escapeLabelValue } from './bytes'

/** Which kinds of values a label has had: two values of different kinds may read the same. */
type Kinds = number

/** How much larger an array is made than it has to be: little, as it is held for as long as the series are. */
const GROWTH = 1.2

/**
 * The label text of every series of a group, `region="eu",tier="gold"`, rendered once and kept end to end in one
 * array of bytes; and the order in which the series are written, by label values.
 */
export class LabelTexts {
  /** All texts; the text of a row is `[starts[row], starts[row + 1])`. */
  bytes: Buffer = Buffer.alloc(0)
  starts = new Uint32Array(16)
  /** The rows of existing series in the order of the page. */
  order: Uint32Array = new Uint32Array(0)
  /** The labels as the page names them, one for each of the group's names. */
  readonly names: readonly string[]
  /** Kinds of values by label. */
  readonly kinds: Kinds[]
  /** Whether a label of the group stands in the place of a constant one. */
  readonly shadowsConstant: boolean
  readonly #group: SeriesGroup
  /** The parts of a text that all series share: `,name="` of each label. */
  readonly #openings: readonly string[]
  readonly #slots: readonly number[][]
  readonly #constant: string
  #epoch = -1
  #deletions = 0
  #rendered = 0

  /**
   * `nameOf` makes label names what the page calls them; the labels of `constant` go before every series' own;
   * `reserved` is a label that the format writes.
   */
  constructor(
    group: SeriesGroup,
    nameOf: (raw: string) => string,
    constant: ReadonlyMap<string, string>,
    reserved: string | undefined,
  ) {
    this.#group = group
    this.kinds = group.names.map(() => 0)
    this.names = group.names.map((raw) => {
      const clean = nameOf(raw)
      return clean === reserved ? `exported_${clean}` : clean
    })
    this.shadowsConstant = this.names.some((name) => constant.has(name))
    const slots = new Map<string, number[]>()
    this.names.forEach((name, level) => {
      const levels = slots.get(name)
      if (levels === undefined) slots.set(name, [level])
      else levels.push(level)
    })
    this.#openings = [...slots.keys()].map((name) => `${name}="`)
    this.#slots = [...slots.values()]
    this.#constant = [...constant]
      .filter(([name]) => !slots.has(name))
      .map(([name, value]) => `${name}="${escapeLabelValue(value)}"`)
      .join(',')
  }

  /** Bytes held. */
  get sizeBytes(): number {
    return this.bytes.byteLength + this.starts.byteLength + this.order.byteLength
  }

  /** Renders what is new in the group. */
  sync(): void {
    const group = this.#group
    const restart = group.epoch !== this.#epoch
    if (restart) {
      this.#epoch = group.epoch
      this.#rendered = 0
    }
    const known = this.#rendered
    if (!restart && known === group.rowCount && this.#deletions === group.deletions) return
    for (let row = known; row < group.rowCount; row++) this.#render(row)
    this.#rendered = group.rowCount
    this.#deletions = group.deletions
    this.#sort(restart ? 0 : known)
  }

  /** The label values of a row: its place in the order, in terms that outlive a packing of the group. */
  placeOf(row: number): readonly StoredLabel[] {
    return this.#group.names.map((_name, level) => this.#group.labelAt(row, level))
  }

  /** Where in the order the rows begin that are not before `place`. */
  findPlace(place: readonly StoredLabel[]): number {
    let low = 0
    let high = this.order.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#isBefore(this.order[middle] as number, place)) low = middle + 1
      else high = middle
    }
    return low
  }

  #isBefore(row: number, place: readonly StoredLabel[]): boolean {
    for (let level = 0; level < place.length; level++) {
      const own = labelText(this.#group.labelAt(row, level))
      const other = labelText(place[level] as StoredLabel)
      if (own !== other) return own < other
    }
    return false
  }

  #render(row: number): void {
    let text = this.#constant
    for (let slot = 0; slot < this.#openings.length; slot++) {
      const levels = this.#slots[slot] as number[]
      const value = levels.map((level) => this.#valueText(row, level)).join(';')
      text += `${text === '' ? '' : ','}${this.#openings[slot]}${escapeLabelValue(value)}"`
    }
    const start = row === 0 ? 0 : (this.starts[row] as number)
    this.#reserve(row, start + text.length * 3)
    this.starts[row + 1] = start + this.bytes.write(text, start, 'utf8')
  }

  #valueText(row: number, level: number): string {
    const value = this.#group.labelAt(row, level)
    ;(this.kinds[level] as number) |= kindOf(value)
    return labelText(value)
  }

  #reserve(row: number, end: number): void {
    if (row + 2 > this.starts.length) {
      const starts = new Uint32Array(Math.ceil((row + 2) * GROWTH))
      starts.set(this.starts)
      this.starts = starts
    }
    if (end > this.bytes.length) {
      const bytes = Buffer.alloc(Math.ceil(end * GROWTH))
      bytes.set(this.bytes)
      this.bytes = bytes
    }
  }

  /** Puts the rows from `first` on into the order of the rest. */
  #sort(first: number): void {
    const group = this.#group
    const compare = (a: number, b: number) => compareRows(group, a, b)
    const fresh: number[] = []
    for (let row = first; row < group.rowCount; row++) if (group.isLive(row)) fresh.push(row)
    fresh.sort(compare)
    const kept = first === 0 ? [] : this.order.filter((row) => group.isLive(row))
    const order = new Uint32Array(group.liveCount)
    for (let to = 0, a = 0, b = 0; to < order.length; to++) {
      const takeKept = b >= fresh.length || (a < kept.length && compare(kept[a] as number, fresh[b] as number) < 0)
      order[to] = (takeKept ? kept[a++] : fresh[b++]) as number
    }
    this.order = order
  }
}

const STRING = 1
const EMPTY = 2
const OTHER = 4

function kindOf(value: StoredLabel): Kinds {
  if (typeof value !== 'string') return OTHER
  return value === '' ? EMPTY : STRING
}

/** Whether a label that has had these kinds of values may have had two that read the same. */
export function kindsMayMeet(kinds: Kinds): boolean {
  return (kinds & OTHER) !== 0 && kinds !== OTHER
}

/** Whether a label has been set to `''`, which reads as if it were absent. */
export function kindsHaveEmpty(kinds: Kinds): boolean {
  return (kinds & EMPTY) !== 0
}

function labelText(value: StoredLabel): string {
  if (typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function compareRows(group: SeriesGroup, a: number, b: number): number {
  for (let level = 0; level < group.names.length; level++) {
    const left = labelText(group.labelAt(a, level))
    const right = labelText(group.labelAt(b, level))
    if (left !== right) return left < right ? -1 : 1
  }
  return a - b
}
