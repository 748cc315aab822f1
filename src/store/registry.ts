import type { ViewOptions } from '@opentelemetry/sdk-metrics'
import type { Clock } from '../model/clock'
import type { Definition } from '../model/definition'
import { errorText } from '../model/errors'
import type { ExemplarFilter } from '../model/exemplar'
import type { Logger } from '../model/log'
import { CollectionMetrics } from './collection-metrics'
import { ExemplarSampler } from './exemplar-sampler'
import { FanOut } from './fan-out'
import { HistogramCountStream, HistogramStream } from './histogram'
import { Vocabulary } from './label-values'
import { identityOf, makeObserved, makeStream, type StreamHost } from './make-stream'
import { measurementEvents } from './measurement-events'
import { Observation } from './observation'
import type { ObservationFailure, Observer } from './observation-turn'
import { ObservedInstrument } from './observed-instrument'
import { Occurrences } from './occurrences'
import { PlannedStreams } from './planned-streams'
import { SelfMetrics } from './self-metrics'
import type { Sink, Stream } from './stream'
import { doneInTurns } from './turns'
import { Views } from './views'

export interface RegistryOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly views: readonly ViewOptions[]
  /** Series a metric may have unless its definition or a view says otherwise. */
  readonly cardinalityLimit: number
  /** Which measurements leave exemplars. Default: `'trace_based'`. */
  readonly exemplars?: ExemplarFilter | undefined
  /** Whether histograms are exponential where neither they nor a view say what their buckets are. Default: false. */
  readonly exponentialHistograms?: boolean | undefined
  /** Whether collections are measured and series counted. Default: false. */
  readonly selfMetrics?: boolean | undefined
}

/** What may change while a registry is in use. */
export type Reconfiguration = Pick<RegistryOptions, 'views' | 'exemplars' | 'cardinalityLimit'>

/** How long callbacks may take where nobody says otherwise, in milliseconds. */
export const DEFAULT_OBSERVATION_TIMEOUT_MS = 5_000

/** All streams of a service: what instruments write to and readers read from. */
export class Registry {
  readonly clock: Clock
  readonly startMs: number
  /** Says which measurements become exemplars. */
  readonly sampler: ExemplarSampler
  readonly #log: Logger
  #views: Views
  #cardinalityLimit: number
  readonly #streams: Stream[] = []
  readonly #planned = new PlannedStreams()
  /** Those that views let be seen. */
  #shown: readonly Stream[] = this.#streams
  #hidden: ReadonlySet<Stream> = new Set()
  readonly #observation = new Observation()
  readonly #self: SelfMetrics
  readonly #collectionMetrics: CollectionMetrics | undefined
  readonly #vocabulary = new Vocabulary()
  #collection: Promise<readonly ObservationFailure[]> | undefined
  #version = 0

  constructor(options: RegistryOptions) {
    this.clock = options.clock
    this.startMs = options.clock.nowMs()
    this.sampler = new ExemplarSampler(options.exemplars ?? 'trace_based', options.clock)
    this.#log = options.log
    this.#views = new Views(options.views, options.exponentialHistograms)
    this.#cardinalityLimit = options.cardinalityLimit
    this.#self = new SelfMetrics(options.log, options.clock, this.#vocabulary)
    this.#streams.push(...this.#self.streams)
    this.#collectionMetrics = options.selfMetrics
      ? new CollectionMetrics((definition) => this.register(definition))
      : undefined
  }

  /** Every stream that is shown, in the order in which they were made. */
  get streams(): readonly Stream[] {
    return this.#shown
  }

  /** Rises when a stream is added, or called otherwise. */
  get version(): number {
    return this.#version
  }

  /** Makes the streams of an instrument that records, and returns where it records to. */
  register(definition: Definition): Sink {
    const host = this.#host(definition)
    const plans = this.#views.plans(definition)
    const events = measurementEvents(host.events)
    const streamHost = plans.length === 1 ? host : { ...host, events }
    const sinks = plans.map((plan) => makeStream(definition, plan, streamHost))
    const [only, ...others] = sinks
    const sink = only !== undefined && others.length === 0 ? only : new FanOut(sinks, events)
    this.#planned.add(definition, plans, sink.streams)
    this.#add(sink.streams)
    return sink
  }

  /** Gives those of `streams` that have the help text `from` another one; a text that a view chose stands. */
  describe(streams: readonly Stream[], from: string, to: string): void {
    for (const { identity } of streams) if (identity.help === from) identity.help = to
    this.#version++
  }

  /** Makes the streams of an observable instrument. */
  registerObserved(definition: Definition): ObservedInstrument {
    const host = this.#host(definition)
    const events = measurementEvents(host.events)
    const plans = this.#views.plans(definition)
    const targets = plans.map((plan) => makeObserved(definition, plan, { ...host, events }))
    const instrument = new ObservedInstrument(definition.name, targets, events)
    this.#observation.addInstrument(instrument)
    this.#planned.add(definition, plans, instrument.streams)
    this.#add(instrument.streams)
    return instrument
  }

