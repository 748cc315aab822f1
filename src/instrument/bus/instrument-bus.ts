import type { Instruments } from '../../facade/instruments'
import { DefinitionError, errorText, received } from '../../model/errors'
import { type Method, overrideMethod } from '../override-method'
import { BusInstruments, BusSeries, type TopicSeries } from './bus-series'
import { type Emitter, MeasuredEmit } from './measured-emit'

/** Anything that emits events to listeners as Node.js's `EventEmitter` or eventemitter3 does. */
export interface EventBus {
  emit(event: never, ...args: never[]): unknown
  on(event: never, listener: never): unknown
}

export interface InstrumentBusOptions {
  /** The `bus` label. Buses of one name add up in the same series. */
  readonly name: string
  /**
   * The `topic` label of an event; `undefined` leaves the event out of the metrics. Asked once an event name. Default:
   * the event's name, or a symbol's description. Give it where names hold ids: `(event) => event.split(':')[0]`.
   */
  readonly topic?: (event: string | symbol) => string | undefined
  /** Topics whose counters are there, at zero, before their first event. Default: none. */
  readonly topics?: readonly string[]
}

/** A bus that is being measured. */
export interface InstrumentedBus {
  readonly name: string
  /**
   * Ends the measurement: the bus is as it was before, and its series leave. More calls do nothing. The series of a bus
   * that is dropped without this stay.
   */
  stop(): void
}

/** The buses of one service, and what they share. */
class BusRegistry {
  readonly #metrics: Instruments
  readonly #instruments: BusInstruments
  readonly #series = new Map<string, BusSeries>()
  /** By handle, held weakly: the handle hangs on its bus. */
  readonly #running = new Set<WeakRef<InstrumentedBus>>()

  constructor(metrics: Instruments) {
    this.#metrics = metrics
    this.#instruments = new BusInstruments(metrics)
  }

  instrument(bus: EventBus & Emitter, options: InstrumentBusOptions): InstrumentedBus {
    const { name } = options
    const series = this.#series.get(name) ?? new BusSeries(this.#instruments, name)
    const topicOf = this.#topicNaming(options)
    const seriesOf = (event: string | symbol): TopicSeries | undefined => {
      const topic = topicOf(event)
      return topic === undefined ? undefined : series.topic(topic)
    }
    const measured = new MeasuredEmit(bus, bus.emit as Method, seriesOf, this.#metrics.clock)
    const override = overrideMethod(bus, 'emit', measured.emit, `bus "${name}"`)
    this.#series.set(name, series)
    series.acquire()
    for (const topic of options.topics ?? []) series.topic(topic)

    let stopped = false
    const handle: InstrumentedBus = {
      name,
      stop: () => {
        if (stopped) return
        stopped = true
        measured.stop()
        override.restore()
        instrumented.delete(bus)
        this.#running.delete(running)
        if (series.release()) this.#series.delete(name)
      },
    }
    const running = new WeakRef(handle)
    this.#running.add(running)
    instrumented.set(bus, { metrics: this.#metrics, handle })
    return handle
  }

  /** Ends every measurement. */
  stop(): void {
    for (const running of [...this.#running]) running.deref()?.stop()
    this.#running.clear()
  }

  /** The application's `topic`, made safe: what it throws is logged once, and the event's name stands in. */
  #topicNaming({ name, topic }: InstrumentBusOptions): (event: string | symbol) => string | undefined {
    if (topic === undefined) return eventName
    let warned = false
    return (event) => {
      try {
        const named: unknown = topic(event)
        return named === undefined ? undefined : String(named)
      } catch (error) {
        if (!warned) this.#metrics.log.warn(`The topic function of bus "${name}" threw: ${errorText(error)}`)
        warned = true
        return eventName(event)
      }
    }
  }
}

/** The buses under measurement, by whom. One bus has one measurement: two would lend each other their stand-ins. */
const instrumented = new WeakMap<object, { readonly metrics: Instruments; readonly handle: InstrumentedBus }>()

const registries = new WeakMap<Instruments, BusRegistry>()

/**
 * Counts what is published on a bus, and counts and times what its listeners do with it.
 *
 * The bus is an emitter of Node.js, of a class derived from it, or of eventemitter3. Only its own `emit` is overridden;
 * listeners, whether they were added before or after, their order and their errors stay what they are. Published are
 * calls of `emit` on the bus itself; `newListener`, `removeListener` and `errorMonitor` are not counted. Topics and
 * classes of error are bounded, by `TOPIC_LIMIT` and `REASON_LIMIT` of bus-series. Listeners are measured when `emit`
 * calls them before it returns: an overriding `emit` that hands events on later has them published only.
 *
 * Instrumenting the same bus again under the same name returns the same handle and ignores the options.
 *
 * @throws DefinitionError when the bus is of another kind, frozen, or already instrumented under another name or by
 *   another service.
 */
export function instrumentBus(metrics: Instruments, bus: EventBus, options: InstrumentBusOptions): InstrumentedBus {
  const name: unknown = options?.name
  if (typeof name !== 'string' || name === '') {
    throw new DefinitionError(
      `Cannot instrument bus ${received(name)}: name must be a text, got ${received(name)}. ` +
        `Write instrumentBus(bus, { name: 'orders' }).`,
    )
  }
  if (!isEmitter(bus)) {
    throw new DefinitionError(
      `Cannot instrument bus "${name}": bus must be an emitter of Node.js or eventemitter3, got ${received(bus)}. ` +
        `Pass the object whose emit and on the service calls.`,
    )
  }
  const existing = instrumented.get(bus)
  if (existing !== undefined) {
    const isSame = existing.metrics === metrics
    if (isSame && existing.handle.name === name) return existing.handle
    throw new DefinitionError(
      `Cannot instrument bus "${name}": bus must not be instrumented yet, got one instrumented as ` +
        `"${existing.handle.name}"${isSame ? '' : ' by another service'}. Call stop() on its handle first.`,
    )
  }
  let registry = registries.get(metrics)
  if (registry === undefined) {
    registry = new BusRegistry(metrics)
    registries.set(metrics, registry)
  }
  return registry.instrument(bus, options)
}

/** Ends the measurement of every bus that the service has instrumented. */
export function stopBuses(metrics: Instruments): void {
  registries.get(metrics)?.stop()
}

function isEmitter(bus: unknown): bus is EventBus & Emitter {
  if ((typeof bus !== 'object' && typeof bus !== 'function') || bus === null) return false
  return (
    '_events' in bus && 'emit' in bus && typeof bus.emit === 'function' && 'on' in bus && typeof bus.on === 'function'
  )
}

function eventName(event: string | symbol): string {
  if (typeof event === 'string') return event
  return event.description === undefined || event.description === '' ? '(symbol)' : event.description
}
