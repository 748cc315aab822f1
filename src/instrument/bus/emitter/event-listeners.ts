import type { TopicSeries } from '../topic-series'

/** On a stand-in: what it stands for. */
const ORIGINAL = Symbol('original')

interface StandIn {
  [ORIGINAL]?: Entry
}

export type Listener = ((this: unknown, ...args: unknown[]) => unknown) & StandIn

/** How eventemitter3 keeps a listener. Node.js keeps the function itself. */
interface ListenerRecord extends StandIn {
  readonly fn: Listener
  readonly context: unknown
  readonly once: boolean
}

type Entry = Listener | ListenerRecord

/** What an emitter keeps under an event's name: one entry, or several in an array that it may change in place. */
export type Stored = Entry | Entry[]

/** An emitter's table of listeners. */
export type ListenerTable = Record<PropertyKey, Stored | undefined>

/** What is measured of one event of an emitter. */
export interface EventMeasure {
  /** The event is emitted: counts what that means, and gives the series of its listeners; `undefined` measures nothing. */
  emitted(...args: readonly unknown[]): TopicSeries | undefined
}

/** Calls a listener and records how that went. */
export interface ListenerCaller {
  call(listener: Listener, event: EventListeners, context: unknown, ...args: unknown[]): unknown
  removeOnce(event: string | symbol, listener: Listener): void
}

/** What was made for an entry or array of the emitter, and the entries that were in it. */
interface Made {
  readonly entries: readonly Entry[]
  readonly standIn: Stored
}

/**
 * The listeners of one event, and for each its stand-in: what an emitter can call in its place, so that the call is
 * measured. Stand-ins are kept for as long as the emitter has the same listeners. They are held by what the emitter
 * itself keeps, an entry or an array, so that listeners which the emitter forgets are forgotten here too.
 */
export class EventListeners {
  private made: WeakMap<object, Made> | undefined
  /** The series of what is being emitted now. */
  topic: TopicSeries | undefined

  constructor(
    readonly event: string | symbol,
    readonly measure: EventMeasure,
    private readonly caller: ListenerCaller,
  ) {}

  /** What to put in the emitter's table for `source`. */
  standInFor(source: Stored): Stored {
    this.made ??= new WeakMap()
    const made = this.made.get(source)
    if (made !== undefined && (!Array.isArray(source) || sameEntries(made.entries, source))) return made.standIn
    const entries = Array.isArray(source) ? [...source] : []
    const standIn = Array.isArray(source) ? entries.map((entry) => this.makeStandIn(entry)) : this.makeStandIn(source)
    this.made.set(source, { entries, standIn })
    return standIn
  }

  /** Whether the stand-in is still as {@link standInFor} gave it: nobody has added or removed a listener in its array. */
  isIntact(source: Stored, standIn: Stored): boolean {
    if (!Array.isArray(source) || !Array.isArray(standIn)) return true
    return source.length === standIn.length && standIn.every((entry, index) => originalOf(entry) === source[index])
  }

  /**
   * Puts the originals back where listeners were added or removed while stand-ins stood in the table. `source` is what
   * the stand-ins were made for, `standIn` what was put in its place.
   */
  reclaim(table: ListenerTable, source: Stored, standIn: Stored): void {
    const current = table[this.event]
    if (current === undefined) return
    if (!Array.isArray(current)) {
      table[this.event] = originalOf(current)
      return
    }
    const originals = current.map(originalOf)
    this.made?.delete(source)
    if (current === standIn && Array.isArray(source)) {
      // The emitter changed our array in place; it gets its own one back, which may carry properties of its own.
      source.splice(0, source.length, ...originals)
      table[this.event] = source
    } else {
      current.splice(0, current.length, ...originals)
    }
  }

  private makeStandIn(entry: Entry): Entry {
    const { caller, event } = this
    const listeners = this
    if (typeof entry === 'function') {
      const standIn: Listener & { listener?: unknown } = function (...args) {
        return caller.call(entry, listeners, this, ...args)
      }
      // Node.js's own mark of a wrapper: `off` and `listeners` see the original through it.
      standIn.listener = 'listener' in entry ? entry.listener : entry
      standIn[ORIGINAL] = entry
      return standIn
    }
    if (typeof entry?.fn !== 'function') return entry
    return {
      fn(...args) {
        // The emitter does not know the stand-in as one of its listeners, so it could not remove it.
        if (entry.once) caller.removeOnce(event, entry.fn)
        return caller.call(entry.fn, listeners, this, ...args)
      },
      context: entry.context,
      once: false,
      [ORIGINAL]: entry,
    }
  }
}

function originalOf(entry: Entry): Entry {
  return entry?.[ORIGINAL] ?? entry
}

function sameEntries(before: readonly Entry[], now: readonly Entry[]): boolean {
  if (before.length !== now.length) return false
  for (let i = 0; i < now.length; i++) if (before[i] !== now[i]) return false
  return true
}
