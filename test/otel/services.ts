import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import type { MetricsOptions } from '../../src/config/options'
import { createMetrics, type MetricsService } from '../../src/init'

const HOUR_MS = 3_600_000

/** The services of a test, which measure nothing by themselves and are shut down together. */
export class Services {
  readonly #running: MetricsService[] = []

  readonly start = (options: MetricsOptions): MetricsService => {
    const metrics = createMetrics({ http: false, runtime: false, selfMetrics: false, logger: false, ...options })
    this.#running.push(metrics)
    return metrics
  }

  async end(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((metrics) => metrics.shutdown()))
  }
}

/** A periodic reader whose exports are only those that a test asks for. */
export function periodic(exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)) {
  return { exporter, reader: new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: HOUR_MS }) }
}
