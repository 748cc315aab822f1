import { defaultBuckets } from '../model/buckets'
import { type Definition, isNonNegative } from '../model/definition'
import type { ExponentialLimits } from '../model/exponential'
import type { CellLayout } from './cell-layout'
import type { ExemplarSampler } from './exemplar-sampler'
import { ACTIVITY_CELLS, USE_CELLS } from './expiry'
import { ExponentialHistogramStream } from './exponential-histogram'
import { ExponentialSlots, SLOT_CELLS } from './exponential-slots'
import { fallbackExponents, mayReachOverBounds } from './fallback-buckets'
import { FilteredTable } from './filtered-table'
import { HistogramStream, histogramLayout } from './histogram'
import { DeclaredLabels, type LabelPolicy, OpenLabels } from './label-policy'
import type { Vocabulary } from './label-values'
import { LAST_VALUE_CELLS, LastValueStream } from './last-value'
import { OBSERVED_CELLS, OBSERVED_ROOM, ObservedStream } from './observed'
import { SeriesTable } from './series-table'
import type { Shape, Stream, StreamIdentity } from './stream'
import type { RecordingSink } from './succession'
import { SUM_CELLS, SumStream } from './sum'
import type { TableEvents } from './table-options'
import type { StreamPlan } from './views'

/** What a stream needs of the registry that owns it. */
export interface StreamHost {
  readonly events: TableEvents
  readonly cardinalityLimit: number
  /** The labels of all streams of a registry. */
  readonly vocabulary: Vocabulary
  /** Default: there are no exemplars. */
  readonly sampler?: ExemplarSampler
  nowMs(): number
}

/** What the numbers of a stream mean, by the instrument's kind and what a view chose. */
function shapeOf({ kind, naming }: Definition, { aggregation }: StreamPlan): Shape {
  if (aggregation === 'lastValue') return 'gauge'
  if (aggregation === 'histogram') return 'histogram'
  switch (kind) {
    case 'counter':
    case 'observableCounter':
      return 'counter'
    case 'upDownCounter':
    case 'observableUpDownCounter':
      return 'upDownCounter'
    case 'gauge':
    case 'observableGauge':
    case 'info':
    case 'stateSet':
      return aggregation === 'sum' ? 'upDownCounter' : 'gauge'
    case 'histogram':
      if (aggregation !== 'sum') return 'histogram'
      // OpenTelemetry's histograms take no negative values, so their sum is monotonic.
      return naming === 'otel' ? 'counter' : 'upDownCounter'
  }
}

/** What a stream is called, and what feeds it. */
export function identityOf(definition: Definition, plan: StreamPlan): StreamIdentity {
  const { unit, scope, naming, kind, integer } = definition
  return { name: plan.name, help: plan.help, unit, scope, naming, source: definition, instrument: kind, integer }
}

function tableOf(
  definition: Definition,
  plan: StreamPlan,
  host: StreamHost,
  layout: CellLayout,
  createdCell: number | undefined,
  /** Slots for exemplars that a series has. */
  slots = 0,
): SeriesTable {
  const incoming = policyOf(definition)
  const states = definition.states?.length
  const options = {
    policy: plan.processors.length > 0 ? new OpenLabels() : incoming,
    layout,
    vocabulary: host.vocabulary,
    limit: seriesLimit(definition, plan, host.cardinalityLimit),
    states,
    events: host.events,
    initialise:
      createdCell === undefined
        ? undefined
        : (cells: Float64Array, at: number) => {
            cells[at + createdCell] = host.nowMs()
            // A good time to ask: the first requests after start-up make most series.
            host.sampler?.look()
          },
    exemplars: host.sampler !== undefined && slots > 0 ? { sampler: host.sampler, slots } : undefined,
  }
  return plan.processors.length > 0 ? new FilteredTable(options, incoming, plan.processors) : new SeriesTable(options)
}

/** How many series a table may have. A state set has its states for each set of labels, all or none. */
function seriesLimit({ states }: Definition, { cardinalityLimit }: StreamPlan, byDefault: number): number {
  return (cardinalityLimit ?? byDefault) * (states?.length ?? 1)
}

