import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'

/** An exporter that exports in another way, and is otherwise as it was. */
export function exportingBy(exporter: PushMetricExporter, way: PushMetricExporter['export']): PushMetricExporter {
  return {
    export: way,
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}
