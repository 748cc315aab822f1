/**
 * Events of message buses. A scripted bus `orders`, whose topic `order.placed` has two listeners, of which
 * one fails once, and whose topic `order.lost` has none:
 *
 * ```text
 * # HELP message_bus_events_consumed_total Events that a handler handled without an error; each handler counts.
 * # TYPE message_bus_events_consumed_total counter
 * message_bus_events_consumed_total{bus="orders",topic="order.lost"} 0
 * message_bus_events_consumed_total{bus="orders",topic="order.placed"} 3
 * # HELP message_bus_events_failed_total Events that could not be handled or published, by reason.
 * # TYPE message_bus_events_failed_total counter
 * message_bus_events_failed_total{bus="orders",topic="order.placed",reason="RangeError"} 1
 * # HELP message_bus_events_published_total Events published on a message bus.
 * # TYPE message_bus_events_published_total counter
 * message_bus_events_published_total{bus="orders",topic="order.lost"} 1
 * message_bus_events_published_total{bus="orders",topic="order.placed"} 2
 * # HELP message_bus_processing_duration_seconds Time a handler took, for one event or one batch of them.
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
 * duration is that of one handling, until the returned promise settles where there is one.
 *
 * With a broker, an event that could not be published is failed, too, and not published; it has no duration. So the
 * duration's count is consumed plus failed, less what could not be published; a batch has one duration.
 */
import type { HistogramOptions, InstrumentOptions, ObservableOptions } from '../../model/definition'

export type TopicLabel = 'bus' | 'topic'

const labelNames = ['bus', 'topic'] as const

export const published = {
  name: 'message_bus_events_published_total',
  help: 'Events published on a message bus.',
  labelNames,
} as const satisfies InstrumentOptions<TopicLabel>

export const consumed = {
  name: 'message_bus_events_consumed_total',
  help: 'Events that a handler handled without an error; each handler counts.',
  labelNames,
} as const satisfies InstrumentOptions<TopicLabel>

export const failed = {
  name: 'message_bus_events_failed_total',
  help: 'Events that could not be handled or published, by reason.',
  labelNames: ['bus', 'topic', 'reason'],
} as const satisfies InstrumentOptions<TopicLabel | 'reason'>

export const processingDuration = {
  name: 'message_bus_processing_duration_seconds',
  help: 'Time a handler took, for one event or one batch of them.',
  unit: 's',
  labelNames,
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
} as const satisfies HistogramOptions<TopicLabel>

export const inFlight = {
  name: 'message_bus_events_in_flight',
  help: 'Events being handled now: a handler is under way, or has not acknowledged yet.',
  labelNames,
} as const satisfies InstrumentOptions<TopicLabel>

export const redeliveries = {
  name: 'message_bus_redeliveries_total',
  help: 'Events received that had been delivered before.',
  labelNames,
} as const satisfies InstrumentOptions<TopicLabel>

export const deadLetters = {
  name: 'message_bus_dead_letters_total',
  help: 'Events given up for good: rejected without being queued again, or out of attempts.',
  labelNames,
} as const satisfies InstrumentOptions<TopicLabel>

export const batchSize = {
  name: 'message_bus_batch_size',
  help: 'Events published or handled in one batch.',
  labelNames: ['bus', 'topic', 'operation'],
  buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000],
} as const satisfies HistogramOptions<TopicLabel | 'operation'>

export const bytes = {
  name: 'message_bus_bytes_total',
  help: 'Bytes of the bodies of events published or received.',
  unit: 'By',
  labelNames: ['bus', 'topic', 'operation'],
} as const satisfies InstrumentOptions<TopicLabel | 'operation'>

export const queueDepth = {
  name: 'message_bus_queue_depth',
  help: 'Events that wait in the queue, as the broker tells.',
  labelNames,
} as const satisfies ObservableOptions<TopicLabel>

export const consumerLag = {
  name: 'message_bus_consumer_lag',
  help: 'Events that the consumer has not received yet.',
  labelNames,
} as const satisfies ObservableOptions<TopicLabel>
