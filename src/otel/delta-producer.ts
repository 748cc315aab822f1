import {
  AggregationTemporality,
  type CollectionResult,
  type InstrumentType,
  type MetricCollectOptions,
  type MetricData,
  type MetricProducer,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics'
import { doneInTurns } from '../store/turns'
import { INSTRUMENT_TYPES } from '../store/views'
import { Deltas } from './push/deltas'
import { isDelta, streamOf } from './push/temporality'

/**
 * The store for a reader of its own temporality. What it collects counts as delivered: deltas are what was added since its
 * last collection. Sums that may fall are told by their totals, whatever it selects, as OpenTelemetry's exporters of deltas do.
 */
export class DeltaProducer implements MetricProducer {
  readonly #store: MetricProducer
  readonly #temporality: (type: InstrumentType) => AggregationTemporality
  readonly #deltas = new Deltas()
  #last: Promise<unknown> = Promise.resolve()

  constructor(store: MetricProducer, temporality: (type: InstrumentType) => AggregationTemporality) {
    this.#store = store
    this.#temporality = temporality
  }

  /** One after the other: deltas are made in steps, each of which begins where the last has ended. */
  collect(options?: MetricCollectOptions): Promise<CollectionResult> {
    const collected = this.#last.then(() => this.#collect(options))
    this.#last = collected.catch(() => undefined)
    return collected
  }

  async #collect(options?: MetricCollectOptions): Promise<CollectionResult> {
    const { resourceMetrics, errors } = await this.#store.collect(options)
    this.#deltas.begin()
    const scopeMetrics: ScopeMetrics[] = []
    for (const { scope, metrics } of resourceMetrics.scopeMetrics) {
      const selected: MetricData[] = []
      for (const metric of metrics) selected.push(await doneInTurns(this.#asSelected(metric)))
      scopeMetrics.push({ scope, metrics: selected.filter(({ dataPoints }) => dataPoints.length > 0) })
    }
    return {
      resourceMetrics: {
        resource: resourceMetrics.resource,
        scopeMetrics: scopeMetrics.filter(({ metrics }) => metrics.length > 0),
      },
      errors,
    }
  }

  *#asSelected(metric: MetricData): Generator<void, MetricData, void> {
    const stream = streamOf(metric)
    if (stream === undefined || !isDelta(metric, 'delta')) return metric
    const selected = this.#temporality(INSTRUMENT_TYPES[stream.identity.instrument])
    if (selected !== AggregationTemporality.DELTA) return metric
    const { metric: delta, arrived } = yield* this.#deltas.since(stream, metric)
    arrived(0, delta.dataPoints.length)
    return delta
  }
}
