import type { Context } from '@opentelemetry/api'
import { withMeasurementContext } from '../store/measurement-context'

/** Has what `record` records belong to the span of `context`, whichever is active: for what is recorded when all is over. */
export function recordIn(context: Context, record: () => void): void {
  withMeasurementContext(context, record)
}
