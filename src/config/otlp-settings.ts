import type { AnyOptions } from './option'
import type { OtlpOptions } from './options'
import { OTLP } from './table-otlp'

type Defaulted = 'protocol' | 'compression' | 'timeoutMs' | 'temporality' | 'intervalMs' | 'exportTimeoutMs'

/** Where to send metrics and how, with nothing left open that has a default. */
export type OtlpSettings = OtlpOptions & Required<Pick<OtlpOptions, Defaulted>>

/** The settings of each receiver. */
export function otlpSettings(otlp: OtlpOptions | readonly OtlpOptions[] = {}): OtlpSettings[] {
  const rows: AnyOptions = OTLP
  const defaults = Object.fromEntries(
    Object.entries(rows).flatMap(([key, row]) => (row.default === undefined ? [] : [[key, row.default]])),
  )
  return [otlp].flat().map((each) => ({ ...defaults, ...each }) as OtlpSettings)
}
