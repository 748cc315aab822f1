import type { Definition, InstrumentKind, InstrumentOptions } from '../model/definition'
import { FACADE_SCOPE } from '../model/scope'

/** The definition of a metric that meterkit has of itself. */
export function selfDefinition(
  kind: InstrumentKind,
  options: InstrumentOptions<string> & { readonly buckets?: readonly number[] },
): Definition {
  const { name, help = '', unit = '', labelNames = [], buckets, cardinalityLimit, expireAfterMs } = options
  return {
    kind,
    name,
    help,
    unit,
    scope: FACADE_SCOPE,
    naming: 'prometheus',
    labelNames,
    integer: false,
    buckets,
    cardinalityLimit,
    expireAfterMs,
  }
}
