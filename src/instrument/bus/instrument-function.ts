import type { Instruments } from '../../facade/instruments'
import { DefinitionError, errorText, quoted, received } from '../../model/errors'
import type { BusRecorder } from './bus-recorder'
import { busRegistry } from './instrument-bus'
import type { TopicSeries } from './topic-series'

/** Any function that publishes or handles events. */
export type BusFunction = (...args: never[]) => unknown

export interface InstrumentFunctionOptions<F extends BusFunction> {
  /** The `bus` label. */
  readonly name: string
  /** The topic, or what tells it from the arguments of a call; `undefined` leaves the call out of the metrics. */
  readonly topic: string | ((...args: Parameters<F>) => string | undefined)
  /** How many events a call is about; one where that is no number from 0 on. Default: one. */
  readonly events?: ((...args: Parameters<F>) => number) | undefined
  /** Patterns that topics are counted under, as those of `instrumentBus`. Default: none. */
  readonly patterns?: readonly string[] | undefined
  /** After how many milliseconds a handling counts as failed with the reason `timeout`. Default: never. */
  readonly timeoutMs?: number | undefined
  /** `messaging.system` of the semantic conventions. Default: `custom`. */
  readonly system?: string | undefined
  /** Whether the events count under the names of OpenTelemetry's semantic conventions too. Default: the service's `semconv`. */
  readonly semconv?: boolean | undefined
}

/**
 * A function that does what `publish` does and counts its events: as published when it returns or its promise is
 * fulfilled, as failed by the class of the error when it throws or rejects.
 *
 * @throws DefinitionError when an option is wrong.
 */
export function instrumentPublish<F extends BusFunction>(
  metrics: Instruments,
  publish: F,
  options: InstrumentFunctionOptions<F>,
): F {
  const measure = new MeasuredFunction(metrics, publish, options)
  return standIn(publish, function (this: unknown, ...args) {
    const topic = measure.topic(args)
    const events = topic === undefined ? 0 : measure.events(topic, 'publish', args)
    return measure.recorder.publish(topic, publish, this, events, ...args)
  })
}

/**
 * A function that does what `handler` does and counts and times how it fares with its events.
 *
 * @throws DefinitionError when an option is wrong.
 */
export function instrumentHandler<F extends BusFunction>(
  metrics: Instruments,
  handler: F,
  options: InstrumentFunctionOptions<F>,
): F {
  const measure = new MeasuredFunction(metrics, handler, options)
  return standIn(handler, function (this: unknown, ...args) {
    const topic = measure.topic(args)
    const events = topic === undefined ? 0 : measure.events(topic, 'process', args)
    return measure.recorder.process(topic, handler, this, events, ...args)
  })
}

/** What is known of a function's calls. */
class MeasuredFunction<F extends BusFunction> {
  readonly recorder: BusRecorder
  readonly #options: InstrumentFunctionOptions<F>
  readonly #metrics: Instruments
  #warned = false

  constructor(metrics: Instruments, fn: F, options: InstrumentFunctionOptions<F>) {
    const name: unknown = options?.name
    const cannot = `Cannot instrument bus ${quoted(name)}:`
    if (typeof fn !== 'function') {
      throw new DefinitionError(
        `${cannot} what publishes or handles must be a function, got ${received(fn)}. Pass the function that the service calls.`,
      )
    }
    const { topic, events, ...busOptions } = options
    if (typeof topic !== 'string' && typeof topic !== 'function') {
      throw new DefinitionError(
        `${cannot} topic must be a text or a function of the call's arguments, got ${received(topic)}. Write topic: 'orders'.`,
      )
    }
    if (events !== undefined && typeof events !== 'function') {
      throw new DefinitionError(
        `${cannot} events must be a function of the call's arguments, got ${received(events)}. Leave it out for one a call.`,
      )
    }
    this.#options = options
    this.#metrics = metrics
    this.recorder = busRegistry(metrics).sharedRecorder(busOptions)
  }

  topic(args: readonly unknown[]): TopicSeries | undefined {
    const { topic } = this.#options
    if (typeof topic === 'string') return this.recorder.topic(topic)
    const name = this.#ask(topic, args)
    return name === undefined ? undefined : this.recorder.topic(String(name))
  }

  events(topic: TopicSeries, operation: 'publish' | 'process', args: readonly unknown[]): number {
    const { events } = this.#options
    if (events === undefined) return 1
    const told = Number(this.#ask(events, args) ?? 1)
    const count = Number.isFinite(told) && told >= 0 ? told : 1
    topic.recordBatch(operation, count)
    return count
  }

  /** What a function of the application says; it may throw, which leaves the call out. */
  #ask(ask: (...args: Parameters<F>) => unknown, args: readonly unknown[]): unknown {
    try {
      return ask(...(args as Parameters<F>))
    } catch (error) {
      if (!this.#warned) {
        this.#metrics.log.warn(`A function of bus "${this.recorder.name}" threw: ${errorText(error)}`)
      }
      this.#warned = true
      return undefined
    }
  }
}

/** Frameworks look at a handler's name, and at the number of its parameters to know whether it takes a callback. */
function standIn<F extends BusFunction>(original: F, measured: (this: unknown, ...args: unknown[]) => unknown): F {
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(measured, key, { value: original[key], configurable: true })
  }
  // It takes and returns what the original does.
  return measured as unknown as F
}
