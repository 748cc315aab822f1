import { readFileSync } from 'node:fs'
import { type Decided, withDefaults } from './defaults'
import { timeoutOf } from './kind'
import { isHostAndPort } from './kind-request'
import type { ConsoleOptions, MetricsOptions, OtlpOptions } from './options'
import { CONSOLE, OTLP } from './table-otlp'

type Defaulted = 'protocol' | 'compression' | 'timeoutMs' | 'temporality' | 'intervalMs' | 'exportTimeoutMs'

/** Where to send metrics and how, with nothing left open that has a default. */
export type OtlpSettings = Decided<OtlpOptions, Defaulted>

/** The settings of each receiver. */
export function otlpSettings(otlp: OtlpOptions | readonly OtlpOptions[] = {}): OtlpSettings[] {
  return [otlp].flat().map((each) => {
    const given = withDefaults(each, OTLP) as OtlpSettings
    const { endpoint, insecure, timeoutMs, exportTimeoutMs } = given
    const settings = { ...given, timeoutMs: timeoutOf(timeoutMs), exportTimeoutMs: timeoutOf(exportTimeoutMs) }
    return endpoint === undefined ? settings : { ...settings, endpoint: withScheme(endpoint, insecure === true) }
  })
}

/** What a receiver's files hold by now, by which it is another one where they were renewed; nothing of one that cannot be read. */
export function filesOf({ certificate, clientCertificate, clientKey }: OtlpSettings): (Buffer | undefined)[] {
  return [certificate, clientCertificate, clientKey].map((path) => {
    try {
      return path === undefined ? undefined : readFileSync(path)
    } catch {
      // Who needs it says so.
      return undefined
    }
  })
}

/** When the console prints. */
export function consoleSettings(console: ConsoleOptions = {}): Decided<ConsoleOptions, keyof ConsoleOptions> {
  const settings = withDefaults(console, CONSOLE) as Decided<ConsoleOptions, keyof ConsoleOptions>
  return { ...settings, exportTimeoutMs: timeoutOf(settings.exportTimeoutMs) }
}

/** An endpoint without a scheme is reached by TLS (OTLP exporter specification, "Insecure"). */
function withScheme(endpoint: string, insecure: boolean): string {
  if (isHostAndPort(endpoint)) return `${insecure ? 'http' : 'https'}://${endpoint}`
  return endpoint.replace(/^\w+/, (scheme) => scheme.toLowerCase())
}

/** Whether a receiver is to have exponential histograms wherever nothing else was chosen. */
export function asksForExponential({ exporters = [], otlp = [] }: MetricsOptions): boolean {
  const wanted = [otlp].flat().some(({ histograms }) => histograms === 'base2_exponential_bucket_histogram')
  return wanted && exporters.includes('otlp')
}
