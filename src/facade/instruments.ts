import type { Clock } from '../model/clock'
import type {
  Definition,
  HistogramOptions,
  InstrumentKind,
  InstrumentOptions,
  ObservableOptions,
} from '../model/definition'
import type { Labels } from '../model/labels'
import { lint } from '../model/lint'
import type { Logger } from '../model/log'
import type { ExemplarSampler } from '../store/exemplar-sampler'
import type { Registry } from '../store/registry'
import type { RecordingSink } from '../store/succession'
import { checkedBatch } from './batch'
import { Catalogue } from './catalogue'
import { Counter } from './counter'
import { define, type NameRules } from './define'
import { type ConventionOptions, defineConvention } from './define-convention'
import { defineInfo } from './define-info'
import { defineStateSet } from './define-state-set'
import { Gauge } from './gauge'
import { Histogram } from './histogram'
import { Info, type InfoOptions } from './info'
import { AnyObservable, type BatchCallback, Observable } from './observable'
import { StateSet, type StateSetOptions } from './state-set'
import { UpDownCounter } from './up-down-counter'

/** Makes a service's instruments. The same definition gives the same instrument; another under the same name throws. */
export class Instruments {
  /** Where the service says what a person should know. */
  readonly log: Logger
  /** The time that timers and series read. */
  readonly clock: Clock
  readonly #registry: Registry
  readonly #rules: NameRules
  readonly #catalogue = new Catalogue()

  /** With `utf8`, names may have any characters. */
  constructor(registry: Registry, log: Logger, constantLabels: readonly string[], utf8 = false) {
    this.#registry = registry
    this.log = log
    this.clock = registry.clock
    this.#rules = { constantLabels, utf8 }
    this.#catalogue.reserve(registry.streams.map(({ identity }) => identity.source))
  }

  /** Tells whether measurements may leave exemplars: with the default filter, whether the application traces. */
  get exemplarSwitch(): Pick<ExemplarSampler, 'isOnAt'> {
    return this.#registry.sampler
  }

  /** A count of things that happened. Its name should end in `_total`. */
  counter<const L extends string = never>(options: InstrumentOptions<L>): Counter<L> {
    return this.#recording(this.#define('counter', options), (sink) => new Counter<L>(sink))
  }

  /** A sum that rises and falls. */
  upDownCounter<const L extends string = never>(options: InstrumentOptions<L>): UpDownCounter<L> {
    return this.#recording(this.#define('upDownCounter', options), (sink) => new UpDownCounter<L>(sink))
  }

  /** A value as it is now. */
  gauge<const L extends string = never>(options: InstrumentOptions<L>): Gauge<L> {
    return this.#recording(this.#define('gauge', options), (sink) => new Gauge<L>(sink))
  }

  /** A distribution over buckets. */
  histogram<const L extends string = never>(options: HistogramOptions<L>): Histogram<L> {
    const definition = this.#define('histogram', options)
    return this.#recording(definition, (sink) => new Histogram<L>(sink, this.clock, definition.unit))
  }

