import { optionalPackage } from './optional-package'

/** What tells of the place that a service runs in: from the environment, from the machine, from a cloud. */
export const RESOURCE_DETECTORS = [
  'env',
  'host',
  'os',
  'process',
  'serviceinstance',
  'container',
  'aws',
  'gcp',
  'azure',
] as const

/** The name of one of them. */
export type ResourceDetectorName = (typeof RESOURCE_DETECTORS)[number]

/** Those that OpenTelemetry's package of resources has; each other one has a package of its own. */
const BUILT_IN: readonly string[] = ['env', 'host', 'os', 'process', 'serviceinstance', 'all']

/** What the package of a detector has; `undefined` for one that needs none. Throws where it is not installed. */
export function detectorPackage(name: ResourceDetectorName | 'all'): Readonly<Record<string, unknown>> | undefined {
  if (BUILT_IN.includes(name)) return undefined
  return optionalPackage('Cannot start "metrics":', `@opentelemetry/resource-detector-${name}`)
}
