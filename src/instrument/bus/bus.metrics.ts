/**
 * Events of in-process message buses. A scripted bus `orders`, whose topic `order.placed` has two listeners, of which
 * one fails once, and whose topic `order.lost` has none:
 *
 * ```text
 * # HELP message_bus_events_consumed_total Events that a listener handled without an error; each listener counts.
 * # TYPE message_bus_events_consumed_total counter
 * message_bus_events_consumed_total{bus="orders",topic="order.lost"} 0
 * message_bus_events_consumed_total{bus="orders",topic="order.placed"} 3
 * # HELP message_bus_events_failed_total Events whose handling by a listener threw or rejected, by class of error.
 * # TYPE message_bus_events_failed_total counter
 * message_bus_events_failed_total{bus="orders",topic="order.placed",reason="RangeError"} 1
 * # HELP message_bus_events_published_total Events published on a message bus.
 * # TYPE message_bus_events_published_total counter
 * message_bus_events_published_total{bus="orders",topic="order.lost"} 1
 * message_bus_events_published_total{bus="orders",topic="order.placed"} 2
 * # HELP message_bus_processing_duration_seconds Time a listener took to handle one event.
 * # TYPE message_bus_processing_duration_seconds histogram
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="0.001"} 0
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="0.005"} 2
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="0.01"} 2
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="0.025"} 4
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="0.05"} 4
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="0.1"} 4
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="0.25"} 4
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="0.5"} 4
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="1"} 4
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="2.5"} 4
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="5"} 4
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="10"} 4
 * message_bus_processing_duration_seconds_bucket{bus="orders",topic="order.placed",le="+Inf"} 4
 * message_bus_processing_duration_seconds_sum{bus="orders",topic="order.placed"} 0.044
 * message_bus_processing_duration_seconds_count{bus="orders",topic="order.placed"} 4
 * ```
 *
 * Published is every call of `emit`, also one that nobody listens to. One listener called for one event is one
 * handling: it ends as consumed, or as failed when the listener throws or the promise it returns rejects, never as both.
 * So published times listeners equals consumed plus failed as soon as no handling is under way, unless a listener threw:
 * an emitter does not call the listeners after that one. `reason` is the class of the error, never its message. The
 * duration is that of one handling, until the returned promise settles where there is one, and its count is consumed
 * plus failed.
 */
import type { HistogramOptions, InstrumentOptions } from '../../model/definition'

export const published = {
  name: 'message_bus_events_published_total',
  help: 'Events published on a message bus.',
  labelNames: ['bus', 'topic'],
} as const satisfies InstrumentOptions<'bus' | 'topic'>

export const consumed = {
  name: 'message_bus_events_consumed_total',
  help: 'Events that a listener handled without an error; each listener counts.',
  labelNames: ['bus', 'topic'],
} as const satisfies InstrumentOptions<'bus' | 'topic'>

export const failed = {
  name: 'message_bus_events_failed_total',
  help: 'Events whose handling by a listener threw or rejected, by class of error.',
  labelNames: ['bus', 'topic', 'reason'],
} as const satisfies InstrumentOptions<'bus' | 'topic' | 'reason'>

export const processingDuration = {
  name: 'message_bus_processing_duration_seconds',
  help: 'Time a listener took to handle one event.',
  unit: 's',
  labelNames: ['bus', 'topic'],
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
} as const satisfies HistogramOptions<'bus' | 'topic'>
