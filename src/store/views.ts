import { isDeepStrictEqual } from 'node:util'
import {
  type AggregationOption,
  AggregationType,
  createAllowListAttributesProcessor,
  createDenyListAttributesProcessor,
  type IAttributesProcessor,
  InstrumentType,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { checkedBuckets } from '../model/buckets'
import type { Definition, InstrumentKind } from '../model/definition'
import { type ExponentialLimits, exponentialOfSize } from '../model/exponential'
import { prometheusName } from '../model/names'
import { checkView } from './check-view'
import { fitsWildcard } from './wildcard'

/** How one stream of an instrument is to be made. */
export interface StreamPlan {
  readonly name: string
  readonly help: string
  readonly aggregation: 'default' | 'sum' | 'lastValue' | 'histogram'
  readonly buckets: readonly number[] | undefined
  /** Where the histogram is an exponential one. It has explicit buckets as well if there are `buckets`. */
  readonly exponential?: ExponentialLimits | undefined
  readonly cardinalityLimit: number | undefined
  readonly processors: readonly IAttributesProcessor[]
}

/** sdk-metrics's names of the instruments, as `ViewOptions.instrumentType` has them. */
export const INSTRUMENT_TYPES: Readonly<Record<InstrumentKind, InstrumentType>> = {
  counter: InstrumentType.COUNTER,
  upDownCounter: InstrumentType.UP_DOWN_COUNTER,
  gauge: InstrumentType.GAUGE,
  histogram: InstrumentType.HISTOGRAM,
  observableCounter: InstrumentType.OBSERVABLE_COUNTER,
  observableUpDownCounter: InstrumentType.OBSERVABLE_UP_DOWN_COUNTER,
  observableGauge: InstrumentType.OBSERVABLE_GAUGE,
  info: InstrumentType.GAUGE,
  stateSet: InstrumentType.GAUGE,
}

/**
 * The views of a service: which instruments they select, and the streams that they make of them (Metrics SDK
 * specification, "View"). Every view that selects an instrument makes a stream of it; without one there is the default
 * stream; `DROP` makes none.
 */
export class Views {
  readonly #views: readonly ViewOptions[]
  readonly #exponential: boolean

  /** With `exponential`, histograms are that where neither they nor a view say what their buckets are. */
  constructor(views: readonly ViewOptions[], exponential = false) {
    views.forEach(checkView)
    this.#exponential = exponential
    this.#views = views.map((view) => ({ ...view }))
  }

  plans(given: Definition): StreamPlan[] {
    const isOpen = given.kind === 'histogram' && given.buckets === undefined && given.native === undefined
    const native = this.#exponential && isOpen ? exponentialOfSize('') : given.native
    const definition = { ...given, native }
    const selected = this.#views.filter((view) => matches(view, definition))
    if (selected.length === 0) return [planOf({}, definition)]
    const plans = selected
      .filter(({ aggregation }) => aggregation?.type !== AggregationType.DROP)
      .map((view) => planOf(view, definition))
    return plans.filter((plan, index) => plans.findIndex((other) => samePlan(other, plan)) === index)
  }
}

function matches(view: ViewOptions, { name, kind, unit, scope }: Definition): boolean {
  const { instrumentName, instrumentType, instrumentUnit, meterName, meterVersion, meterSchemaUrl } = view
  return (
    (instrumentName === undefined || fitsWildcard(instrumentName, name)) &&
    (instrumentType === undefined || instrumentType === INSTRUMENT_TYPES[kind]) &&
    (instrumentUnit === undefined || instrumentUnit === unit) &&
    (meterName === undefined || meterName === scope.name) &&
    (meterVersion === undefined || meterVersion === (scope.version ?? '')) &&
    (meterSchemaUrl === undefined || meterSchemaUrl === (scope.schemaUrl ?? ''))
  )
}

const AGGREGATIONS: Partial<Record<AggregationType, StreamPlan['aggregation']>> = {
  [AggregationType.SUM]: 'sum',
  [AggregationType.LAST_VALUE]: 'lastValue',
  [AggregationType.EXPLICIT_BUCKET_HISTOGRAM]: 'histogram',
  [AggregationType.EXPONENTIAL_HISTOGRAM]: 'histogram',
}

function planOf(view: ViewOptions, definition: Definition): StreamPlan {
  return {
    name: nameOf(view, definition),
    help: view.description ?? definition.help,
    aggregation: (view.aggregation && AGGREGATIONS[view.aggregation.type]) ?? 'default',
    buckets: bucketsOf(view, definition),
    exponential: exponentialOf(view, definition),
    cardinalityLimit: view.aggregationCardinalityLimit ?? definition.cardinalityLimit,
    processors: view.attributesProcessors ?? [],
  }
}

/** A Prometheus name is one also where a view chose it; OpenTelemetry's names are translated when they are written. */
function nameOf({ name }: ViewOptions, definition: Definition): string {
  if (name === undefined) return definition.name
  return definition.naming === 'prometheus' ? prometheusName(name) : name
}

/**
 * A view that asks for explicit buckets decides them, even if it names none; the instrument's own serve a view that
 * leaves the aggregation to the instrument (Metrics SDK specification, "ExplicitBucketBoundaries" advice), and stand
 * beside the exponential ones where a view asks for those.
 */
function bucketsOf({ aggregation }: ViewOptions, definition: Definition): readonly number[] | undefined {
  if (aggregation?.type !== AggregationType.EXPLICIT_BUCKET_HISTOGRAM) return definition.buckets
  const boundaries = boundariesOf(aggregation)
  return boundaries && checkedBuckets(`Cannot create histogram "${definition.name}":`, boundaries)
}

function boundariesOf(aggregation: AggregationOption | undefined): readonly number[] | undefined {
  return aggregation?.type === AggregationType.EXPLICIT_BUCKET_HISTOGRAM ? aggregation.options?.boundaries : undefined
}

/** A view that leaves the aggregation to the instrument leaves it exponential, too. */
function exponentialOf({ aggregation }: ViewOptions, definition: Definition): ExponentialLimits | undefined {
  switch (aggregation?.type) {
    case undefined:
    case AggregationType.DEFAULT:
      return definition.native
    case AggregationType.EXPONENTIAL_HISTOGRAM:
      return exponentialOfSize(`Cannot create histogram "${definition.name}":`, aggregation.options?.maxSize)
    default:
      return undefined
  }
}

/** Whether a stream of one plan can go on as one of the other: what it counts and by which labels is the same. */
export function sameContent(a: StreamPlan, b: StreamPlan): boolean {
  const { name, help, cardinalityLimit } = b
  return samePlan({ ...a, name, help, cardinalityLimit }, b)
}

/** The plan of a counter, where it can have the series of a histogram's one stream; otherwise `undefined`. */
export function countPlan(
  [measured, ...others]: readonly StreamPlan[],
  [counts, ...otherCounts]: readonly StreamPlan[],
): StreamPlan | undefined {
  if (counts === undefined || measured === undefined || otherCounts.length + others.length > 0) return undefined
  const isSum = counts.aggregation === 'default' || counts.aggregation === 'sum'
  const isHistogram = measured.aggregation === 'default' || measured.aggregation === 'histogram'
  const keepLabels = counts.processors.length + measured.processors.length === 0
  const isCount = isSum && isHistogram && keepLabels && counts.cardinalityLimit === measured.cardinalityLimit
  return isCount ? counts : undefined
}

/** Two views that ask for the very same stream get one, so that nothing is counted twice. */
function samePlan(a: StreamPlan, b: StreamPlan): boolean {
  return (
    a.name === b.name &&
    a.help === b.help &&
    a.aggregation === b.aggregation &&
    a.cardinalityLimit === b.cardinalityLimit &&
    String(a.buckets) === String(b.buckets) &&
    isDeepStrictEqual(a.exponential, b.exponential) &&
    a.processors.length === b.processors.length &&
    a.processors.every((processor, index) => sameProcessor(processor, b.processors[index]))
  )
}

/** What the processors of sdk-metrics do is told by their fields; of others only identity is known. */
function sameProcessor(a: IAttributesProcessor, b: IAttributesProcessor | undefined): boolean {
  return a === b || (isList(a) && isDeepStrictEqual(a, b))
}

function isList(processor: IAttributesProcessor): boolean {
  const lists = [createAllowListAttributesProcessor([]), createDenyListAttributesProcessor([])]
  return lists.some((list) => list.constructor === processor.constructor)
}
