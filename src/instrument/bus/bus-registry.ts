import type { Instruments } from '../../facade/instruments'
import type { BusAdapter, BusWatch } from './bus-adapter'
import { BusInstruments } from './bus-instruments'
import { BusLevels, observeLevels } from './bus-levels'
import { checkBusOptions, type InstrumentBusOptions } from './bus-options'
import { BusRecorder } from './bus-recorder'
import { BusSeries } from './bus-series'
import { type Attributes, MessagingInstruments } from './messaging-series'
import { TopicNames } from './topic-names'

/** A bus that is being measured. */
export interface InstrumentedBus {
  readonly name: string
  /**
   * Ends the measurement: the bus is as it was before, and its series leave. More calls do nothing. The series of a bus
   * that is dropped without this stay.
   */
  stop(): void
}

interface Running extends InstrumentedBus {
  readonly levels: BusLevels
}

/** The buses under measurement, by whom. One bus has one measurement: two would lend each other their stand-ins. */
const instrumented = new WeakMap<object, { readonly registry: BusRegistry; readonly handle: InstrumentedBus }>()

/** The buses of one service, and what they share. */
export class BusRegistry {
  readonly #metrics: Instruments
  readonly #instruments: BusInstruments
  readonly #series = new Map<string, BusSeries>()
  /** By handle, held weakly: the handle hangs on its bus. */
  readonly #running = new Set<WeakRef<Running>>()
  /** Recorders of functions, which nobody stops one by one, by their options. */
  readonly #shared = new Map<string, { readonly recorder: BusRecorder; readonly release: () => void }>()
  #messaging: MessagingInstruments | undefined
  /** How many buses are measured under the names of the semantic conventions, by their system. */
  readonly #conventions = new Map<unknown, number>()

  constructor(metrics: Instruments) {
    this.#metrics = metrics
    this.#instruments = new BusInstruments(metrics)
    const { queueDepth, consumerLag } = this.#instruments
    metrics.addBatchCallback(
      (result) => observeLevels(this.#reading(), this.#instruments, result),
      [queueDepth, consumerLag],
    )
  }

  /** The measurement of a bus, and whether it is this service's. */
  static handleOf(bus: object): { readonly registry: BusRegistry; readonly handle: InstrumentedBus } | undefined {
    return instrumented.get(bus)
  }

  /** Whether a bus of a system is measured under the names of the semantic conventions. */
  hasConventionsOf(system: unknown): boolean {
    return (this.#conventions.get(system) ?? 0) > 0
  }

  /** A recorder for a name of its own, and what ends its recording. */
  recorder(options: InstrumentBusOptions, system: string, attributes: Attributes = {}) {
    const { name } = options
    const { clock, log } = this.#metrics
    const series = this.#series.get(name) ?? new BusSeries(this.#instruments, name)
    this.#series.set(name, series)
    series.acquire()
    const names = new TopicNames(options, log)
    if (options.semconv) {
      this.#messaging ??= new MessagingInstruments(this.#metrics)
      this.#conventions.set(system, (this.#conventions.get(system) ?? 0) + 1)
    }
    const recorder = new BusRecorder({
      name,
      clock,
      series,
      names,
      attributes: { 'messaging.system': system, ...attributes },
      messaging: options.semconv ? this.#messaging : undefined,
      countsBytes: options.bytes ?? false,
      asksDeadLetters: options.deadLetters ?? false,
      timeoutMs: options.timeoutMs,
    })
    const release = () => {
      recorder.close()
      if (options.semconv) this.#conventions.set(system, (this.#conventions.get(system) ?? 0) - 1)
      if (series.release()) this.#series.delete(name)
    }
    return { recorder, names, series, release }
  }

  instrument<B extends object>(bus: B, adapter: BusAdapter<B>, options: InstrumentBusOptions): InstrumentedBus {
    const { name } = options
    const { recorder, names, series, release } = this.recorder(options, adapter.system, adapter.attributes?.(bus))
    let watch: BusWatch
    try {
      watch = adapter.watch(bus, recorder)
    } catch (error) {
      release()
      throw error
    }
    for (const topic of options.topics ?? []) recorder.labelled(topic)

    const asks = options.depth ?? adapter.isDepthFree ?? true
    const levels = new BusLevels(asks ? watch : { stop() {} }, name, names, series, this.#metrics.log)
    let stopped = false
    const handle: Running = {
      name,
      levels,
      stop: () => {
        if (stopped) return
        stopped = true
        levels.stop()
        instrumented.delete(bus)
        this.#running.delete(running)
        release()
        watch.stop()
      },
    }
    const running = new WeakRef(handle)
    this.#running.add(running)
    instrumented.set(bus, { registry: this, handle })
    return handle
  }

  /** The recorder for functions with these options. */
  sharedRecorder({
    system = 'custom',
    ...options
  }: InstrumentBusOptions & { readonly system?: string | undefined }): BusRecorder {
    checkBusOptions(options)
    const key = JSON.stringify([system, options])
    let shared = this.#shared.get(key)
    if (shared === undefined) {
      shared = this.recorder(options, system)
      this.#shared.set(key, shared)
    }
    return shared.recorder
  }

  /** Ends every measurement. */
  stop(): void {
    for (const { release } of this.#shared.values()) release()
    this.#shared.clear()
    for (const running of [...this.#running]) running.deref()?.stop()
    this.#running.clear()
  }

  *#reading(): Iterable<Running> {
    for (const running of this.#running) {
      const handle = running.deref()
      if (handle === undefined) this.#running.delete(running)
      else yield handle
    }
  }
}
