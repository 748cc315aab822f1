import { detached } from '../model/detached'
import { MAX_LABEL_LENGTH } from '../model/labels'

export type StoredLabel = string | number | boolean | readonly unknown[] | object

/**
 * The values that a label has in all series of a registry. Each is kept once, however many series have it, and known by
 * a small number, its id. An id is free again when the last series with its value is gone.
 */
export class LabelValues {
  /** By id; `undefined` where an id is free. */
  readonly list: (StoredLabel | undefined)[] = []
  readonly #ids = new Map<StoredLabel, number>()
  readonly #free: number[] = []
  /** How often each value is in use. */
  #uses = new Uint32Array(2)
  #serials = new Uint32Array(2)
  #serial = 0

  get inUse(): boolean {
    return this.#ids.size > 0
  }

  /** The id of a value that some series has. */
  find(value: StoredLabel): number | undefined {
    return isTooLong(value) ? undefined : this.#ids.get(value)
  }

  /** The value with an id that is in use. */
  at(id: number): StoredLabel {
    return this.list[id] as StoredLabel
  }

  /** Changes when an id is given to another value. */
  serialOf(id: number): number {
    return this.#serials[id] as number
  }

  /** The id of a value for one more use. */
  take(value: StoredLabel): number {
    const id = this.#ids.get(value) ?? this.#add(value)
    ;(this.#uses[id] as number) += 1
    return id
  }

  /** Ends one use of a value. */
  release(id: number): void {
    ;(this.#uses[id] as number) -= 1
    if (this.#uses[id] !== 0) return
    this.#ids.delete(this.at(id))
    this.list[id] = undefined
    this.#free.push(id)
  }

  #add(value: StoredLabel): number {
    const id = this.#free.pop() ?? this.list.length
    if (id === this.#uses.length) {
      this.#uses = grown(this.#uses, id + 1)
      this.#serials = grown(this.#serials, id + 1)
    }
    const kept = typeof value === 'string' ? detached(value) : value
    this.#ids.set(kept, id)
    this.list[id] = kept
    this.#serials[id] = ++this.#serial
    return id
  }
}

/** Whether a value can belong to no series, and must not be looked up: see {@link MAX_LABEL_LENGTH}. */
export function isTooLong(value: StoredLabel): boolean {
  return typeof value === 'string' && value.length > MAX_LABEL_LENGTH
}

/** Names at which those without a series are forgotten, and again whenever there are twice as many. */
const FIRST_SWEEP = 1_000

/** The labels of a registry's metrics, and the values of each. Metrics that have a label in common share its values. */
export class Vocabulary {
  readonly #labels = new Map<string, LabelValues>()
  #sweepAt = FIRST_SWEEP

  /** Names that are remembered. */
  get size(): number {
    return this.#labels.size
  }

  valuesOf(name: string): LabelValues {
    const known = this.#labels.get(name)
    if (known !== undefined) return known
    if (this.#labels.size >= this.#sweepAt) this.#sweep()
    const values = new LabelValues()
    this.#labels.set(name, values)
    return values
  }

  /** Names come from attributes too, so that there is no end of them. */
  #sweep(): void {
    for (const [name, values] of this.#labels) if (!values.inUse) this.#labels.delete(name)
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#labels.size)
  }
}

/** How much longer than needed an array is made: little, as it is held for as long as the series are. */
const GROWTH = 1.125

/** A copy with room for `length` numbers and some more, each `fill`. */
export function grown<T extends Uint8Array | Uint16Array | Int32Array | Uint32Array>(
  array: T,
  length: number,
  fill = 0,
): T {
  const longer = new (array.constructor as new (length: number) => T)(Math.ceil(length * GROWTH))
  longer.set(array)
  if (fill !== 0) longer.fill(fill, array.length)
  return longer
}
