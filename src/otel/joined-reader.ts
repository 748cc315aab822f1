import type {
  AggregationOption,
  AggregationTemporality,
  CollectionResult,
  IMetricReader,
  InstrumentType,
  MetricCollectOptions,
  MetricProducer,
} from '@opentelemetry/sdk-metrics'
import { errorText } from '../model/errors'
import type { Logger } from '../model/log'
import { DeltaProducer } from './delta-producer'

/**
 * A reader as the SDK's `MeterProvider` hosts it, with the store beside the SDK's own metrics. A reader takes its
 * producers when it is constructed, and this one was constructed by the application; so the store joins where the
 * provider hands the reader its producer.
 *
 * A reader that cannot flush or close is told of in the log: the provider would stop waiting for the others.
 */
export class JoinedReader implements IMetricReader {
  readonly #reader: IMetricReader
  readonly #store: MetricProducer
  readonly #log: Logger

  constructor(reader: IMetricReader, store: MetricProducer, log: Logger) {
    this.#reader = reader
    this.#store = store
    this.#log = log
  }

  setMetricProducer(sdk: MetricProducer): void {
    const store = new DeltaProducer(this.#store, (type) => this.#reader.selectAggregationTemporality(type))
    this.#reader.setMetricProducer(new JoinedProducer(sdk, store))
  }

  selectAggregation(instrumentType: InstrumentType): AggregationOption {
    return this.#reader.selectAggregation(instrumentType)
  }

  selectAggregationTemporality(instrumentType: InstrumentType): AggregationTemporality {
    return this.#reader.selectAggregationTemporality(instrumentType)
  }

  selectCardinalityLimit(instrumentType: InstrumentType): number {
    return this.#reader.selectCardinalityLimit(instrumentType)
  }

  collect(options?: MetricCollectOptions): Promise<CollectionResult> {
    return this.#reader.collect(options)
  }

  async shutdown(options?: { timeoutMillis?: number }): Promise<void> {
    await this.#told('closed', options?.timeoutMillis, () => this.#reader.shutdown(options))
  }

  async forceFlush(options?: { timeoutMillis?: number }): Promise<void> {
    await this.#told('flushed', options?.timeoutMillis, () => this.#reader.forceFlush(options))
  }

  async #told(what: string, timeoutMs: number | undefined, work: () => Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    try {
      // Readers of the SDK keep the deadline by themselves; others may not.
      const deadline = new Promise<never>((_resolve, reject) => {
        if (timeoutMs === undefined) return
        timer = setTimeout(() => reject(new Error(`the deadline of ${timeoutMs} ms passed`)), timeoutMs)
      })
      await Promise.race([work(), deadline])
    } catch (error) {
      this.#log.warn(`the reader ${this.#reader.constructor.name} could not be ${what}: ${errorText(error)}`)
    } finally {
      clearTimeout(timer)
    }
  }
}

class JoinedProducer implements MetricProducer {
  constructor(
    private readonly sdk: MetricProducer,
    private readonly store: MetricProducer,
  ) {}

  async collect(options?: MetricCollectOptions): Promise<CollectionResult> {
    const [sdk, store] = await Promise.all([this.sdk.collect(options), this.store.collect(options)])
    return {
      // The resource is the provider's.
      resourceMetrics: {
        resource: sdk.resourceMetrics.resource,
        scopeMetrics: [...sdk.resourceMetrics.scopeMetrics, ...store.resourceMetrics.scopeMetrics],
      },
      errors: [...sdk.errors, ...store.errors],
    }
  }
}
