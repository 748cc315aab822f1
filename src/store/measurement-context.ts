import { type Context, context } from '@opentelemetry/api'

/**
 * The context that a measurement was given, while it is being recorded. Recording is synchronous, so one variable
 * serves; only views' attribute processors and exemplars ask, and recording without them pays nothing for it.
 */
let given: Context | undefined

/** Runs `record` as a measurement that was given `measured`. */
export function withMeasurementContext(measured: Context, record: () => void): void {
  const before = given
  given = measured
  try {
    record()
  } finally {
    given = before
  }
}

/** The context of the measurement that is being recorded: the one it was given, else the active one. */
export function measurementContext(): Context {
  return given ?? context.active()
}
