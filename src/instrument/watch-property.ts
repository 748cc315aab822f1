import { DefinitionError } from '../model/errors'

export interface PropertyWatcher {
  /** Hears that the property has another value now, before whoever wrote it goes on. */
  onWrite?(value: unknown, before: unknown): void
  /** Hears that the function which the property holds is called through it. */
  onCall?(): void
}

/** The functions that stand in for others, with these: one that is read and written elsewhere is not watched twice. */
const originals = new WeakMap<object, unknown>()

/** A data property that stands behind an accessor while somebody watches it. */
class WatchedProperty {
  readonly #watchers = new Set<PropertyWatcher>()
  #value: unknown
  #standIn: unknown

  /** `existed` tells a property that was there from one that is only awaited. */
  constructor(
    value: unknown,
    private readonly existed: boolean,
  ) {
    this.#value = originalOf(value)
    this.#standIn = this.#watched(this.#value)
  }

  readonly get = (): unknown => this.#standIn

  readonly set = (written: unknown): void => {
    const before = this.#value
    const value = originalOf(written)
    if (value === before) return
    this.#value = value
    this.#standIn = this.#watched(value)
    for (const watcher of this.#watchers) watcher.onWrite?.(value, before)
  }

  /** The property as it would be without anybody watching; `undefined` where it would not be there. */
  get descriptor(): PropertyDescriptor | undefined {
    if (!this.existed && this.#value === undefined) return undefined
    return { value: this.#value, writable: true, configurable: true }
  }

  add(watcher: PropertyWatcher): void {
    this.#watchers.add(watcher)
  }

  /** Whether nobody watches any more. */
  remove(watcher: PropertyWatcher): boolean {
    this.#watchers.delete(watcher)
    return this.#watchers.size === 0
  }

  /** A function that tells when it is called, in the place of one; anything else as it is. */
  #watched(value: unknown): unknown {
    if (typeof value !== 'function') return value
    const watchers = this.#watchers
    const standIn = function (this: unknown, ...args: unknown[]): unknown {
      for (const watcher of watchers) watcher.onCall?.()
      return Reflect.apply(value, this, args)
    }
    originals.set(standIn, value)
    return standIn
  }
}

function originalOf(value: unknown): unknown {
  return typeof value === 'function' ? (originals.get(value) ?? value) : value
}

const watched = new WeakMap<object, Map<string, WatchedProperty>>()

/**
 * Watches `target[key]`, an own property that need not be there yet, and returns what ends that: with the last watcher
 * the property is again what it was, with the value that it has then. `what` names the object in the error.
 *
 * @throws DefinitionError when the object is frozen or the property cannot be changed.
 */
export function watchProperty(target: object, key: string, watcher: PropertyWatcher, what: string): () => void {
  const properties = watched.get(target) ?? new Map<string, WatchedProperty>()
  watched.set(target, properties)
  let property = properties.get(key)
  if (property === undefined) {
    property = intercept(target, key, what)
    properties.set(key, property)
  }
  const found = property
  found.add(watcher)
  return () => {
    if (!found.remove(watcher) || properties.get(key) !== found) return
    properties.delete(key)
    release(target, key, found)
  }
}

function intercept(target: object, key: string, what: string): WatchedProperty {
  const before = Object.getOwnPropertyDescriptor(target, key)
  const property = new WatchedProperty(before?.value, before !== undefined)
  const { get, set } = property
  const accessor = { get, set, enumerable: before?.enumerable ?? true, configurable: true }
  if (before?.writable === false || !Reflect.defineProperty(target, key, accessor)) {
    throw new DefinitionError(
      `Cannot instrument ${what}: property ${key} must be changeable, got one that is not. ` +
        `Do not freeze or seal the object, or instrument it before that.`,
    )
  }
  return property
}

function release(target: object, key: string, { get, descriptor }: WatchedProperty): void {
  const current = Object.getOwnPropertyDescriptor(target, key)
  // Somebody else has redefined the property since: it is theirs now.
  if (current?.get !== get) return
  if (descriptor === undefined) Reflect.deleteProperty(target, key)
  else Reflect.defineProperty(target, key, { ...descriptor, enumerable: current.enumerable ?? true })
}
