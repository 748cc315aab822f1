import {
  type AggregationOption,
  AggregationType,
  type IAttributesProcessor,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { checkedBuckets } from '../model/buckets'
import type { Definition, InstrumentKind } from '../model/definition'
import { DefinitionError, received } from '../model/errors'

/** How one stream of an instrument is to be made. */
export interface StreamPlan {
  readonly name: string
  readonly help: string
  readonly aggregation: 'default' | 'sum' | 'lastValue' | 'histogram'
  readonly buckets: readonly number[] | undefined
  readonly cardinalityLimit: number | undefined
  readonly processors: readonly IAttributesProcessor[]
}

interface CompiledView {
  readonly options: ViewOptions
  readonly namePattern: RegExp | undefined
}

/** sdk-metrics's names of the instruments, as `ViewOptions.instrumentType` has them. */
const INSTRUMENT_TYPES: Readonly<Record<InstrumentKind, string>> = {
  counter: 'COUNTER',
  upDownCounter: 'UP_DOWN_COUNTER',
  gauge: 'GAUGE',
  histogram: 'HISTOGRAM',
  observableCounter: 'OBSERVABLE_COUNTER',
  observableUpDownCounter: 'OBSERVABLE_UP_DOWN_COUNTER',
  observableGauge: 'OBSERVABLE_GAUGE',
}

/**
 * The views of a service: which instruments they select, and the streams that they make of them (Metrics SDK
 * specification, "View"). Every view that selects an instrument makes a stream of it; without one there is the default
 * stream; `DROP` makes none.
 */
export class Views {
  readonly #views: readonly CompiledView[]

  constructor(views: readonly ViewOptions[]) {
    this.#views = views.map((options, index) => {
      checkView(options, index)
      const { instrumentName } = options
      return { options, namePattern: instrumentName === undefined ? undefined : wildcard(instrumentName) }
    })
  }

  /** Whether any view selects the instrument. */
  selects(definition: Definition): boolean {
    return this.#views.some((view) => matches(view, definition))
  }

  plans(definition: Definition): StreamPlan[] {
    const selected = this.#views.filter((view) => matches(view, definition))
    if (selected.length === 0) return [planOf({}, definition)]
    const plans = selected
      .filter(({ options }) => options.aggregation?.type !== AggregationType.DROP)
      .map(({ options }) => planOf(options, definition))
    return plans.filter((plan, index) => plans.findIndex((other) => samePlan(other, plan)) === index)
  }
}

function checkView(view: ViewOptions, index: number): void {
  const cannot = `Cannot apply view "${view.name ?? index}":`
  const { instrumentName, instrumentType, instrumentUnit, meterName, meterVersion, meterSchemaUrl } = view
  const selectors = [instrumentName, instrumentType, instrumentUnit, meterName, meterVersion, meterSchemaUrl]
  if (selectors.every((selector) => selector === undefined)) {
    throw new DefinitionError(
      `${cannot} a view must select something, got no selector. Write instrumentName: '*' for all.`,
    )
  }
  if (view.name !== undefined && (instrumentName === undefined || /[*?]/.test(instrumentName))) {
    throw new DefinitionError(
      `${cannot} instrumentName must be one full name where the view renames, got ${received(instrumentName)}. Two metrics cannot share a name.`,
    )
  }
  if (view.aggregation?.type === AggregationType.EXPONENTIAL_HISTOGRAM) {
    throw new DefinitionError(
      `${cannot} aggregation must be one of DEFAULT, DROP, SUM, LAST_VALUE or EXPLICIT_BUCKET_HISTOGRAM, got EXPONENTIAL_HISTOGRAM. Exponential histograms are not stored yet; choose explicit buckets.`,
    )
  }
  const boundaries = boundariesOf(view.aggregation)
  if (boundaries) checkedBuckets(view.name ?? instrumentName ?? String(index), boundaries)
  const limit = view.aggregationCardinalityLimit
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) {
    throw new DefinitionError(
      `${cannot} aggregationCardinalityLimit must be a whole number of 1 or more, got ${received(limit)}. Leave it out for the service's limit.`,
    )
  }
}

/** `*` stands for any run of characters, none included, `?` for one; names are compared without case. */
function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.')
  return new RegExp(`^${source}$`, 'is')
}

function matches({ options, namePattern }: CompiledView, { name, kind, unit, scope }: Definition): boolean {
  const { instrumentType, instrumentUnit, meterName, meterVersion, meterSchemaUrl } = options
  return (
    (namePattern === undefined || namePattern.test(name)) &&
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
}

function planOf(view: ViewOptions, definition: Definition): StreamPlan {
  return {
    name: view.name ?? definition.name,
    help: view.description ?? definition.help,
    aggregation: (view.aggregation && AGGREGATIONS[view.aggregation.type]) ?? 'default',
    buckets: bucketsOf(view, definition),
    cardinalityLimit: view.aggregationCardinalityLimit ?? definition.cardinalityLimit,
    processors: view.attributesProcessors ?? [],
  }
}

/**
 * A view that asks for explicit buckets decides them, even if it names none; the instrument's own serve a view that
 * leaves the aggregation to the instrument (Metrics SDK specification, "ExplicitBucketBoundaries" advice).
 */
function bucketsOf({ aggregation }: ViewOptions, definition: Definition): readonly number[] | undefined {
  if (aggregation?.type !== AggregationType.EXPLICIT_BUCKET_HISTOGRAM) return definition.buckets
  const boundaries = boundariesOf(aggregation)
  return boundaries && checkedBuckets(definition.name, boundaries)
}

function boundariesOf(aggregation: AggregationOption | undefined): readonly number[] | undefined {
  return aggregation?.type === AggregationType.EXPLICIT_BUCKET_HISTOGRAM ? aggregation.options?.boundaries : undefined
}

/** Two views that ask for the very same stream get one, so that nothing is counted twice. */
function samePlan(a: StreamPlan, b: StreamPlan): boolean {
  return (
    a.name === b.name &&
    a.help === b.help &&
    a.aggregation === b.aggregation &&
    a.cardinalityLimit === b.cardinalityLimit &&
    String(a.buckets) === String(b.buckets) &&
    a.processors.length === b.processors.length &&
    a.processors.every((processor, index) => processor === b.processors[index])
  )
}
