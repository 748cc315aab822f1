import type { MetricsOptions } from './options'

/** Where the options of a service are from. */
export interface OptionSource {
  /** Reads them again. Throws where they cannot be. */
  options(): MetricsOptions
  /** Whether SIGHUP has them read again. */
  readonly bySignal: boolean
}
