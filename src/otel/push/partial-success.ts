import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { exportingBy } from './exporting-by'

/**
 * That a receiver took a request, but not all of its points, which are not to be sent again (OTLP specification, "Partial
 * Success").
 */
export class RejectedPoints extends Error {
  override readonly name = 'RejectedPoints'
  /** What HTTP calls a request that is wrong as it is. */
  readonly code = 400

  constructor(
    readonly points: number,
    reason: string,
  ) {
    super(`${points} points were rejected for good: ${reason === '' ? 'the receiver did not say why' : reason}`)
  }
}

/** As OpenTelemetry reads it, of JSON without a check. */
interface Answer {
  readonly partialSuccess?: { readonly rejectedDataPoints?: unknown; readonly errorMessage?: unknown } | null
}

/** The answers to the requests of an exporter, which reads them and keeps them to itself. */
export class Answers {
  #rejected: RejectedPoints | undefined

  /** Notes what the exporter read, and gives it back. */
  note(answer: unknown): unknown {
    const { rejectedDataPoints = 0, errorMessage = '' } = Object((Object(answer) as Answer).partialSuccess)
    const points = Number(rejectedDataPoints)
    if (points > 0) this.#rejected = new RejectedPoints(points, String(errorMessage))
    return answer
  }

  /** The exporter, which now has {@link RejectedPoints} beside its success where the receiver said so. */
  toldBy(exporter: PushMetricExporter): PushMetricExporter {
    return exportingBy(exporter, (metrics, done) => {
      this.#rejected = undefined
      exporter.export(metrics, (result) =>
        done(result.code === 0 && this.#rejected !== undefined ? { ...result, error: this.#rejected } : result),
      )
    })
  }
}