/** Has a stream make no more series than a plan allows, from now on. */
export function limitStream(stream: Stream, definition: Definition, plan: StreamPlan, byDefault: number): void {
  const limit = seriesLimit(definition, plan, byDefault)
  if (stream instanceof ObservedStream) stream.limit = limit
  stream.table.limitTo(stream instanceof ObservedStream ? OBSERVED_ROOM * limit : limit)
}

function policyOf({ labelNames }: Definition): LabelPolicy {
  return labelNames === undefined ? new OpenLabels() : new DeclaredLabels(labelNames)
}

/** Makes the stream of an instrument that records. */
export function makeStream(definition: Definition, plan: StreamPlan, host: StreamHost): RecordingSink {
  const identity = identityOf(definition, plan)
  const shape = shapeOf(definition, plan)
  const { expireAfterMs } = definition
  const expires = expireAfterMs !== undefined
  const useCells = expires ? USE_CELLS : 0
  const reject = (reason: string) => host.events.rejected(reason)
  switch (shape) {
    case 'histogram': {
      if (plan.exponential !== undefined) return makeExponential(definition, plan, plan.exponential, host)
      const bounds = plan.buckets ?? defaultBuckets(definition.naming)
      const buckets = bounds.length + 1
      const layout = histogramLayout(buckets, expires ? ACTIVITY_CELLS : 0)
      const table = tableOf(definition, plan, host, layout, 1, buckets)
      return new HistogramStream(identity, bounds, table, reject, expireAfterMs, isNonNegative(definition))
    }
    case 'gauge': {
      const table = tableOf(definition, plan, host, { width: LAST_VALUE_CELLS + useCells }, undefined)
      return new LastValueStream(identity, table, reject, expireAfterMs, isNonNegative(definition))
    }
    default: {
      const slots = shape === 'counter' ? 1 : 0
      const table = tableOf(definition, plan, host, { width: SUM_CELLS + useCells }, 1, slots)
      return new SumStream(identity, shape, table, reject, expireAfterMs)
    }
  }
}

function makeExponential(
  definition: Definition,
  plan: StreamPlan,
  limits: ExponentialLimits,
  host: StreamHost,
): ExponentialHistogramStream {
  const { expireAfterMs } = definition
  const identity = identityOf(definition, plan)
  const bounds = plan.buckets ?? fallbackExponents(identity)
  const counted = plan.buckets !== undefined || mayReachOverBounds(limits) ? bounds : []
  const { width, counts } = histogramLayout(counted.length + 1, SLOT_CELLS)
  const slots = new ExponentialSlots(width - SLOT_CELLS, limits)
  const layout = {
    width: width + (expireAfterMs === undefined ? 0 : ACTIVITY_CELLS),
    counts,
    released: (cells: Float64Array, at: number) => slots.release(cells, at),
  }
  return new ExponentialHistogramStream(
    identity,
    plan.buckets,
    slots,
    tableOf(definition, plan, host, layout, 1, bounds.length + 1),
    (reason) => host.events.rejected(reason),
    expireAfterMs,
    isNonNegative(definition),
  )
}

/**
 * Makes the stream of an observable instrument, which was made at `createdMs`: the values of one collection, or a histogram of
 * all collections'.
 */
export function makeObserved(
  definition: Definition,
  plan: StreamPlan,
  host: StreamHost,
  createdMs: number,
): ObservedStream | RecordingSink {
  const shape = shapeOf(definition, plan)
  if (shape === 'histogram') return makeStream(definition, plan, host)
  const limit = plan.cardinalityLimit ?? host.cardinalityLimit
  const table = tableOf(
    definition,
    { ...plan, cardinalityLimit: OBSERVED_ROOM * limit },
    host,
    { width: OBSERVED_CELLS },
    undefined,
  )
  const reject = (reason: string) => host.events.rejected(reason)
  const accumulates = plan.processors.length > 0
  return new ObservedStream(
    identityOf(definition, plan),
    shape,
    table,
    reject,
    limit,
    isNonNegative(definition),
    accumulates,
    createdMs,
  )
}

/** Makes a stream of an instrument, whichever it is, and nothing that leads there. */
export function makeAlone(definition: Definition, plan: StreamPlan, host: StreamHost): Stream {
  const isObserved = definition.kind.startsWith('observable')
  const made = isObserved ? makeObserved(definition, plan, host, host.nowMs()) : makeStream(definition, plan, host)
  return made instanceof ObservedStream ? made : (made.streams[0] as Stream)
}
