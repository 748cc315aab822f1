import {
  type BatchObservableCallback,
  type Counter,
  createNoopMeter,
  type Histogram,
  type Meter,
  type MetricOptions,
  type Observable,
  ValueType,
} from '@opentelemetry/api'
import { checkedBuckets } from '../model/buckets'
import { type Definition, describeDefinition, type InstrumentKind, type Scope } from '../model/definition'
import { errorText, received } from '../model/errors'
import type { Logger } from '../model/log'
import { isOtelName } from '../model/names'
import type { Registry } from '../store/registry'
import { propertyOf, textOf } from './api-input'
import { BatchCallbacks } from './batch-callbacks'
import { AddingInstrument, RecordingInstrument } from './instruments'
import { ObservableInstrument } from './observable-instrument'
import { SharedInstrument, type Withheld } from './withheld'

/** An instrument as it was made first. */
interface Made<T extends object = object> {
  readonly instrument: T
  readonly definition: Definition
  help: string
}

/**
 * A `Meter` of the OpenTelemetry API over the store. The API never throws (API specification, "Error handling"): what
 * is wrong with an instrument is logged, and the instrument works as well as it can.
 */
export class StoreMeter implements Meter {
  readonly #registry: Registry
  readonly #log: Logger
  readonly #scope: Scope
  readonly #withheld: Withheld
  readonly #batchCallbacks: BatchCallbacks
  readonly #instruments = new Map<string, Made>()
  /** The first definition of each name, to tell of a second. */
  readonly #definitions = new Map<string, string>()
  /** What was logged already: instruments are made again and again. */
  readonly #said = new Set<string>()

  constructor(registry: Registry, log: Logger, scope: Scope, withheld: Withheld) {
    this.#registry = registry
    this.#log = log
    this.#scope = scope
    this.#withheld = withheld
    this.#batchCallbacks = new BatchCallbacks(registry)
  }

  createCounter(name: string, options?: MetricOptions): Counter {
    const counter = this.#adding('counter', name, options)
    if (!this.#withheld.shared.has(name)) return counter
    return new SharedInstrument((...measurement) => counter.add(...measurement), this.#withheld)
  }

  createUpDownCounter(name: string, options?: MetricOptions): AddingInstrument {
    return this.#adding('upDownCounter', name, options)
  }

  createGauge(name: string, options?: MetricOptions): RecordingInstrument {
    return this.#recording('gauge', name, options)
  }

  createHistogram(name: string, options?: MetricOptions): Histogram {
    if (this.#withheld.histograms.has(name)) return createNoopMeter().createHistogram(name)
    const histogram = this.#recording('histogram', name, options)
    if (!this.#withheld.shared.has(name)) return histogram
    return new SharedInstrument((...measurement) => histogram.record(...measurement), this.#withheld)
  }

  createObservableCounter(name: string, options?: MetricOptions): ObservableInstrument {
    return this.#observable('observableCounter', name, options)
  }

  createObservableUpDownCounter(name: string, options?: MetricOptions): ObservableInstrument {
    return this.#observable('observableUpDownCounter', name, options)
  }

  createObservableGauge(name: string, options?: MetricOptions): ObservableInstrument {
    return this.#observable('observableGauge', name, options)
  }

  addBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    this.#batchCallbacks.add(callback, observables)
  }

  removeBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    this.#batchCallbacks.remove(callback, observables)
  }

  #adding(kind: InstrumentKind, name: string, options: MetricOptions | undefined): AddingInstrument {
    return this.#instrument(kind, name, options, (definition) => {
      const sink = this.#registry.register(definition)
      return new AddingInstrument(sink, this.#registry.sampler, definition)
    })
  }

  #recording(kind: InstrumentKind, name: string, options: MetricOptions | undefined): RecordingInstrument {
    return this.#instrument(kind, name, options, (definition) => {
      const sink = this.#registry.register(definition)
      return new RecordingInstrument(sink, this.#registry.sampler, definition)
    })
  }

  #observable(kind: InstrumentKind, name: string, options: MetricOptions | undefined): ObservableInstrument {
    return this.#instrument(kind, name, options, (definition) => {
      const observed = this.#registry.registerObserved(definition)
      return new ObservableInstrument(this.#registry, observed, definition)
    })
  }

  /**
   * The instrument of an identity: kind, name without case, unit and value type (Metrics SDK specification, "Duplicate
   * instrument registration"). Of two descriptions the longer one is exported; of two pieces of advice the first stands.
   */
  #instrument<T extends object>(
    kind: InstrumentKind,
    name: string,
    options: MetricOptions | undefined,
    make: (definition: Definition) => T,
  ): T {
    const definition = this.#define(kind, name, options)
    this.#warnOf(definition)
    const { help } = definition
    const identity = JSON.stringify([kind, definition.name.toLowerCase(), definition.unit, definition.integer])
    const known = this.#instruments.get(identity) as Made<T> | undefined
    if (known === undefined) {
      const made = { instrument: make(definition), definition, help }
      this.#instruments.set(identity, made)
      return made.instrument
    }
    if (help.length > known.help.length) {
      this.#registry.describe(known.definition, help)
      known.help = help
    }
    return known.instrument
  }

  /** Says that a name is not valid, or that a definition is not the first one of its name. */
  #warnOf(definition: Definition): void {
    const { kind, name } = definition
    const description = describeDefinition({ ...definition, name: name.toLowerCase() })
    const first = this.#definitions.get(name.toLowerCase())
    if (first === undefined) this.#definitions.set(name.toLowerCase(), description)
    if (!isOtelName(name)) {
      this.#warnOnce(
        `meter "${this.#scope.name}" makes ${kind} ${received(name)}: a name must be a letter and up to 254 letters, digits, "_", ".", "-" or "/". It is exported with other characters replaced.`,
      )
    }
    if (first !== undefined && first !== description) {
      this.#warnOnce(
        `meter "${this.#scope.name}" makes "${name}" twice, differently. First: ${first}. Now: ${description}. Use one definition, or tell them apart with a view.`,
      )
    }
  }

  #warnOnce(message: string): void {
    if (this.#said.has(message)) return
    this.#said.add(message)
    this.#log.warn(message)
  }

  #define(kind: InstrumentKind, givenName: unknown, options: MetricOptions | undefined): Definition {
    const name = textOf(givenName)
    return {
      kind,
      name,
      help: textOf(propertyOf(options, 'description')),
      unit: textOf(propertyOf(options, 'unit')),
      scope: this.#scope,
      naming: 'otel',
      labelNames: undefined,
      integer: propertyOf(options, 'valueType') === ValueType.INT,
      buckets: kind === 'histogram' ? this.#advisedBuckets(name, propertyOf(options, 'advice')) : undefined,
      cardinalityLimit: undefined,
      expireAfterMs: undefined,
    }
  }

  #advisedBuckets(name: string, advice: unknown): readonly number[] | undefined {
    const boundaries = propertyOf(advice, 'explicitBucketBoundaries')
    if (boundaries === undefined) return undefined
    try {
      return checkedBuckets(`Cannot create histogram "${name}":`, boundaries as number[])
    } catch (error) {
      // Metrics SDK specification, "Instrument advisory parameters": advice that is not valid counts as not given.
      this.#warnOnce(`${errorText(error)} The default buckets are used.`)
      return undefined
    }
  }
}