  /**
   * Makes the streams of a histogram whose counts are a counter too. They are read from the same cells, unless views give
   * the two different series: then each has its own, fed by the same recording.
   */
  registerCounted(histogram: Definition, counter: Definition): Sink {
    const sink = this.register(histogram)
    const plan = this.#views.countPlan(histogram, counter)
    if (sink instanceof HistogramStream && plan !== undefined) {
      const counts = [new HistogramCountStream(identityOf(counter, plan), sink)]
      this.#planned.add(counter, [plan], counts)
      this.#add(counts)
      return sink
    }
    return new FanOut([sink, new Occurrences(this.register(counter), Number.isFinite)])
  }

  /**
   * Has other views, another filter of exemplars and another limit from now on. Metrics made from here on have them in full. Of
   * those that there are, a view may change the name, the help and whether they are shown; returned are the names of those
   * of which it asks for something else. Throws where a view cannot be; nothing has changed then.
   */
  reconfigure({ views, exemplars, cardinalityLimit }: Reconfiguration): readonly string[] {
    const next = new Views(views)
    const { hidden, kept, take } = this.#planned.review(next)
    take()
    this.#views = next
    this.#cardinalityLimit = cardinalityLimit
    this.#hidden = hidden
    this.#shown = hidden.size === 0 ? this.#streams : this.#streams.filter((stream) => !hidden.has(stream))
    this.sampler.use(exemplars ?? 'trace_based')
    this.#version++
    return kept
  }

  /** Adds a callback that observes `instruments` at each collection. The returned function takes it away. */
  observe(instruments: readonly ObservedInstrument[], observer: Observer): () => void {
    return this.#observation.add(instruments, observer)
  }

  /** Counts and logs a recording that was turned away before it reached a stream. */
  reject(metric: string, reason: string): void {
    this.#self.rejected(metric, reason)
  }

  /**
   * Brings every stream up to date: runs the callbacks and drops what has expired. With `only`, callbacks run that have
   * to do with those streams. Readers that ask while a collection is under way share it. Never rejects; failures of
   * single callbacks are returned.
   */
  collect(
    timeoutMs: number = DEFAULT_OBSERVATION_TIMEOUT_MS,
    only?: ReadonlySet<Stream>,
  ): Promise<readonly ObservationFailure[]> {
    if (this.#collection !== undefined && this.#observation.join(timeoutMs, only)) return this.#collection
    const { promise, resolve } = Promise.withResolvers<readonly ObservationFailure[]>()
    // Known before anything is called, for a callback may collect, too.
    this.#collection = promise
    resolve(this.#collect(timeoutMs, only))
    return promise
  }

  async #collect(timeoutMs: number, only: ReadonlySet<Stream> | undefined): Promise<readonly ObservationFailure[]> {
    const startMs = this.clock.monotonicMs()
    const failures = await this.#observation.collect(timeoutMs, only)
    for (const { metric, reason, error } of failures) this.#self.callbackFailed(metric, reason, errorText(error))
    // Not the time of day, which may be set: a jump would have every series expire at once.
    const nowMs = this.clock.monotonicMs()
    await doneInTurns(this.#broughtUpToDate(nowMs))
    this.#collectionMetrics?.collected((this.clock.monotonicMs() - startMs) / 1_000, this.#streams, this.#version)
    this.sampler.look()
    this.sampler.next()
    return failures
  }

  *#broughtUpToDate(nowMs: number): Generator<void, void, void> {
    for (const stream of this.#streams) {
      yield* stream.table.settle()
      yield* stream.expire(nowMs)
    }
  }

  #host({ name }: Definition): StreamHost {
    this.sampler.look()
    return {
      events: {
        rejected: (reason) => this.#self.rejected(name, reason),
        overflowed: (cause) => this.#self.overflowed(name, cause),
      },
      cardinalityLimit: this.#cardinalityLimit,
      vocabulary: this.#vocabulary,
      sampler: this.sampler,
      nowMs: () => this.clock.nowMs(),
    }
  }

  #add(streams: readonly Stream[]): void {
    for (const { identity } of streams) {
      const { name, source } = identity
      const other = this.#streams.find((stream) => stream.identity.name === name)?.identity.source
      if (other !== undefined && other !== source && (other.name !== name || source.name !== name)) {
        this.#log.warn(
          `"${other.name}" and "${source.name}" are both called "${name}" by a view, and pages add them up. Give one of them another name.`,
        )
      }
    }
    this.#streams.push(...streams)
    if (this.#hidden.size > 0) this.#shown = [...this.#shown, ...streams]
    this.#version++
  }

  /** Says something to a person, once or as often as the caller does. */
  warn(message: string): void {
    this.#log.warn(message)
  }
}
