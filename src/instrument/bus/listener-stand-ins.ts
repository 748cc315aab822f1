/** One addition of a listener to a bus. */
interface Addition {
  /** When it was made, among all of them. */
  readonly at: number
  /** Puts the listener itself in the place of its stand-in. */
  readonly restore: () => void
}

/**
 * Listeners of a bus that keeps them to itself: each is added as a stand-in, found again when it is to be removed, and
 * put back when the measurement ends. One listener has one stand-in, so that a bus that takes each listener once still
 * does.
 */
export class ListenerStandIns<L extends object, S extends object> {
  readonly #make: (listener: L) => S
  readonly #made = new WeakMap<L, S>()
  /** By stand-in, and by what tells two additions of one listener apart. */
  readonly #added = new Map<object, Map<unknown, Addition>>()
  #additions = 0

  constructor(make: (listener: L) => S) {
    this.#make = make
  }

  /** The stand-in of a listener, made where there is none. */
  of(listener: L): S {
    let standIn = this.#made.get(listener)
    if (standIn === undefined) {
      standIn = this.#make(listener)
      this.#made.set(listener, standIn)
    }
    return standIn
  }

  /** What the bus knows a listener as: its stand-in, or itself where it was added before the measurement began. */
  known(listener: L, key: unknown): L | S {
    const standIn = this.#made.get(listener)
    return standIn !== undefined && this.#added.get(standIn)?.has(key) === true ? standIn : listener
  }

  added(standIn: S, key: unknown, restore: () => void): void {
    const additions = this.#added.get(standIn) ?? new Map<unknown, Addition>()
    if (!additions.has(key)) additions.set(key, { at: this.#additions++, restore })
    this.#added.set(standIn, additions)
  }

  removed(standIn: object, key: unknown): void {
    const additions = this.#added.get(standIn)
    additions?.delete(key)
    if (additions?.size === 0) this.#added.delete(standIn)
  }

  /** Forgets additions whose key `isGone`. */
  forget(isGone: (key: unknown) => boolean): void {
    for (const [standIn, additions] of this.#added) {
      for (const key of additions.keys()) if (isGone(key)) this.removed(standIn, key)
    }
  }

  /** Puts the listeners themselves back, in the order in which they were added. */
  restore(): void {
    const additions = [...this.#added.values()].flatMap((made) => [...made.values()]).sort((a, b) => a.at - b.at)
    this.#added.clear()
    for (const { restore } of additions) restore()
  }
}
