import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources'

/** What tells a service from others: the SDK's own attributes, then the environment's, then those that were given. */
export function serviceResource(
  serviceName: string | undefined,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
): Resource {
  return defaultResource()
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ ...attributes, ...(serviceName !== undefined && { 'service.name': serviceName }) }))
}
