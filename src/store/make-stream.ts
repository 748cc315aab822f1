import { DEFAULT_BUCKETS, OTEL_DEFAULT_BUCKETS } from '../model/buckets'
import { type Definition, isNonNegative } from '../model/definition'
import { EXPIRY_CELLS } from './expiry'
import { FilteredTable } from './filtered-table'
import { HISTOGRAM_CELLS, HistogramStream } from './histogram'
import { DeclaredLabels, type LabelPolicy, OpenLabels } from './label-policy'
import { LAST_VALUE_CELLS, LastValueStream } from './last-value'
import { OBSERVED_CELLS, ObservedStream } from './observed'
import { SeriesTable, type TableEvents } from './series-table'
import type { Shape, Sink, StreamIdentity } from './stream'
import { COUNTER_CELLS, SumStream, UP_DOWN_CELLS } from './sum'
import type { StreamPlan } from './views'

/** What a stream needs of the registry that owns it. */
export interface StreamHost {
  readonly events: TableEvents
  readonly cardinalityLimit: number
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
      return aggregation === 'sum' ? 'upDownCounter' : 'gauge'
    case 'histogram':
      if (aggregation !== 'sum') return 'histogram'
      // OpenTelemetry's histograms take no negative values, so their sum is monotonic.
      return naming === 'otel' ? 'counter' : 'upDownCounter'
  }
}

function identityOf(definition: Definition, plan: StreamPlan): StreamIdentity {
  const { unit, scope, naming, kind, integer } = definition
  return { name: plan.name, help: plan.help, unit, scope, naming, source: definition, instrument: kind, integer }
}

function tableOf(
  definition: Definition,
  plan: StreamPlan,
  host: StreamHost,
  width: number,
  createdCell: number | undefined,
): SeriesTable {
  const incoming = policyOf(definition)
  const options = {
    policy: plan.processors.length > 0 ? new OpenLabels() : incoming,
    width,
    limit: plan.cardinalityLimit ?? host.cardinalityLimit,
    events: host.events,
    initialise:
      createdCell === undefined
        ? undefined
        : (cells: Float64Array, at: number) => {
            cells[at + createdCell] = host.nowMs()
          },
  }
  return plan.processors.length > 0 ? new FilteredTable(options, incoming, plan.processors) : new SeriesTable(options)
}

function policyOf({ labelNames }: Definition): LabelPolicy {
  return labelNames === undefined ? new OpenLabels() : new DeclaredLabels(labelNames)
}

/** Makes the stream of an instrument that records. */
export function makeStream(definition: Definition, plan: StreamPlan, host: StreamHost): Sink {
  const identity = identityOf(definition, plan)
  const shape = shapeOf(definition, plan)
  const { expireAfterMs } = definition
  const expiryCells = expireAfterMs === undefined ? 0 : EXPIRY_CELLS
  const reject = (reason: string) => host.events.rejected(reason)
  switch (shape) {
    case 'histogram': {
      const bounds = plan.buckets ?? (definition.naming === 'otel' ? OTEL_DEFAULT_BUCKETS : DEFAULT_BUCKETS)
      const created = bounds.length + 2
      const table = tableOf(definition, plan, host, bounds.length + 1 + HISTOGRAM_CELLS + expiryCells, created)
      return new HistogramStream(identity, bounds, table, reject, expireAfterMs, isNonNegative(definition))
    }
    case 'gauge': {
      const table = tableOf(definition, plan, host, LAST_VALUE_CELLS + expiryCells, undefined)
      return new LastValueStream(identity, table, reject, expireAfterMs, isNonNegative(definition))
    }
    default: {
      const cells = shape === 'counter' ? COUNTER_CELLS : UP_DOWN_CELLS
      const table = tableOf(definition, plan, host, cells + expiryCells, 1)
      return new SumStream(identity, shape, table, reject, expireAfterMs)
    }
  }
}

/** Makes the stream of an observable instrument: the values of one collection, or a histogram of all collections'. */
export function makeObserved(definition: Definition, plan: StreamPlan, host: StreamHost): ObservedStream | Sink {
  const shape = shapeOf(definition, plan)
  if (shape === 'histogram') return makeStream(definition, plan, host)
  const limit = plan.cardinalityLimit ?? host.cardinalityLimit
  const table = tableOf(definition, { ...plan, cardinalityLimit: 2 * limit }, host, OBSERVED_CELLS, 2)
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
  )
}
