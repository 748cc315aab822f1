import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { exportingBy } from './exporting-by'
import { TimeoutError } from './in-time'

/**
 * An exporter whose requests are over when `timeoutMs` have passed: `hangUp` is to end the one that is under way. The
 * transport by HTTP knows only the time in which nothing comes, and would wait on for an answer that drips.
 */
export function inWholeTime(exporter: PushMetricExporter, timeoutMs: number, hangUp: () => void): PushMetricExporter {
  return exportingBy(exporter, (metrics, done) => {
    let late: TimeoutError | undefined
    const timer = setTimeout(() => {
      late = new TimeoutError(`the receiver did not answer within ${timeoutMs} ms`)
      hangUp()
    }, timeoutMs)
    // The request keeps the process alive, or nothing does.
    timer.unref()
    exporter.export(metrics, (result) => {
      clearTimeout(timer)
      done(result.code !== 0 && late !== undefined ? { ...result, error: late } : result)
    })
  })
}
