import type { InstrumentKind } from '../../src/model/definition'

/** The seven kinds of instruments: each is also the name of the method that makes one. */
export const KINDS = [
  'counter',
  'upDownCounter',
  'gauge',
  'histogram',
  'observableCounter',
  'observableUpDownCounter',
  'observableGauge',
] as const satisfies readonly InstrumentKind[]
