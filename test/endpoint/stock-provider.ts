import { emptyResource, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  MeterProvider,
  type MeterProviderOptions,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics'
import { ExpositionReader, type ExpositionReaderOptions } from '../../src/endpoint/exposition-reader'

/** The stock SDK with our reader, and what the reader logged. */
export function stock(options: ExpositionReaderOptions = {}, providerOptions: MeterProviderOptions = {}) {
  const logged: string[] = []
  const say = (message: string) => void logged.push(message)
  const reader = new ExpositionReader({
    preventServerStart: true,
    host: '127.0.0.1',
    port: 0,
    log: { info: say, warn: say, error: say },
    ...options,
  })
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'stock' }),
    readers: [reader],
    ...providerOptions,
  })
  return { reader, provider, meter: provider.getMeter('library', '1.0'), logged }
}

export async function rejectionOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('did not reject')
    },
    (error: Error) => error,
  )
}

export function resultOf(scopeMetrics: ScopeMetrics[] = []): CollectionResult {
  return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] }
}

export function gaugeMetrics(name: string, value: number): ScopeMetrics[] {
  return [
    {
      scope: { name: 'producer' },
      metrics: [
        {
          descriptor: { name, description: 'From a producer', unit: '', valueType: 1 },
          aggregationTemporality: AggregationTemporality.CUMULATIVE,
          dataPointType: DataPointType.GAUGE,
          dataPoints: [{ startTime: [0, 0], endTime: [0, 0], attributes: { a: 'b' }, value }],
        },
      ],
    },
  ]
}
