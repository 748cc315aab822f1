import type { Definition, InstrumentKind, Scope } from '../model/definition'
import type { LabelsInput } from '../model/labels'
import type { SeriesHandle } from './series-group'
import type { SeriesTable } from './series-table'

/** What the numbers of a stream mean. */
export type Shape = 'counter' | 'upDownCounter' | 'gauge' | 'histogram'

/** One metric as it is exported: an instrument, seen through at most one view. */
export interface StreamIdentity {
  readonly name: string
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
  add(value?: number): void
  /** Sets a gauge; the same as {@link add} elsewhere, without a default. */
  set(value: number): void
}

/** Where an instrument's measurements go: a stream, several, or none. */
export interface Sink {
  /** Records one value: adds to a sum, replaces a gauge's value, counts in a histogram. Never throws. */
  record(value: number, labels: LabelsInput | undefined): void
  /** Adds to a gauge; the same as {@link record} elsewhere. Never throws. */
  adjust(delta: number, labels: LabelsInput | undefined): void
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
  /** Drops series that have been idle for too long; `nowMs` is the time of the collection on the monotonic clock. */
  expire(nowMs: number): void
  /** Milliseconds since the epoch at which a series began to count; 0 where its shape has no beginning. */
  createdMsAt(cells: Float64Array, at: number): number
}

/** A stream of single numbers. */
export interface NumberStream extends Stream {
  readonly shape: 'counter' | 'upDownCounter' | 'gauge'
  valueAt(cells: Float64Array, at: number): number
}

/** A stream of explicit-bucket histograms. */
export interface BucketStream extends Stream {
  readonly shape: 'histogram'
  /** Upper bounds, without the closing `+Inf`. */
  readonly bounds: readonly number[]
  /** Measurements in bucket `index` alone; `bounds.length` is the `+Inf` bucket. */
  bucketAt(cells: Float64Array, at: number, index: number): number
  sumAt(cells: Float64Array, at: number): number
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
