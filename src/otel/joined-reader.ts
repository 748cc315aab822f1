import type {
  AggregationOption,
  AggregationTemporality,
  CollectionResult,
  IMetricReader,
  InstrumentType,
  MetricCollectOptions,
  MetricProducer,
} from '@opentelemetry/sdk-metrics'

/**
 * A reader as the SDK's `MeterProvider` hosts it, with the store beside the SDK's own metrics. A reader takes its
 * producers when it is constructed, and this one was constructed by the application; so the store joins where the
 * provider hands the reader its producer.
 */
export class JoinedReader implements IMetricReader {
  constructor(
    private readonly reader: IMetricReader,
    private readonly store: MetricProducer,
  ) {}

  setMetricProducer(sdk: MetricProducer): void {
    this.reader.setMetricProducer(new JoinedProducer(sdk, this.store))
  }

  selectAggregation(instrumentType: InstrumentType): AggregationOption {
    return this.reader.selectAggregation(instrumentType)
  }

  selectAggregationTemporality(instrumentType: InstrumentType): AggregationTemporality {
    return this.reader.selectAggregationTemporality(instrumentType)
  }

  selectCardinalityLimit(instrumentType: InstrumentType): number {
    return this.reader.selectCardinalityLimit(instrumentType)
  }

  collect(options?: MetricCollectOptions): Promise<CollectionResult> {
    return this.reader.collect(options)
  }

  shutdown(options?: { timeoutMillis?: number }): Promise<void> {
    return this.reader.shutdown(options)
  }

  forceFlush(options?: { timeoutMillis?: number }): Promise<void> {
    return this.reader.forceFlush(options)
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
