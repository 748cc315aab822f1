import type { Attributes } from '@opentelemetry/api'
import { defaultResource, detectResources, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { AttributeValue } from '../model/attribute-value'
import type { ResourceDetectorName } from '../model/resource-detectors'
import { resourceDetectors } from './resource-detectors'

export interface ResourceOptions {
  readonly serviceName?: string | undefined
  readonly resource?: Readonly<Record<string, AttributeValue>> | undefined
  readonly resourceDetectors?: readonly (ResourceDetectorName | 'all')[] | undefined
}

/**
 * What tells a service from others: the SDK's own attributes, then what detectors find, then those that were given. Some
 * detectors take their time: the resource says so (`asyncAttributesPending`). Throws where the package of one is missing.
 */
export function serviceResource({
  serviceName,
  resource = {},
  resourceDetectors: names = ['env'],
}: ResourceOptions): Resource {
  // A copy: the SDK keeps attributes by reference.
  const given = structuredClone(resource) as Attributes
  return defaultResource()
    .merge(detectResources({ detectors: resourceDetectors(names) }))
    .merge(resourceFromAttributes({ ...given, ...(serviceName !== undefined && { 'service.name': serviceName }) }))
}

/** What the service is called, as far as that is known before detectors have found what takes them time. */
export function serviceNameOf(resource: Resource): string {
  const [, name] = resource.getRawAttributes().find(([key, value]) => key === 'service.name' && isKnown(value)) ?? []
  return String(name)
}

const isKnown = (value: unknown): boolean => value !== undefined && !(value instanceof Promise)
