import { MAX_LABEL_LENGTH } from '../model/labels'

/** Structures are told anew which of them are still in use when there are this many, and again whenever that doubles. */
const FIRST_SWEEP = 1_000

/**
 * One frozen copy of each array or map that labels a series, so that it can be a key by identity and nobody can change
 * it. A copy is kept as long as the series that has it, so distinct structures cost no more memory than series do.
 */
export class Structures {
  readonly #kept = new Map<string, WeakRef<object>>()
  #sweepAt = FIRST_SWEEP

  /**
   * The kept copy that equals `value`, or a new one; `undefined` where its JSON cannot be had or is too long for a label. Maps
   * are equal in whatever order their keys were written, and copies have them in one.
   */
  copyOf(value: object): unknown {
    const text = textOf(value)
    if (text === undefined || text.length > MAX_LABEL_LENGTH) return undefined
    const kept = this.#kept.get(text)?.deref()
    if (kept !== undefined) return kept
    const copy = JSON.parse(text, sorted)
    // Without a map in it, the text is the only one there is.
    return (text.includes('{') ? this.#kept.get(JSON.stringify(copy))?.deref() : undefined) ?? Object.freeze(copy)
  }

  /**
   * Has {@link copyOf} find `copy` from now on, while something else holds it. Returns the one that is found: two labels
   * of a new series may have equal copies.
   */
  keep(copy: object): object {
    const text = textOf(copy) as string
    const known = this.#kept.get(text)?.deref()
    if (known !== undefined) return known
    if (this.#kept.size >= this.#sweepAt) this.#sweep()
    this.#kept.set(text, new WeakRef(copy))
    return copy
  }

  #sweep(): void {
    for (const [text, copy] of this.#kept) if (copy.deref() === undefined) this.#kept.delete(text)
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#kept.size)
  }
}

function textOf(value: object): string | undefined {
  try {
    return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part))
  } catch {
    return undefined
  }
}

/** A part of a structure, the keys of maps in alphabetical order. */
function sorted(_key: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
  return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
}
