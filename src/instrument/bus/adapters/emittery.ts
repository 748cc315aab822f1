import { hasMethods } from '../../has-methods'
import { overrideMethods } from '../../override-method'
import type { BusAdapter } from '../bus-adapter'
import type { AnyFunction } from '../bus-recorder'
import { ListenerStandIns } from '../listener-stand-ins'

type EventName = string | symbol | number
type Listener = (event: { readonly name: EventName; readonly data?: unknown }) => unknown

/** The part of Emittery that is used here. */
interface Emittery {
  on(names: EventName | readonly EventName[], listener: Listener, options?: object): unknown
  off(names: EventName | readonly EventName[], listener: Listener): void
  onAny(listener: Listener, options?: object): unknown
  offAny(listener: Listener): void
  emit(name: EventName, data?: unknown): Promise<void>
  emitSerial(name: EventName, data?: unknown): Promise<void>
  clearListeners(names?: EventName | readonly EventName[]): void
}

const isName = (name: unknown): name is EventName => ['string', 'symbol', 'number'].includes(typeof name)
const topicOf = (name: EventName): string | symbol => (typeof name === 'number' ? String(name) : name)
/** The key of listeners to all events. */
const ANY = Symbol('any')

/**
 * emittery: published is every call of `emit` and `emitSerial` with a name. Listeners are added as stand-ins, for the
 * emitter keeps them to itself: those that were added before the measurement began are not measured.
 */
export const emitteryAdapter: BusAdapter<Emittery> = {
  library: 'emittery',
  system: 'nodejs',

  recognises(bus) {
    return hasMethods(bus, 'emit', 'emitSerial', 'on', 'off', 'onAny', 'offAny', 'anyEvent', 'clearListeners')
  },

  watch(bus, recorder) {
    const { on, off, onAny, offAny, emit, emitSerial, clearListeners } = bus
    const standIns = new ListenerStandIns<Listener, Listener>((listener) => (event) => {
      const topic = isName(event?.name) ? recorder.topic(topicOf(event.name), event.data) : undefined
      return recorder.handle(topic, listener as AnyFunction, undefined, false, event)
    })
    const publish = (name: unknown, data?: unknown): void => {
      if (isName(name)) recorder.topic(topicOf(name), data)?.countPublished()
    }
    const namesOf = (names: unknown): readonly unknown[] => (Array.isArray(names) ? names : [names])

    const override = overrideMethods(
      bus,
      {
        on(names: EventName | readonly EventName[], listener: Listener, options?: object) {
          if (typeof listener !== 'function') return on(names, listener, options)
          const standIn = standIns.of(listener)
          const result = on(names, standIn, options)
          for (const name of namesOf(names) as EventName[]) {
            // The listener is added first, so that the event is never without one.
            standIns.added(standIn, name, () => {
              on(name, listener, options)
              off(name, standIn)
            })
          }
          return result
        },
        off(names: EventName | readonly EventName[], listener: Listener) {
          if (typeof listener !== 'function') return off(names, listener)
          for (const name of namesOf(names) as EventName[]) {
            const known = standIns.known(listener, name)
            standIns.removed(known, name)
            off(name, known)
          }
        },
        onAny(listener: Listener, options?: object) {
          if (typeof listener !== 'function') return onAny(listener, options)
          const standIn = standIns.of(listener)
          const result = onAny(standIn, options)
          standIns.added(standIn, ANY, () => {
            onAny(listener, options)
            offAny(standIn)
          })
          return result
        },
        offAny(listener: Listener) {
          const known = typeof listener === 'function' ? standIns.known(listener, ANY) : listener
          standIns.removed(known, ANY)
          offAny(known)
        },
        emit(...args: [EventName, unknown?]) {
          publish(...args)
          return emit(...args)
        },
        emitSerial(...args: [EventName, unknown?]) {
          publish(...args)
          return emitSerial(...args)
        },
        clearListeners(...args: [(EventName | readonly EventName[])?]) {
          clearListeners(...args)
          const names = namesOf(args[0])
          standIns.forget((key) => names.includes(key) || names.some((name) => !isName(name)))
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
