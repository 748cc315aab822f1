type Fn = (...args: unknown[]) => unknown

interface Entry {
  readonly fn: Fn
  readonly context: unknown
  readonly once: boolean
}

/**
 * An emitter that keeps listeners as eventemitter3 does: one record, or an array of records, by event; a listener's
 * context and whether it is to be called once are in the record, and `emit` removes it itself.
 */
export class RecordEmitter {
  _events: Record<PropertyKey, Entry | Entry[]> = Object.create(null)

  on(event: PropertyKey, fn: Fn, context?: unknown): this {
    return this.#add(event, { fn, context: context ?? this, once: false })
  }

  once(event: PropertyKey, fn: Fn, context?: unknown): this {
    return this.#add(event, { fn, context: context ?? this, once: true })
  }

  off(event: PropertyKey, fn: Fn, _context?: unknown, once?: boolean): this {
    const left = this.#entries(event).filter((entry) => entry.fn !== fn || (once === true && !entry.once))
    const [first] = left
    if (first === undefined) delete this._events[event]
    else this._events[event] = left.length === 1 ? first : left
    return this
  }

  removeListener(event: PropertyKey, fn: Fn, context?: unknown, once?: boolean): this {
    return this.off(event, fn, context, once)
  }

  listeners(event: PropertyKey): Fn[] {
    return this.#entries(event).map(({ fn }) => fn)
  }

  emit(event: PropertyKey, ...args: unknown[]): boolean {
    const entries = this.#entries(event)
    for (const { fn, context, once } of [...entries]) {
      if (once) this.removeListener(event, fn, undefined, true)
      fn.apply(context, args)
    }
    return entries.length > 0
  }

  #add(event: PropertyKey, entry: Entry): this {
    const stored = this._events[event]
    if (stored === undefined) this._events[event] = entry
    else if (Array.isArray(stored)) stored.push(entry)
    else this._events[event] = [stored, entry]
    return this
  }

  #entries(event: PropertyKey): Entry[] {
    const stored = this._events[event]
    if (stored === undefined) return []
    return Array.isArray(stored) ? stored : [stored]
  }
}
