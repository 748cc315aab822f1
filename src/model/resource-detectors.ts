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
