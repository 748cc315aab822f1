import { AggregationTemporalityPreference } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BUCKETS, quietService } from '../services'

export type Temporality = 'cumulative' | 'delta'

/** A library with many label sets, each of which has a counter and an 11-bucket histogram, that pushes by OTLP. */
export interface Contestant {
  /** Records a value in the label sets below a number. */
  record(labelSets: number): void
  /** Sends everything, and resolves when it has arrived. */
  push(): Promise<void>
}

/** An hour: nobody pushes by himself. */
const NEVER_MS = 3_600_000

const labelsOf = (index: number) => ({
  method: `m${index % 10}`,
  path: `/path/${index}`,
  status_code: `${200 + (index % 5)}`,
})

function meterkit(url: string, temporality: Temporality): Contestant {
  const service = quietService({
    exporters: ['otlp'],
    otlp: { endpoint: url, temporality, intervalMs: NEVER_MS },
    selfMetrics: false,
  })
  const labelNames = ['method', 'path', 'status_code'] as const
  const counter = service.counter({ name: 'requests_total', help: 'Requests', labelNames })
  const histogram = service.histogram({ name: 'duration_seconds', help: 'Duration', labelNames, buckets: BUCKETS })
  return {
    record(labelSets) {
      for (let index = 0; index < labelSets; index++) {
        counter.add(1, labelsOf(index))
        histogram.record(index % 11, labelsOf(index))
      }
    },
    push: () => service.flush(),
  }
}

function stock(url: string, temporality: Temporality): Contestant {
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({
      url,
      temporalityPreference: AggregationTemporalityPreference[temporality === 'delta' ? 'DELTA' : 'CUMULATIVE'],
    }),
    exportIntervalMillis: NEVER_MS,
  })
  const limits = [{ instrumentName: '*', aggregationCardinalityLimit: 2_000_000 }]
  const meter = new MeterProvider({ readers: [reader], views: limits }).getMeter('bench')
  const counter = meter.createCounter('requests_total')
  const histogram = meter.createHistogram('duration_seconds', { advice: { explicitBucketBoundaries: BUCKETS } })
  return {
    record(labelSets) {
      for (let index = 0; index < labelSets; index++) {
        counter.add(1, labelsOf(index))
        histogram.record(index % 11, labelsOf(index))
      }
    },
    push: () => reader.forceFlush(),
  }
}

/** By the name in the tables. */
export const CONTESTANTS: Readonly<Record<string, (url: string, temporality: Temporality) => Contestant>> = {
  meterkit,
  'stock OpenTelemetry': stock,
}
