import {
  type BatchObservableCallback,
  type Meter,
  type MetricOptions,
  type Observable,
  ValueType,
} from '@opentelemetry/api'
import { checkedBuckets } from '../model/buckets'
import { type Definition, describeDefinition, type InstrumentKind, type Scope } from '../model/definition'
import { errorText } from '../model/errors'
import type { Logger } from '../model/log'
import { isOtelName } from '../model/names'
import type { Registry } from '../store/registry'
import { AddingInstrument, BatchCallbacks, ObservableInstrument, RecordingInstrument } from './instruments'

/**
 * A `Meter` of the OpenTelemetry API over the store. The API never throws (API specification, "Error handling"): what
 * is wrong with an instrument is logged, and the instrument works as well as it can.
 */
export class StoreMeter implements Meter {
  readonly #registry: Registry
  readonly #log: Logger
  readonly #scope: Scope
  readonly #batchCallbacks: BatchCallbacks
  readonly #instruments = new Map<string, object>()
  /** The first definition of each name, to tell of a second. */
  readonly #descriptions = new Map<string, string>()

  constructor(registry: Registry, log: Logger, scope: Scope) {
    this.#registry = registry
    this.#log = log
    this.#scope = scope
    this.#batchCallbacks = new BatchCallbacks(registry)
  }

  createCounter(name: string, options?: MetricOptions): AddingInstrument {
    return this.#adding('counter', name, options)
  }

  createUpDownCounter(name: string, options?: MetricOptions): AddingInstrument {
    return this.#adding('upDownCounter', name, options)
  }

  createGauge(name: string, options?: MetricOptions): RecordingInstrument {
    return this.#recording('gauge', name, options)
  }

  createHistogram(name: string, options?: MetricOptions): RecordingInstrument {
    return this.#recording('histogram', name, options)
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
    return this.#instrument(
      this.#define(kind, name, options),
      (definition) => new AddingInstrument(this.#registry.register(definition), definition.integer),
    )
  }

  #recording(kind: InstrumentKind, name: string, options: MetricOptions | undefined): RecordingInstrument {
    return this.#instrument(
      this.#define(kind, name, options),
      (definition) => new RecordingInstrument(this.#registry.register(definition), definition.integer),
    )
  }

  #observable(kind: InstrumentKind, name: string, options: MetricOptions | undefined): ObservableInstrument {
    return this.#instrument(this.#define(kind, name, options), (definition) => {
      const instrument = this.#registry.registerObserved(definition)
      return new ObservableInstrument(this.#registry, instrument, definition.integer)
    })
  }

  /**
   * The instrument of an identity: kind, name without case, unit and value type (Metrics SDK specification, "Duplicate
   * instrument registration"). A description or advice that differs is told of, and the first one stands.
   */
  #instrument<T extends object>(definition: Definition, make: (definition: Definition) => T): T {
    const lowerName = definition.name.toLowerCase()
    const identity = JSON.stringify([definition.kind, lowerName, definition.unit, definition.integer])
    const description = describeDefinition({ ...definition, name: lowerName })
    const first = this.#descriptions.get(lowerName)
    if (first === undefined) this.#descriptions.set(lowerName, description)
    else if (first !== description) {
      this.#log.warn(
        `meter "${this.#scope.name}" makes "${definition.name}" twice, differently. First: ${first}. Now: ${description}. Use one definition, or tell them apart with a view.`,
      )
    }
    let instrument = this.#instruments.get(identity) as T | undefined
    if (instrument === undefined) {
      instrument = make(definition)
      this.#instruments.set(identity, instrument)
    }
    return instrument
  }

  #define(kind: InstrumentKind, name: string, options: MetricOptions = {}): Definition {
    if (!isOtelName(name)) {
      this.#log.warn(
        `meter "${this.#scope.name}" makes ${kind} "${String(name)}": a name must be a letter and up to 254 letters, digits, "_", ".", "-" or "/". It is exported with other characters replaced.`,
      )
    }
    return {
      kind,
      name: String(name),
      help: options.description ?? '',
      unit: options.unit ?? '',
      scope: this.#scope,
      naming: 'otel',
      labelNames: undefined,
      integer: options.valueType === ValueType.INT,
      buckets: this.#advisedBuckets(kind, name, options),
      cardinalityLimit: undefined,
      expireAfterMs: undefined,
    }
  }

  #advisedBuckets(kind: InstrumentKind, name: string, { advice }: MetricOptions): readonly number[] | undefined {
    const boundaries = advice?.explicitBucketBoundaries
    if (kind !== 'histogram' || boundaries === undefined) return undefined
    try {
      return checkedBuckets(name, boundaries)
    } catch (error) {
      this.#log.warn(`${errorText(error)} The default buckets are used.`)
      return undefined
    }
  }
}
