import { defaultBuckets } from './buckets'
import type { ExponentialLimits, ExponentialOptions } from './exponential'
import type { LabelsArgument } from './labels'

/** Series a metric may have where nobody says otherwise (Metrics SDK specification, "Cardinality limits"). */
export const DEFAULT_CARDINALITY_LIMIT = 2_000

/** The instruments: OpenTelemetry's seven by its names, and two of OpenMetrics, which are gauges elsewhere. */
export type InstrumentKind =
  | 'counter'
  | 'upDownCounter'
  | 'gauge'
  | 'histogram'
  | 'observableCounter'
  | 'observableUpDownCounter'
  | 'observableGauge'
  | 'info'
  | 'stateSet'

/** Who made an instrument: a library's meter, or the facade. */
export interface Scope {
  readonly name: string
  readonly version?: string | undefined
  readonly schemaUrl?: string | undefined
}

/** What every instrument of the facade can be given. */
export interface InstrumentOptions<L extends string = never> {
  /**
   * The Prometheus name, kept as it is everywhere: letters, digits, `_` and `:`, not starting with a digit; or any text
   * where `prometheus.translationStrategy` keeps UTF-8.
   */
  readonly name: string
  /** One sentence for the reader of a dashboard. Default: none. */
  readonly help?: string | undefined
  /** The unit by its UCUM code: `s`, `By`, `1`, … Default: none. */
  readonly unit?: string | undefined
  /** The names of the labels. Default: none. */
  readonly labelNames?: readonly L[] | undefined
  /** How many series the metric may have before one overflow series takes the rest; 1 or more. Default: the service's limit. */
  readonly cardinalityLimit?: number | undefined
  /**
   * A series in which nothing was recorded for this long, in milliseconds, is dropped at the next collection; one of an
   * up-down counter only while it is 0, as it would begin there anew. Default: never.
   */
  readonly expireAfterMs?: number | undefined
}

export interface HistogramOptions<L extends string = never> extends InstrumentOptions<L> {
  /** Upper bounds, inclusive, finite and rising; the `+Inf` bucket is always there. Default: {@link DEFAULT_BUCKETS}. */
  readonly buckets?: readonly number[] | undefined
  /**
   * Exponential buckets, which follow the values by themselves: Prometheus's native histogram, OpenTelemetry's
   * exponential one. Without `buckets` there are no others; a scraper that takes text alone then gets explicit ones in a
   * fixed layout. With `buckets`, one recording serves both. Default: false.
   */
  readonly native?: boolean | ExponentialOptions | undefined
}

/** What an observable's callback is handed. */
export interface ObservableResult<L extends string = never> {
  /** Gives one series its value for this collection; a series that is not observed is not exported. */
  observe(value: number, ...labels: LabelsArgument<L>): void
}

/** Reads values at collection; may be async. */
export type ObservableCallback<L extends string = never> = (result: ObservableResult<L>) => void | Promise<void>

export interface ObservableOptions<L extends string = never> extends InstrumentOptions<L> {
  /** Called once a collection. More can be added with `addCallback`. */
  readonly callback?: ObservableCallback<L> | undefined
}

/** An instrument as the store knows it, whichever front door made it. */
export interface Definition {
  readonly kind: InstrumentKind
  readonly name: string
  readonly help: string
  readonly unit: string
  readonly scope: Scope
  /** `prometheus`: the name stands as it is. `otel`: it is translated for Prometheus, unit and `_total` added. */
  readonly naming: 'prometheus' | 'otel'
  /** The declared label names, or `undefined` where any attribute may come. */
  readonly labelNames: readonly string[] | undefined
  /** Whether recorded values are truncated to whole numbers (OpenTelemetry's `ValueType.INT`). */
  readonly integer: boolean
  /** Bucket bounds asked for by the maker of a histogram. */
  readonly buckets: readonly number[] | undefined
  /** Exponential buckets asked for by the maker of a histogram. */
  readonly native?: ExponentialLimits | undefined
  /** The states of a state set, which are values of the label that is named as the metric. */
  readonly states?: readonly string[] | undefined
  readonly cardinalityLimit: number | undefined
  readonly expireAfterMs: number | undefined
}

/**
 * Whether an instrument takes no negative values, whatever a view makes of them: counters, and OpenTelemetry's
 * histograms; Prometheus's take them.
 */
export function isNonNegative({ kind, naming }: Definition): boolean {
  return kind === 'counter' || kind === 'observableCounter' || (kind === 'histogram' && naming === 'otel')
}

/** The explicit bounds of a histogram: the default ones, too, so that writing them out makes no other definition. */
function bucketsOf({ kind, naming, buckets, native }: Definition): readonly number[] | undefined {
  return buckets ?? (kind === 'histogram' && native === undefined ? defaultBuckets(naming) : undefined)
}

/**
 * Whether a histogram of what an instrument measures has a sum. One that a view makes of what may be negative has none
 * (Metrics SDK specification, "Explicit Bucket Histogram Aggregation").
 */
export function hasHistogramSum(kind: InstrumentKind): boolean {
  return kind === 'histogram' || kind === 'counter' || kind === 'observableCounter'
}

/** A definition as one line of text, for messages and for telling two definitions apart. */
export function describeDefinition(definition: Definition): string {
  const parts = [definition.kind, definition.name]
  if (definition.labelNames) parts.push(`labels (${[...definition.labelNames].sort().join(', ')})`)
  if (definition.unit !== '') parts.push(`unit ${JSON.stringify(definition.unit)}`)
  if (definition.integer) parts.push('integer')
  const buckets = bucketsOf(definition)
  if (buckets) parts.push(`buckets [${buckets.join(', ')}]`)
  if (definition.native) {
    parts.push(`native (scale ${definition.native.scale}, maxBuckets ${definition.native.maxBuckets})`)
  }
  if (definition.states) parts.push(`states (${definition.states.join(', ')})`)
  if (definition.cardinalityLimit !== undefined) parts.push(`cardinalityLimit ${definition.cardinalityLimit}`)
  if (definition.expireAfterMs !== undefined) parts.push(`expireAfterMs ${definition.expireAfterMs}`)
  parts.push(`help ${JSON.stringify(definition.help)}`)
  return parts.join(', ')
}
