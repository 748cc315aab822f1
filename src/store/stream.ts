import type { Definition, InstrumentKind, Scope } from '../model/definition'
import type { MeasurementOptions } from '../model/exemplar'
import type { LabelsInput } from '../model/labels'
import type { ExemplarReader } from './exemplars'
import type { SeriesGroup } from './series-group'
import type { SeriesHandle } from './series-handles'
import type { SeriesTable } from './series-table'

/** What the numbers of a stream mean. */
export type Shape = 'counter' | 'upDownCounter' | 'gauge' | 'histogram'

/** One metric as it is exported: an instrument, seen through at most one view. */
export interface StreamIdentity {
  /** Another view may give it another one. */
  name: string
  /** A longer description of the same instrument replaces it. */
  help: string
  readonly unit: string
  readonly scope: Scope
  readonly naming: 'prometheus' | 'otel'
  /** The instrument's definition, the same object for all streams of one instrument. */
  readonly source: Definition
  /** The kind of the instrument that feeds the stream. */
  readonly instrument: InstrumentKind
  readonly integer: boolean
}

/** Says that a recording was turned away, with the reason. */
export type Reject = (reason: string) => void

/** A bound recording: one series, resolved once. Each method records as {@link Sink} does; none throws. */
export interface Cell extends SeriesHandle {
  /** Adds to a sum or a gauge; counts `value` in a histogram. Default: 1, but for sums that may fall and for gauges. */
  add(value?: number, options?: MeasurementOptions): void
  /** Sets a gauge; the same as {@link add} elsewhere, without a default. */
  set(value: number, options?: MeasurementOptions): void
}

/** Where an instrument's measurements go: a stream, several, or none. */
export interface Sink {
  /** Records one value: adds to a sum, replaces a gauge's value, counts in a histogram. Never throws. */
  record(value: number, labels: LabelsInput | undefined, options?: MeasurementOptions): void
  /** Adds to a gauge; the same as {@link record} elsewhere. Never throws. */
  adjust(delta: number, labels: LabelsInput | undefined, options?: MeasurementOptions): void
  bind(labels: LabelsInput | undefined): Cell
  /** Removes one series. False if there is none with these labels. */
  remove(labels: LabelsInput): boolean
  clear(): void
  readonly streams: readonly Stream[]
}

/** One metric's series, and how their cells are read. */
export interface Stream {
  readonly identity: StreamIdentity
  readonly shape: Shape
  readonly table: SeriesTable
  /**
   * Drops series that have been idle for too long, in steps; `nowMs` is the time of the collection on the monotonic clock.
   */
  expire(nowMs: number): Iterable<void>
  /** Milliseconds since the epoch at which a series began to count; 0 where its shape has no beginning. */
  createdMsAt(group: SeriesGroup, row: number): number
  /** The exemplars of its series: counters and histograms have some. */
  readonly exemplars?: ExemplarReader
  /** The histogram whose counts are the values of this counter. */
  readonly countsOf?: BucketStream
}

/** A stream of single numbers. */
export interface NumberStream extends Stream {
  readonly shape: 'counter' | 'upDownCounter' | 'gauge'
  valueAt(group: SeriesGroup, row: number): number
}

/** A stream of explicit-bucket histograms. */
export interface BucketStream extends Stream {
  readonly shape: 'histogram'
  /** Upper bounds, without the closing `+Inf`. */
  readonly bounds: readonly number[]
  /**
   * Puts the measurements of each bucket alone into `numbers`, those of the `+Inf` bucket at `bounds.length`, and behind
   * them the sum.
   */
  read(group: SeriesGroup, row: number, numbers: Float64Array): void
}

/**
 * A stream of exponential histograms, which can be read as explicit ones too: `bounds` and `read` give the explicit
 * buckets that were asked for beside the exponential ones, or else a fixed layout, for formats that have no others.
 */
export interface ExponentialStream extends BucketStream {
  /** Whether explicit buckets were asked for as well: a format that has both kinds writes both. */
  readonly hasOwnBounds: boolean
  pointAt(group: SeriesGroup, row: number): ExponentialPoint
}

/** What one series of an exponential histogram holds. */
export interface ExponentialPoint {
  /**
   * Bucket `i` reaches from `2 ** (i / 2 ** scale)`, exclusive, to `2 ** ((i + 1) / 2 ** scale)`, inclusive. From -10 to
   * 20; at scale `s - n`, the bucket is `i >> n`.
   */
  readonly scale: number
  /** Measurements of 0. No other number counts as 0: the zero threshold is 0. */
  readonly zeroCount: number
  readonly positive: BucketRange
  /** By absolute values. */
  readonly negative: BucketRange
  readonly sum: number
  /** The total of `zeroCount` and of all buckets. */
  readonly count: number
}

/**
 * Counts of buckets that follow one another. They are the store's own: to be read at once, before anything else is
 * recorded, and not to be changed.
 */
export interface BucketRange {
  /** The index of the first bucket in `counts`. */
  readonly offset: number
  /** Measurements in each bucket alone. Buckets at both ends may be empty, or all of them, or there are none. */
  readonly counts: Uint32Array | Float64Array
}

export function isExponential(stream: Stream): stream is ExponentialStream {
  return 'pointAt' in stream
}

/** Whether a value may be recorded; says so to `reject` where it may not. */
export function isAccepted(value: unknown, nonNegative: boolean, reject: Reject): boolean {
  // Of all numbers, only NaN and the infinities are not 0 when taken from themselves.
  if (typeof value === 'number' && value - value === 0 && (value >= 0 || !nonNegative)) return true
  reject(rejectionOf(value, nonNegative))
  return false
}

/** Why a value cannot be recorded; `nonNegative` where it must not be negative either. */
export function rejectionOf(value: unknown, nonNegative: boolean): string {
  if (typeof value !== 'number') return 'not_a_number'
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return 'infinite'
  return nonNegative && value < 0 ? 'negative' : 'invalid_value'
}
