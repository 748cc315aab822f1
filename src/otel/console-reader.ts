import { ConsoleMetricExporter, type IMetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'

/** A reader that prints all metrics to standard output. */
export function consoleReader(times: { readonly intervalMs: number; readonly exportTimeoutMs: number }): IMetricReader {
  return new PeriodicExportingMetricReader({
    exporter: new ConsoleMetricExporter(),
    exportIntervalMillis: times.intervalMs,
    // It throws for one that is longer.
    exportTimeoutMillis: Math.min(times.exportTimeoutMs, times.intervalMs),
  })
}
