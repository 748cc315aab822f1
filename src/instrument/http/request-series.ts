import type { BoundHistogram } from '../../facade/histogram'
import type { Answer } from './answer'

/** What one request came to, beside what its series tell. */
export interface Measured {
  readonly seconds: number
  readonly secure: boolean
  readonly httpVersion: string
  readonly answer: Answer
  readonly requestBytes: number | undefined
  readonly responseBytes: number | undefined
}

/** The series of requests of one method, path and status code, with the same labels of the application's. */
export interface RequestSeries {
  readonly duration: BoundHistogram
  readonly requestSize: BoundHistogram | undefined
  readonly responseSize: BoundHistogram | undefined
  /** The same under the names of OpenTelemetry's semantic conventions. */
  readonly conventions: { record(measured: Measured): void } | undefined
}
