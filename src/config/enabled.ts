import type { MetricsOptions } from './options'

/** What a service has that is disabled. */
const NOTHING = {
  exporters: [],
  resourceDetectors: [],
  http: false,
  runtime: false,
  selfMetrics: false,
} satisfies MetricsOptions

/** Options as they are used: those of a disabled service have nothing on. */
export const enabled = (given: MetricsOptions): MetricsOptions =>
  given.disabled === true ? { ...given, ...NOTHING } : given

/** Whether there is a server of our own. */
export const serves = ({ exporters = ['prometheus'], prometheus }: MetricsOptions): boolean =>
  exporters.includes('prometheus') && prometheus?.server !== false
