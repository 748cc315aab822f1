/**
 * What libuv and Node.js hold open: handles, requests under way, and everything that keeps the event loop alive.
 *
 * ```text
 * # HELP nodejs_active_handles Number of active libuv handles grouped by handle type. Every handle type is C++ class name.
 * # TYPE nodejs_active_handles gauge
 * nodejs_active_handles{type="Socket"} 3
 * # HELP nodejs_active_handles_total Total number of active handles.
 * # TYPE nodejs_active_handles_total untyped
 * nodejs_active_handles_total 3
 * # HELP nodejs_active_requests Number of active libuv requests grouped by request type. Every request type is C++ class name.
 * # TYPE nodejs_active_requests gauge
 * nodejs_active_requests{type="FSReqCallback"} 1
 * # HELP nodejs_active_requests_total Total number of active requests.
 * # TYPE nodejs_active_requests_total untyped
 * nodejs_active_requests_total 1
 * # HELP nodejs_active_resources Number of active resources that are currently keeping the event loop alive, grouped by async resource type.
 * # TYPE nodejs_active_resources gauge
 * nodejs_active_resources{type="TCPServerWrap"} 2
 * # HELP nodejs_active_resources_total Total number of active resources.
 * # TYPE nodejs_active_resources_total untyped
 * nodejs_active_resources_total 2
 * ```
 *
 * The three `_total` are gauges despite their names: they fall when a socket closes, and the public dashboards ask for
 * exactly these names. Pages show such a gauge without a type.
 */
import type { InstrumentOptions } from '../../model/definition'

export const activeHandles = {
  name: 'nodejs_active_handles',
  help: 'Number of active libuv handles grouped by handle type. Every handle type is C++ class name.',
  labelNames: ['type'],
} as const satisfies InstrumentOptions<'type'>

export const activeHandlesTotal = {
  name: 'nodejs_active_handles_total',
  help: 'Total number of active handles.',
} as const satisfies InstrumentOptions

export const activeRequests = {
  name: 'nodejs_active_requests',
  help: 'Number of active libuv requests grouped by request type. Every request type is C++ class name.',
  labelNames: ['type'],
} as const satisfies InstrumentOptions<'type'>

export const activeRequestsTotal = {
  name: 'nodejs_active_requests_total',
  help: 'Total number of active requests.',
} as const satisfies InstrumentOptions

export const activeResources = {
  name: 'nodejs_active_resources',
  help: 'Number of active resources that are currently keeping the event loop alive, grouped by async resource type.',
  labelNames: ['type'],
} as const satisfies InstrumentOptions<'type'>

export const activeResourcesTotal = {
  name: 'nodejs_active_resources_total',
  help: 'Total number of active resources.',
} as const satisfies InstrumentOptions
