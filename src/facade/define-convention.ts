import type { Definition, InstrumentKind } from '../model/definition'
import { FACADE_SCOPE } from '../model/scope'

/** An instrument as OpenTelemetry's semantic conventions describe it. */
export interface ConventionOptions {
  /** The name in the conventions: `messaging.process.duration`. Prometheus sees it translated. */
  readonly name: string
  readonly help: string
  /** The unit by its UCUM code. */
  readonly unit: string
  /** The bounds that the conventions advise, for histograms. */
  readonly buckets?: readonly number[] | undefined
}

/** The definition of such an instrument: its attributes are not declared, for some are there only now and then. */
export function defineConvention(kind: InstrumentKind, { name, help, unit, buckets }: ConventionOptions): Definition {
  return {
    kind,
    name,
    help,
    unit,
    scope: FACADE_SCOPE,
    naming: 'otel',
    labelNames: undefined,
    integer: false,
    buckets,
    cardinalityLimit: undefined,
    expireAfterMs: undefined,
  }
}
