import { detached } from '../model/detached'
import { MAX_LABEL_LENGTH } from '../model/labels'
import { type Column, withNumber } from './column'
import { TextIds } from './text-ids'

export type StoredLabel = string | number | boolean | readonly unknown[] | object

/** Reused ids that are remembered at least, for whoever keeps something by id. */
const REMEMBERED_REUSES = 1_000

/**
 * The values that a label has in all series of a registry. Each is kept once, however many series have it, and known by
 * a small number, its id. An id is free again when the last series with its value is gone.
 */
export class LabelValues {
  /** By id; `undefined` where an id is free. */
  readonly list: (StoredLabel | undefined)[] = []
  /** How often an id was given to another value. */
  reuses = 0
  readonly #texts = new TextIds(this.list)
  /** The ids of values that are no texts, or long ones. */
  readonly #others = new Map<StoredLabel, number>()
  readonly #free: number[] = []
  /** How often each value is in use. */
  #uses: Column = new Uint8Array(2)
  /** The last ids that were given to other values, the latest at the end. */
  readonly #reused: number[] = []

  get inUse(): boolean {
    return this.list.length > this.#free.length
  }

  /** The id of a value that some series has. */
  find(value: StoredLabel): number | undefined {
    if (isShort(value)) return this.#texts.get(value)
    return isTooLong(value) ? undefined : this.#others.get(value)
  }

  /** The value with an id that is in use. */
  at(id: number): StoredLabel {
    return this.list[id] as StoredLabel
  }

  /** The ids that were given to other values since there were `reuses`; `undefined` where these are too many to tell. */
  reusedSince(reuses: number): number[] | undefined {
    const count = this.reuses - reuses
    return count > this.#reused.length ? undefined : this.#reused.slice(this.#reused.length - count)
  }

  /** The id of a value for one more use. */
  take(value: StoredLabel): number {
    const id = this.find(value) ?? this.#add(value)
    this.#uses = withNumber(this.#uses, id, (this.#uses[id] ?? 0) + 1)
    return id
  }

  /** Ends one use of a value. */
  release(id: number): void {
    ;(this.#uses[id] as number) -= 1
    if (this.#uses[id] !== 0) return
    const value = this.at(id)
    if (isShort(value)) this.#texts.delete(value)
    else this.#others.delete(value)
    this.list[id] = undefined
    this.#free.push(id)
  }

  #add(value: StoredLabel): number {
    const id = this.#freeId() ?? this.list.length
    const kept = typeof value === 'string' ? detached(value) : value
    this.list[id] = kept
    if (isShort(kept)) this.#texts.add(kept, id)
    else this.#others.set(kept, id)
    return id
  }

  #freeId(): number | undefined {
    const id = this.#free.pop()
    if (id === undefined) return undefined
    this.reuses++
    if (this.#reused.push(id) > 2 * REMEMBERED_REUSES) this.#reused.splice(0, REMEMBERED_REUSES)
    return id
  }
}

/** Texts up to this length are hashed at each look-up; the engine keeps the hash of longer ones. */
const MAX_HASHED_LENGTH = 64

function isShort(value: StoredLabel): value is string {
  return typeof value === 'string' && value.length <= MAX_HASHED_LENGTH
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