  /**
   * A histogram whose counts are a counter as well: one recording for both, which therefore never disagree. The counter
   * has the histogram's labels.
   */
  countedHistogram<const L extends string = never>(options: {
    readonly histogram: HistogramOptions<L>
    readonly count: Pick<InstrumentOptions, 'name' | 'help'>
  }): Histogram<L> {
    const histogram = this.#define('histogram', options.histogram)
    const { labelNames, cardinalityLimit, expireAfterMs } = histogram
    const counter = {
      ...this.#define('counter', options.count),
      labelNames,
      cardinalityLimit,
      expireAfterMs,
    }
    const make = () => {
      this.#lint(histogram)
      this.#lint(counter)
      const sink = this.#registry.registerCounted(histogram, counter)
      if (labelNames?.length === 0) sink.bind(undefined)
      return new Histogram<L>(sink, this.clock, histogram.unit)
    }
    const remark = `, counted by ${counter.name}`
    return this.#catalogue.instrument(
      histogram,
      () => this.#catalogue.instrument(counter, make, `, counts of ${histogram.name}`),
      remark,
    )
  }

  /** Facts as the labels of a metric that is always 1: a version, a commit. Its name should end in `_info`. */
  info<const L extends string = never>(options: InfoOptions<L>): Info<L> {
    const { definition, shown } = defineInfo(options, this.#rules)
    const reject = (reason: string) => this.#registry.reject(definition.name, reason)
    const info = this.#recording(definition, (sink) => new Info<L>(sink, reject))
    // Labels are no part of the definition: a module that is loaded anew shows what it knows now.
    if (shown !== undefined) info.set(shown as Labels<L>)
    else if (definition.labelNames?.length === 0) info.set({} as Labels<L>)
    return info
  }

  /** States that hold or do not: one of several, or any of them. */
  stateSet<const S extends string, const L extends string = never>(options: StateSetOptions<S, L>): StateSet<S, L> {
    const definition = defineStateSet(options, this.#rules)
    const { name, states = [], labelNames } = definition
    return this.#recording(definition, (sink) => {
      const set = new StateSet<S, L>(sink, name, states, (reason) => this.#registry.reject(name, reason))
      if (labelNames?.length === 1) set.bind({} as Labels<L>)
      return set
    })
  }

  /** A counter of OpenTelemetry's semantic conventions, which has their name and takes any of their attributes as labels. */
  conventionCounter(options: ConventionOptions): Counter<string> {
    return this.#recording(defineConvention('counter', options), (sink) => new Counter<string>(sink))
  }

  /** A histogram of OpenTelemetry's semantic conventions, which has their name and takes any of their attributes as labels. */
  conventionHistogram(options: ConventionOptions): Histogram<string> {
    const definition = defineConvention('histogram', options)
    return this.#recording(definition, (sink) => new Histogram<string>(sink, this.clock, definition.unit))
  }

  /** A counter whose total is read at collection. */
  observableCounter<const L extends string = never>(options: ObservableOptions<L>): Observable<L> {
    return this.#observable('observableCounter', options)
  }

  /** A sum that rises and falls, read at collection. */
  observableUpDownCounter<const L extends string = never>(options: ObservableOptions<L>): Observable<L> {
    return this.#observable('observableUpDownCounter', options)
  }

  /** A value that is read at collection. */
  observableGauge<const L extends string = never>(options: ObservableOptions<L>): Observable<L> {
    return this.#observable('observableGauge', options)
  }

  /**
   * Adds one callback that observes all of `observables`, and no others, at each collection. Throws where one of them is
   * not an observable of this service.
   */
  addBatchCallback(callback: BatchCallback, observables: readonly AnyObservable[]): { remove(): void } {
    const instruments = checkedBatch(this.#registry, callback, observables)
    const remove = this.#registry.observe(instruments, (observe) =>
      callback({
        observe: (observable, value, ...[labels]) => {
          const instrument = AnyObservable.instrumentOf(observable, this.#registry)
          if (instrument !== undefined) observe(instrument, value, labels)
        },
      }),
    )
    return { remove }
  }

  #define(kind: InstrumentKind, options: HistogramOptions<string>): Definition {
    return define(kind, options, this.#rules)
  }

  #recording<T extends object>(definition: Definition, make: (sink: RecordingSink) => T): T {
    return this.#catalogue.instrument(definition, () => {
      this.#lint(definition)
      const sink = this.#registry.register(definition)
      // Without labels there is one series, which is known before anything happens: 0 is a fact worth showing.
      if (definition.labelNames?.length === 0) sink.bind(undefined)
      return make(sink)
    })
  }

  #observable<L extends string>(kind: InstrumentKind, options: ObservableOptions<L>): Observable<L> {
    const definition = this.#define(kind, options)
    const observable = this.#catalogue.instrument(definition, () => {
      this.#lint(definition)
      return new Observable<L>(this.#registry, this.#registry.registerObserved(definition))
    })
    if (options.callback !== undefined) observable.define(options.callback)
    return observable
  }

  #lint(definition: Definition): void {
    // Names of OpenTelemetry follow other rules.
    if (definition.naming === 'otel') return
    const remark = lint(definition)
    if (remark !== undefined) this.log.warn(`"${definition.name}": ${remark}.`)
  }
}
