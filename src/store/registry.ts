import type { ViewOptions } from '@opentelemetry/sdk-metrics'
import type { Clock } from '../model/clock'
import type { Definition } from '../model/definition'
import { errorText } from '../model/errors'
import type { ExemplarFilter } from '../model/exemplar'
import type { Logger } from '../model/log'
import { CollectionMetrics } from './collection-metrics'
import { ExemplarSampler } from './exemplar-sampler'
import { Vocabulary } from './label-values'
import type { StreamHost } from './make-stream'
import { Observation } from './observation'
import type { ObservationFailure, Observer } from './observation-turn'
import type { ObservedInstrument } from './observed-instrument'
import { PlannedCounted, type PlannedInstrument, PlannedObserved, PlannedRecording } from './planned-instrument'
import { PlannedInstruments } from './planned-instruments'
import { SelfMetrics } from './self-metrics'
import type { Stream } from './stream'
import type { RecordingSink } from './succession'
import { doneAtOnce, doneInTurns } from './turns'
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
export type Reconfiguration = Pick<
  RegistryOptions,
  'views' | 'exemplars' | 'cardinalityLimit' | 'exponentialHistograms'
>

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
  #streams: Stream[] = []
  readonly #planned: PlannedInstruments
  /** Those that views let be seen. */
  #shown: readonly Stream[] = this.#streams
  #hidden: ReadonlySet<Stream> = new Set()
  readonly #observation = new Observation()
  readonly #self: SelfMetrics
  readonly #collectionMetrics: CollectionMetrics | undefined
  readonly #vocabulary = new Vocabulary()
  #collection: Promise<readonly ObservationFailure[]> | undefined
  /** Collections that are under way: one may begin when the values of the one before have been observed. */
  readonly #collecting = new Set<Promise<unknown>>()
  #version = 0
  /** Brings what was counted before a change of views to where it is counted now. */
  #carrying: Iterator<void, void, void> = [][Symbol.iterator]()
  #carried: Promise<void> | undefined

  constructor(options: RegistryOptions) {
    this.clock = options.clock
    this.startMs = options.clock.nowMs()
    this.sampler = new ExemplarSampler(options.exemplars ?? 'trace_based', options.clock)
    this.#log = options.log
    this.#views = new Views(options.views, options.exponentialHistograms)
    this.#cardinalityLimit = options.cardinalityLimit
    this.#self = new SelfMetrics(options.log, options.clock, this.#vocabulary)
    this.#streams.push(...this.#self.streams)
    const noEvents = { rejected() {}, overflowed() {} }
    this.#planned = new PlannedInstruments((definition) => ({ ...this.#host(definition), events: noEvents }))
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

  /** Makes the streams of an instrument that records, and returns where it records to: see {@link RecordingSink.follow}. */
  register(definition: Definition): RecordingSink {
    const recording = new PlannedRecording(definition, this.#hostOf)
    this.#add(recording)
    return recording.sink as RecordingSink
  }

  /** Gives the streams of an instrument another help text; one that a view chose stands. */
  describe(definition: Definition, help: string): void {
    this.#planned.describe(definition, help)
    this.#version++
  }

  /** Makes the streams of an observable instrument. */
  registerObserved(definition: Definition): ObservedInstrument {
    const observed = new PlannedObserved(definition, this.#hostOf)
    this.#add(observed)
    this.#observation.addInstrument(observed.instrument)
    return observed.instrument
  }

  /** Makes the streams of a histogram whose counts are a counter too. */
  registerCounted(histogram: Definition, counter: Definition): RecordingSink {
    const counted = new PlannedCounted([histogram, counter], this.#hostOf)
    this.#add(counted)
    return counted.sink as RecordingSink
  }

  /**
   * Returns what has other views, another filter of exemplars and another limit hold from then on, for metrics that there are as
   * well, and returns the names of those that begin anew by it. Throws where a view cannot be. Between two collections only:
   * see {@link whenIdle}.
   */
  reconfigure(options: Reconfiguration): () => readonly string[] {
    const { exemplars, cardinalityLimit } = options
    const views = new Views(options.views, options.exponentialHistograms)
    this.#planned.review(views, cardinalityLimit)
    return () => {
      doneAtOnce(this.#carrying)
      // Instruments may have been made meanwhile.
      const { hidden, take } = this.#planned.review(views, cardinalityLimit)
      this.#views = views
      this.#cardinalityLimit = cardinalityLimit
      const { gone, made, begun, carrying } = take()
      this.#carrying = carrying
      const carried = doneInTurns(carrying).then(() => {
        if (this.#carried === carried) this.#carried = undefined
      })
      this.#carried = carried
      this.#streams = [...this.#streams.filter((stream) => !gone.has(stream)), ...made]
      this.#hide(hidden)
      for (const stream of made) this.#warnOfName(stream)
      this.sampler.use(exemplars ?? 'trace_based')
      this.#version++
      return begun
    }
  }

  /**
   * Where what was counted before a change of views is not yet where it is counted now: resolves when it is. Streams that
   * are read before that have less than they had.
   */
  get carried(): Promise<void> | undefined {
    return this.#carried
  }

  /** Resolves when no collection is under way, or one has been for long. */
  async whenIdle(): Promise<void> {
    const untilMs = this.clock.monotonicMs() + 2 * DEFAULT_OBSERVATION_TIMEOUT_MS
    // All of them: the one that began last may be over first, and to wait for it again and again would let nothing else run.
    while (this.#collecting.size > 0 && this.clock.monotonicMs() < untilMs) await Promise.all(this.#collecting)
    await this.#carried
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
    this.#collecting.add(promise)
    resolve(this.#collected(timeoutMs, only).finally(() => this.#collecting.delete(promise)))
    return promise
  }

  async #collected(timeoutMs: number, only: ReadonlySet<Stream> | undefined): Promise<readonly ObservationFailure[]> {
    const startMs = this.clock.monotonicMs()
    const failures = await this.#observation.collect(timeoutMs, only)
    for (const { metric, reason, error } of failures) this.#self.callbackFailed(metric, reason, errorText(error))
    // Not the time of day, which may be set: a jump would have every series expire at once.
    const nowMs = this.clock.monotonicMs()
    await this.#carried
    await doneInTurns(this.#broughtUpToDate(nowMs))
    this.#collectionMetrics?.collected((this.clock.monotonicMs() - startMs) / 1_000, this.#streams, this.#version)
    this.sampler.look()
    return failures
  }

  *#broughtUpToDate(nowMs: number): Generator<void, void, void> {
    for (const stream of this.#streams) {
      yield* stream.table.settle()
      yield* stream.expire(nowMs)
    }
  }

  readonly #hostOf = (definition: Definition): StreamHost => this.#host(definition)

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

  #add(instrument: PlannedInstrument): void {
    const streams = this.#planned.add(instrument, this.#views)
    for (const stream of streams) this.#warnOfName(stream)
    this.#streams.push(...streams)
    if (this.#hidden.size > 0) this.#shown = [...this.#shown, ...streams]
    this.#version++
  }

  #warnOfName({ identity }: Stream): void {
    const { name, source } = identity
    const other = this.#streams.find((stream) => stream.identity.name === name && stream.identity !== identity)
    const first = other?.identity.source
    if (first !== undefined && first !== source && (first.name !== name || source.name !== name)) {
      this.#log.warn(
        `"${first.name}" and "${source.name}" are both called "${name}" by a view, and pages add them up. Give one of them another name.`,
      )
    }
  }

  #hide(hidden: ReadonlySet<Stream>): void {
    this.#hidden = hidden
    this.#shown = hidden.size === 0 ? this.#streams : this.#streams.filter((stream) => !hidden.has(stream))
  }

  /** Says something to a person, once or as often as the caller does. */
  warn(message: string): void {
    this.#log.warn(message)
  }
}
