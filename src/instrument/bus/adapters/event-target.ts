import { hasMethods } from '../../has-methods'
import { overrideMethods } from '../../override-method'
import type { BusAdapter } from '../bus-adapter'
import type { AnyFunction } from '../bus-recorder'
import { ListenerStandIns } from '../listener-stand-ins'

type ListenerFunction = (this: unknown, event: { readonly type: string }) => unknown
type Listener = ListenerFunction | { handleEvent?: ListenerFunction }
type Options = boolean | { readonly capture?: boolean; readonly once?: boolean; readonly signal?: AbortSignal }

/** The part of `EventTarget` that is used here. */
interface Target {
  addEventListener(type: string, listener: Listener | null, options?: Options): void
  removeEventListener(type: string, listener: Listener | null, options?: Options): void
  dispatchEvent(event: object): boolean
}

const isListener = (listener: unknown): listener is Listener =>
  typeof listener === 'function' || (typeof listener === 'object' && listener !== null)

function capturing(options: Options | undefined): boolean {
  return typeof options === 'object' && options !== null ? options.capture === true : options === true
}

/** One key for a type of event and a phase. */
const keyOf = (type: string, options: Options | undefined): string => `${capturing(options) ? '1' : '0'}${type}`

/**
 * `EventTarget`: published is every call of `dispatchEvent`. Listeners are added as stand-ins, for the target keeps them
 * to itself: those that were added before the measurement began, and `on…` properties, are not measured.
 */
export const eventTargetAdapter: BusAdapter<Target> = {
  library: 'EventTarget',
  system: 'nodejs',

  recognises(bus) {
    return hasMethods(bus, 'addEventListener', 'removeEventListener', 'dispatchEvent')
  },

  watch(bus, recorder) {
    const { addEventListener, removeEventListener, dispatchEvent } = bus
    const add = (...args: Parameters<Target['addEventListener']>) => Reflect.apply(addEventListener, bus, args)
    const remove = (...args: Parameters<Target['addEventListener']>) => Reflect.apply(removeEventListener, bus, args)

    const standIns = new ListenerStandIns<Listener, ListenerFunction>((listener) => {
      return function standIn(this: unknown, event) {
        const isFunction = typeof listener === 'function'
        const handler = isFunction ? listener : (listener.handleEvent ?? noHandler)
        const topic = recorder.topic(String(event?.type), event)
        return recorder.handle(topic, handler as AnyFunction, isFunction ? this : listener, false, event)
      }
    })

    const override = overrideMethods(
      bus,
      {
        addEventListener(this: unknown, type: string, listener: Listener | null, options?: Options) {
          if (this !== bus || !isListener(listener)) {
            return Reflect.apply(addEventListener, this, [type, listener, options])
          }
          // What was added before the measurement began is there already, and is not added again.
          const standIn = standIns.of(listener)
          add(type, standIn, options)
          const key = keyOf(type, options)
          const { once, signal } = typeof options === 'object' && options !== null ? options : {}
          if (once === true || signal?.aborted === true) return
          signal?.addEventListener('abort', () => standIns.removed(standIn, key), { once: true })
          standIns.added(standIn, key, () => {
            remove(type, standIn, options)
            add(type, listener, options)
          })
        },
        removeEventListener(this: unknown, type: string, listener: Listener | null, options?: Options) {
          if (this !== bus || !isListener(listener)) {
            return Reflect.apply(removeEventListener, this, [type, listener, options])
          }
          const standIn = standIns.of(listener)
          standIns.removed(standIn, keyOf(type, options))
          remove(type, standIn, options)
          remove(type, listener, options)
        },
        dispatchEvent(this: unknown, event: { readonly type?: unknown }) {
          if (this === bus && typeof event?.type === 'string') recorder.topic(event.type, event)?.countPublished()
          return Reflect.apply(dispatchEvent, this, [event])
        },
      },
      `bus "${recorder.name}"`,
    )
    return {
      stop() {
        override.restore()
        standIns.restore()
      },
    }
  },
}

/** What `EventTarget` does with an object that has no `handleEvent`: nothing. */
function noHandler(): void {}
