import { type Decided, withDefaults } from './defaults'
import type { MetricsOptions, OtlpOptions } from './options'
import { OTLP } from './table-otlp'

type Defaulted = 'protocol' | 'compression' | 'timeoutMs' | 'temporality' | 'intervalMs' | 'exportTimeoutMs'

/** Where to send metrics and how, with nothing left open that has a default. */
export type OtlpSettings = Decided<OtlpOptions, Defaulted>

/** The settings of each receiver. */
export function otlpSettings(otlp: OtlpOptions | readonly OtlpOptions[] = {}): OtlpSettings[] {
  return [otlp].flat().map((each) => withDefaults(each, OTLP) as OtlpSettings)
}

/** Whether a receiver is to have exponential histograms wherever nothing else was chosen. */
export function asksForExponential({ exporters = [], otlp = [] }: MetricsOptions): boolean {
  const wanted = [otlp].flat().some(({ histograms }) => histograms === 'base2_exponential_bucket_histogram')
  return wanted && exporters.includes('otlp')
}
