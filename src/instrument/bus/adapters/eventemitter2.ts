import { hasMethods } from '../../has-methods'
import { type Method, overrideMethods } from '../../override-method'
import type { BusAdapter } from '../bus-adapter'
import type { AnyFunction, BusRecorder } from '../bus-recorder'
import type { TopicSeries } from '../topic-series'
import { type EmitterBus, measureEmit, publishedEvents } from './emitter'

type EventName = string | symbol | readonly (string | symbol)[]

/** A listener, and how eventemitter2 finds what a wrapper stands for: by either property. */
type Listener = ((this: unknown, ...args: unknown[]) => unknown) & { listener?: unknown; _origin?: unknown }

/** A node of the tree in which an emitter with wildcards keeps its listeners. */
interface Tree {
  _listeners?: Listener | Listener[]
  readonly [level: string | symbol]: Tree | Listener | Listener[] | undefined
}

/** The part of eventemitter2 that is used here. */
interface EventEmitter2 extends EmitterBus {
  wildcard?: boolean
  delimiter?: string
  listenerTree?: Tree
  emitAsync: Method
  _on(name: EventName, listener: Listener, prepend: boolean, options?: unknown): unknown
}

const METHODS = ['emit', 'emitAsync', 'onAny', 'offAny', 'many', 'waitFor']
const META_EVENTS: ReadonlySet<unknown> = new Set(['newListener', 'removeListener'])

/**
 * eventemitter2. Without wildcards it keeps listeners as Node.js does and is measured alike. With them, listeners in its
 * tree are replaced by stand-ins while the measurement lasts, which `listeners` then shows; what they handle counts under
 * the pattern that they listen to.
 */
export const eventEmitter2Adapter: BusAdapter<EventEmitter2> = {
  library: 'eventemitter2',
  system: 'nodejs',

  recognises(bus) {
    return hasMethods(bus, ...METHODS)
  },

  watch(bus, recorder) {
    if (bus.wildcard === true) return watchTree(bus, recorder)
    const measureOf = publishedEvents(recorder)
    const stopEmit = measureEmit(bus, recorder, measureOf)
    const stopEmitAsync = measureEmit(bus, recorder, measureOf, 'emitAsync')
    return {
      stop() {
        stopEmitAsync()
        stopEmit()
      },
    }
  },
}

function watchTree(bus: EventEmitter2, recorder: BusRecorder): { stop(): void } {
  const originals = new WeakMap<object, Listener>()
  /** Whether the emitter is calling listeners whose promises it waits for. */
  let waits = false
  const nameOf = (name: unknown): string | symbol =>
    Array.isArray(name) ? name.map((level) => textOf(level)).join(bus.delimiter ?? '.') : (name as string | symbol)

  const standInFor = (listener: Listener, name: unknown): Listener => {
    if (originals.has(listener) || META_EVENTS.has(name)) return listener
    const pattern = String(textOf(nameOf(name)))
    const standIn: Listener = function (...args) {
      const topic = topicOf((this as { event?: unknown })?.event ?? pattern, pattern, args[0])
      return recorder.handle(topic, listener as AnyFunction, this, !waits, ...args)
    }
    standIn.listener = listener
    standIn._origin = listener._origin ?? listener
    originals.set(standIn, listener)
    return standIn
  }
  const topicOf = (event: unknown, pattern: string, message: unknown): TopicSeries | undefined =>
    recorder.subscribed(String(textOf(nameOf(event))), pattern, message)

  const { emit, emitAsync, _on } = bus
  const published = (original: Method, isWaiting: boolean): Method =>
    function (this: unknown, ...args: unknown[]) {
      if (this !== bus || META_EVENTS.has(args[0])) return Reflect.apply(original, this, args as never[])
      recorder.topic(nameOf(args[0]), args[1])?.countPublished()
      const outer = waits
      waits = isWaiting
      try {
        return Reflect.apply(original, this, args as never[])
      } finally {
        waits = outer
      }
    }
  const override = overrideMethods(
    bus,
    {
      emit: published(emit, false),
      emitAsync: published(emitAsync, true),
      _on(this: unknown, name: EventName, listener: Listener, prepend: boolean, options?: unknown) {
        const added = this === bus && typeof listener === 'function' ? standInFor(listener, name) : listener
        return Reflect.apply(_on, this, [name, added, prepend, options])
      },
    },
    `bus "${recorder.name}"`,
  )
  replaceListeners(bus.listenerTree, [], (listener, path) => standInFor(listener, path))
  return {
    stop() {
      override.restore()
      replaceListeners(bus.listenerTree, [], (listener) => originals.get(listener) ?? listener)
    },
  }
}

/** Replaces the listeners of a tree where they stand. */
function replaceListeners(
  tree: Tree | undefined,
  path: readonly (string | symbol)[],
  replace: (listener: Listener, path: readonly (string | symbol)[]) => Listener,
): void {
  if (tree === undefined) return
  const { _listeners: listeners } = tree
  if (typeof listeners === 'function') tree._listeners = replace(listeners, path)
  else if (Array.isArray(listeners)) {
    const replaced = listeners.map((listener) => replace(listener, path))
    listeners.splice(0, listeners.length, ...replaced)
  }
  for (const level of Reflect.ownKeys(tree)) {
    if (level !== '_listeners') replaceListeners(tree[level] as Tree | undefined, [...path, level], replace)
  }
}

function textOf(name: unknown): unknown {
  return typeof name === 'symbol' ? (name.description ?? '(symbol)') : name
}
