import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { exportingBy } from './exporting-by'
import { isRetryable, isTooLarge } from './push-events'
import { sizeOf } from './request-size'

/** How long it waits before the second attempt, and at most before another, in milliseconds: as over HTTP. */
const FIRST_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 5_000

/**
 * An exporter that sends a request again, with back-off and jitter, while the receiver cannot take it and `timeoutMs` have
 * not passed: OpenTelemetry's transport by gRPC, other than that by HTTP, sends it once.
 */
export function retrying(exporter: PushMetricExporter, timeoutMs: number): PushMetricExporter {
  return exportingBy(exporter, (metrics, done) => {
    const untilMs = performance.now() + timeoutMs
    const attempt = (backoffMs: number) => {
      exporter.export(metrics, (result) => {
        const waitMs = backoffMs * (0.8 + 0.4 * Math.random())
        const isOver = performance.now() + waitMs > untilMs
        const { error } = result
        if (isOver || !isRetryable(error) || isTooLarge(error, sizeOf(metrics))) done(result)
        else setTimeout(attempt, waitMs, Math.min(1.5 * backoffMs, MAX_BACKOFF_MS)).unref()
      })
    }
    attempt(FIRST_BACKOFF_MS)
  })
}
