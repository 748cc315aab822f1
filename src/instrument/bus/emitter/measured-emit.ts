import { EventEmitter } from 'node:events'
import type { Method } from '../../override-method'
import type { AnyFunction, BusRecorder } from '../bus-recorder'
import {
  EventListeners,
  type EventMeasure,
  type Listener,
  type ListenerCaller,
  type ListenerTable,
  type Stored,
} from './event-listeners'

/** The part of an emitter that is used here. `_events` is where Node.js and eventemitter3 keep listeners. */
export interface Emitter {
  _events?: ListenerTable | undefined
  removeListener?(event: string | symbol, listener: Listener, context: undefined, once: boolean): unknown
}

/** How many events are remembered with their listeners' stand-ins; beyond that the memory is emptied. */
const REMEMBERED_EVENTS = 1000

/** Events by which an emitter tells about itself. */
const META_EVENTS: ReadonlySet<unknown> = new Set(['newListener', 'removeListener', EventEmitter.errorMonitor])

/**
 * An `emit` for one emitter, which measures each listener's call and leaves everything else to the emitter's own `emit`.
 *
 * Wrapping listeners where they are added would have to deceive `listeners`, `rawListeners`, `off`, `once` and the
 * meta-events, and could not undo itself; calling the listeners from here would bypass what subclasses, domains and
 * captured rejections do in `emit`. So the stand-ins are lent: they are put in the emitter's table when `emit` is
 * entered, the emitter's own `emit` picks them up, and the first one that is called puts the table back before it does
 * anything else. No code of the application runs meanwhile, but for the two cases below, and it never sees a stand-in.
 *
 * - An overriding `emit` of a subclass, and listeners of `errorMonitor`, run before the event's listeners. If they emit,
 *   the table is put back for that time; if they add or remove listeners, the change is carried over.
 * - An `emit` that calls no listener, or calls them later, leaves the table to be put back when it returns.
 */
export class MeasuredEmit implements ListenerCaller {
  readonly emit: Method
  /** The loan: the event whose stand-ins stand in `table` where `source` belongs. */
  private lent: EventListeners | undefined
  private table: ListenerTable | undefined
  private source: Stored | undefined
  private standIn: Stored | undefined
  private stopped = false
  private readonly events = new Map<unknown, EventListeners | undefined>()
  /** Whether `emit` is Node.js's own, in which nothing can see or change the table before the first listener. */
  private readonly plain: boolean
  /** The one stand-in that serves every event with one listener where `emit` is plain. */
  private readonly solo: Listener
  /**
   * Whether nobody looks at the promises of listeners. Node.js's own `emit` does where it captures rejections; another
   * `emit` may, if it ever returns something else than a boolean. It has returned by the time that a promise is rejected.
   */
  private readonly dropsPromises: boolean | (() => boolean)
  private mayHandOn = false

  constructor(
    private readonly emitter: Emitter,
    private readonly original: Method,
    private readonly measureOf: (event: string | symbol) => EventMeasure | undefined,
    private readonly recorder: BusRecorder,
  ) {
    this.plain = original === EventEmitter.prototype.emit
    const captures = Object.getOwnPropertySymbols(EventEmitter.prototype).find(
      (symbol) => symbol.description === 'kCapture',
    )
    const captured = captures !== undefined && Reflect.get(emitter, captures) === true
    this.dropsPromises = !captured && (this.plain || (() => !this.mayHandOn))
    const measured = this
    this.emit = function emit(this: unknown, ...args: unknown[]): unknown {
      // An object that inherits from the emitter emits for itself.
      if (this !== emitter || measured.stopped) return Reflect.apply(original, this, args)
      return measured.dispatch(...args)
    }
    this.solo = function (...args) {
      // The loan is for this listener, which is the only one of its event.
      const { lent, source } = measured
      if (lent === undefined || typeof source !== 'function') return undefined
      return measured.call(source, lent, this, ...args)
    }
  }

  /** Makes {@link emit} pass every call on, for where it cannot be taken out of a chain of overrides. */
  stop(): void {
    this.stopped = true
    this.events.clear()
  }

  call(listener: Listener, { topic }: EventListeners, context: unknown, ...args: unknown[]): unknown {
    if (this.lent !== undefined) this.takeBack()
    return this.recorder.handle(topic, listener as AnyFunction, context, this.dropsPromises, ...args)
  }

  removeOnce(event: string | symbol, listener: Listener): void {
    if (this.lent !== undefined) this.takeBack()
    this.emitter.removeListener?.(event, listener, undefined, true)
  }

  private dispatch(...args: unknown[]): unknown {
    const outer = this.lent
    if (outer !== undefined) this.takeBack()
    const event = this.listenersOf(args[0])
    // A listener may emit the same event again, which may then have another topic.
    const outerTopic = event?.topic
    if (event !== undefined) {
      event.topic = event.measure.emitted(...args)
      if (event.topic !== undefined) this.lend(event)
    }
    try {
      const result = Reflect.apply(this.original, this.emitter, args as never[])
      if (typeof result !== 'boolean') this.mayHandOn = true
      return result
    } finally {
      if (this.lent !== undefined) this.takeBack()
      if (event !== undefined) event.topic = outerTopic
      if (outer !== undefined) this.lend(outer)
    }
  }

  private listenersOf(event: unknown): EventListeners | undefined {
    return this.events.get(event) ?? this.meet(event)
  }

  /** An event that is new, or one that is not measured. */
  private meet(event: unknown): EventListeners | undefined {
    const key = typeof event === 'number' ? String(event) : event
    if ((typeof key !== 'string' && typeof key !== 'symbol') || META_EVENTS.has(key)) return undefined
    if (this.events.has(key)) return this.events.get(key)
    if (this.events.size >= REMEMBERED_EVENTS) this.events.clear()
    const measure = this.measureOf(key)
    const listeners = measure === undefined ? undefined : new EventListeners(key, measure, this)
    this.events.set(key, listeners)
    return listeners
  }

  private lend(event: EventListeners): void {
    const table = this.emitter._events
    if (table === undefined || table === null || !Object.hasOwn(table, event.event)) return
    const source = table[event.event]
    if (typeof source !== 'function' && (typeof source !== 'object' || source === null)) return
    this.standIn = this.plain && typeof source === 'function' ? this.solo : event.standInFor(source)
    this.source = source
    this.table = table
    this.lent = event
    table[event.event] = this.standIn
  }

  private takeBack(): void {
    const { lent, table, source, standIn } = this
    this.lent = this.table = this.source = this.standIn = undefined
    if (lent === undefined || table === undefined || source === undefined || standIn === undefined) return
    if (table[lent.event] === standIn && (this.plain || lent.isIntact(source, standIn))) table[lent.event] = source
    else if (this.emitter._events) lent.reclaim(this.emitter._events, source, standIn)
  }
}
