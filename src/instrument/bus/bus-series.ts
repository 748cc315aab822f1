import type { BoundCounter, Counter } from '../../facade/counter'
import type { BoundHistogram, Histogram } from '../../facade/histogram'
import type { Instruments } from '../../facade/instruments'
import { consumed, failed, processingDuration, published } from './bus.metrics'
import { errorClass } from './error-class'

/** How many topics one bus may have; events of further topics count as the topic `(other)`. */
export const TOPIC_LIMIT = 200

/** How many classes of error one topic may have; further classes count as the reason `(other)`. */
export const REASON_LIMIT = 30

const OTHER = '(other)'

/** The instruments that all buses of one service share. */
export class BusInstruments {
  readonly published: Counter<'bus' | 'topic'>
  readonly consumed: Counter<'bus' | 'topic'>
  readonly failed: Counter<'bus' | 'topic' | 'reason'>
  readonly duration: Histogram<'bus' | 'topic'>

  constructor(metrics: Instruments) {
    this.published = metrics.counter(published)
    this.consumed = metrics.counter(consumed)
    this.failed = metrics.counter(failed)
    this.duration = metrics.histogram(processingDuration)
  }
}

/** The series of one topic of one bus, bound once. Counters exist from the first event on, a histogram from the first handling on. */
export class TopicSeries {
  private readonly published: BoundCounter
  private readonly consumed: BoundCounter
  private duration: BoundHistogram | undefined
  private readonly failures = new Map<string, BoundCounter>()
  private removed = false

  constructor(
    private readonly instruments: BusInstruments,
    private readonly bus: string,
    private readonly topic: string,
  ) {
    this.published = instruments.published.bind({ bus, topic })
    this.consumed = instruments.consumed.bind({ bus, topic })
  }

  countPublished(): void {
    this.published.add()
  }

  countConsumed(durationMs: number): void {
    if (this.removed) return
    this.consumed.add()
    this.recordDuration(durationMs)
  }

  countFailed(error: unknown, durationMs: number): void {
    if (this.removed) return
    this.failureOf(errorClass(error)).add()
    this.recordDuration(durationMs)
  }

  /** Takes the series off the page. A handling that ends later is not recorded, which would bring them back. */
  remove(): void {
    this.removed = true
    const { bus, topic, instruments } = this
    instruments.published.remove({ bus, topic })
    instruments.consumed.remove({ bus, topic })
    instruments.duration.remove({ bus, topic })
    for (const reason of this.failures.keys()) instruments.failed.remove({ bus, topic, reason })
  }

  private recordDuration(durationMs: number): void {
    this.duration ??= this.instruments.duration.bind({ bus: this.bus, topic: this.topic })
    this.duration.record(durationMs / 1000)
  }

  private failureOf(errorName: string): BoundCounter {
    const reason = this.failures.has(errorName) || this.failures.size < REASON_LIMIT ? errorName : OTHER
    let bound = this.failures.get(reason)
    if (bound === undefined) {
      bound = this.instruments.failed.bind({ bus: this.bus, topic: this.topic, reason })
      this.failures.set(reason, bound)
    }
    return bound
  }
}

/** The topics of one bus name. Buses that share a name share these series, which leave with the last of them. */
export class BusSeries {
  readonly #topics = new Map<string, TopicSeries>()
  readonly #instruments: BusInstruments
  readonly #bus: string
  #users = 0

  constructor(instruments: BusInstruments, bus: string) {
    this.#instruments = instruments
    this.#bus = bus
  }

  topic(name: string): TopicSeries {
    const topic = this.#topics.has(name) || this.#topics.size < TOPIC_LIMIT ? name : OTHER
    let series = this.#topics.get(topic)
    if (series === undefined) {
      series = new TopicSeries(this.#instruments, this.#bus, topic)
      this.#topics.set(topic, series)
    }
    return series
  }

  acquire(): void {
    this.#users++
  }

  /** Returns whether that was the last user: then the series are gone, and this object is not to be used again. */
  release(): boolean {
    this.#users--
    if (this.#users > 0) return false
    for (const series of this.#topics.values()) series.remove()
    return true
  }
}
