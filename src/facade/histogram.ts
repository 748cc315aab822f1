import type { Clock } from '../model/clock'
import type { MeasurementArguments, MeasurementOptions } from '../model/exemplar'
import type { Labels, LabelsArgument, LabelsInput } from '../model/labels'
import { perSecond } from '../model/units'
import { ownLabels } from '../store/own-labels'
import { type Cell, isExponential, type Sink } from '../store/stream'
import type { RecordingSink } from '../store/succession'
import { timed } from './timer'

/** Time as a histogram records it. */
interface Stopwatch {
  readonly clock: Clock
  /** The histogram's unit, in milliseconds. */
  readonly unitMs: number
}

/** One series of a histogram, resolved once: for hot paths. */
export class BoundHistogram {
  protected readonly cell: Cell
  readonly #stopwatch: Stopwatch

  constructor(cell: Cell, stopwatch: Stopwatch) {
    this.cell = cell
    this.#stopwatch = stopwatch
  }

  /** Counts `value` in its bucket. Never throws: what cannot be recorded is counted as rejected. */
  record(value: number, options?: MeasurementOptions): void {
    this.cell.set(value, options)
  }

  /** Starts to measure. The returned function records the time since then and returns it, in the histogram's unit. */
  startTimer(): (options?: MeasurementOptions) => number {
    const { clock, unitMs } = this.#stopwatch
    const startMs = clock.monotonicMs()
    return (options) => {
      const elapsed = (clock.monotonicMs() - startMs) / unitMs
      this.cell.set(elapsed, options)
      return elapsed
    }
  }

  /**
   * Runs `fn` and records how long it took, also when it throws or rejects. Returns what `fn` returns, or for a plain
   * promise one that settles alike, so that a rejection stays as unhandled as it was.
   */
  time<T>(fn: () => T, options?: MeasurementOptions): T {
    const { clock, unitMs } = this.#stopwatch
    return timed(clock, (elapsedMs) => this.cell.set(elapsedMs / unitMs, options), fn)
  }
}

/**
 * As {@link BoundHistogram}, of a native histogram. Where one method recorded in cells of both kinds, the compiler would
 * put each value into an object to hand it on.
 */
class BoundNativeHistogram extends BoundHistogram {
  override record(value: number, options?: MeasurementOptions): void {
    this.cell.set(value, options)
  }
}

function boundOf(sink: Sink): typeof BoundHistogram {
  return sink.streams.some(isExponential) ? BoundNativeHistogram : BoundHistogram
}

/** A distribution: how many measurements fell at or below each bound, their sum and their count. */
export class Histogram<in out L extends string = never> {
  #sink: Sink
  readonly #stopwatch: Stopwatch
  #Bound: typeof BoundHistogram

  constructor(sink: RecordingSink, clock: Clock, unit: string) {
    this.#sink = sink
    this.#stopwatch = { clock, unitMs: 1_000 / perSecond(unit) }
    this.#Bound = boundOf(sink)
    sink.follow((next) => {
      this.#sink = next
      this.#Bound = boundOf(next)
    })
  }

  /** Counts `value` in its bucket of the series with these labels. Never throws: what cannot be recorded is counted as rejected. */
  record(value: number, ...rest: MeasurementArguments<L>): void
  record(value: number, labels?: LabelsInput, options?: MeasurementOptions): void {
    this.#sink.record(value, labels, options)
  }

  /**
   * Starts to measure. The returned function records the time since then and returns it, in the histogram's unit:
   * seconds, unless it has another unit of time. Labels can be given at the start, at the end, or some at each.
   */
  startTimer(labels?: Partial<Labels<L>>): (more?: Partial<Labels<L>>, options?: MeasurementOptions) => number {
    const { clock, unitMs } = this.#stopwatch
    const own = ownLabels(labels as LabelsInput | undefined)
    const startMs = clock.monotonicMs()
    return (more, options) => {
      const elapsed = (clock.monotonicMs() - startMs) / unitMs
      this.#sink.record(elapsed, more === undefined ? own : ownLabels(own, more as LabelsInput), options)
      return elapsed
    }
  }

  /**
   * Runs `fn` and records how long it took, also when it throws or rejects. Returns what `fn` returns, or for a plain
   * promise one that settles alike, so that a rejection stays as unhandled as it was.
   */
  time<T>(fn: () => T, ...rest: MeasurementArguments<L>): T
  time<T>(fn: () => T, labels?: LabelsInput, options?: MeasurementOptions): T {
    const { clock, unitMs } = this.#stopwatch
    const own = ownLabels(labels)
    return timed(clock, (elapsedMs) => this.#sink.record(elapsedMs / unitMs, own, options), fn)
  }

  /** The series with these labels, which exists from now on, at 0 if it is new. */
  bind(...labels: LabelsArgument<L>): BoundHistogram
  bind(labels?: LabelsInput): BoundHistogram {
    return new this.#Bound(this.#sink.bind(labels), this.#stopwatch)
  }

  /** Drops the series with these labels. False if there is none. A bound series comes back with its next recording. */
  remove(labels: Labels<L>): boolean {
    return this.#sink.remove(labels as LabelsInput)
  }

  /** Drops every series. */
  clear(): void {
    this.#sink.clear()
  }
}
