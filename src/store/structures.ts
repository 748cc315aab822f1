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

  /** The kept copy that equals `value`, or a new one; `undefined` where its JSON cannot be had or is too long for a label. */
  copyOf(value: object): unknown {
    const text = textOf(value)
    if (text === undefined || text.length > MAX_LABEL_LENGTH) return undefined
    return this.#kept.get(text)?.deref() ?? Object.freeze(JSON.parse(text))
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
