import type { ResourceMetrics } from '@opentelemetry/sdk-metrics'

/** How long requests came to be when they were serialized, which their exporters tell nobody. */
const sizes = new WeakMap<ResourceMetrics, number>()

/** Notes the size of a request as it is given back. */
export function withSize<T extends Uint8Array>(request: ResourceMetrics, bytes: T): T {
  sizes.set(request, bytes.length)
  return bytes
}

/** The bytes of a request before compression; 0 where its exporter is none of ours. */
export function sizeOf(request: ResourceMetrics): number {
  return sizes.get(request) ?? 0
}
