/**
 * The same events under the names of OpenTelemetry's semantic conventions for messaging metrics, with `semconv: true`. A bus
 * of the system `pigeon`, on which one event was published and one could not be, and one was handled and one could not be:
 *
 * ```text
 * # HELP messaging_client_consumed_messages_total Number of messages that were delivered to the application.
 * # TYPE messaging_client_consumed_messages_total counter
 * messaging_client_consumed_messages_total{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon"} 2
 * # HELP messaging_client_operation_duration_seconds Duration of messaging operation initiated by a producer or consumer client.
 * # TYPE messaging_client_operation_duration_seconds histogram
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.005"} 0
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.01"} 0
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.025"} 0
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.05"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.075"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.1"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.25"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.5"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.75"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="1"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="2.5"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="5"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="7.5"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="10"} 1
 * messaging_client_operation_duration_seconds_bucket{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="+Inf"} 1
 * messaging_client_operation_duration_seconds_sum{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon"} 0.03
 * messaging_client_operation_duration_seconds_count{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.005"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.01"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.025"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.05"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.075"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.1"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.25"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.5"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="0.75"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="1"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="2.5"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="5"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="7.5"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="10"} 1
 * messaging_client_operation_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon",le="+Inf"} 1
 * messaging_client_operation_duration_seconds_sum{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon"} 0.002
 * messaging_client_operation_duration_seconds_count{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_operation_type="send",messaging_system="pigeon"} 1
 * # HELP messaging_client_sent_messages_total Number of messages producer attempted to send to the broker.
 * # TYPE messaging_client_sent_messages_total counter
 * messaging_client_sent_messages_total{error_type="RangeError",messaging_destination_name="order.placed",messaging_operation_name="send",messaging_system="pigeon"} 1
 * messaging_client_sent_messages_total{messaging_destination_name="order.placed",messaging_operation_name="send",messaging_system="pigeon"} 1
 * # HELP messaging_process_duration_seconds Duration of processing operation.
 * # TYPE messaging_process_duration_seconds histogram
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.005"} 0
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.01"} 0
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.025"} 0
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.05"} 0
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.075"} 0
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.1"} 0
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.25"} 1
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.5"} 1
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.75"} 1
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="1"} 1
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="2.5"} 1
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="5"} 1
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="7.5"} 1
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="10"} 1
 * messaging_process_duration_seconds_bucket{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="+Inf"} 1
 * messaging_process_duration_seconds_sum{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon"} 0.2
 * messaging_process_duration_seconds_count{error_type="TypeError",messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.005"} 0
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.01"} 0
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.025"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.05"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.075"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.1"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.25"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.5"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="0.75"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="1"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="2.5"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="5"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="7.5"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="10"} 1
 * messaging_process_duration_seconds_bucket{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon",le="+Inf"} 1
 * messaging_process_duration_seconds_sum{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon"} 0.02
 * messaging_process_duration_seconds_count{messaging_destination_name="order.placed",messaging_operation_name="process",messaging_system="pigeon"} 1
 * ```
 *
 * Every attempt to publish is sent, and every event that a handler got is consumed; `error.type` tells what failed. The
 * conventions know no name for a bus: those of one system that have a topic in common share its series.
 */
import type { ConventionOptions } from '../../facade/define-convention'

/** Conventions: "SHOULD be specified with ExplicitBucketBoundaries of". */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

export const sentMessages: ConventionOptions = {
  name: 'messaging.client.sent.messages',
  help: 'Number of messages producer attempted to send to the broker.',
  unit: '{message}',
}

export const consumedMessages: ConventionOptions = {
  name: 'messaging.client.consumed.messages',
  help: 'Number of messages that were delivered to the application.',
  unit: '{message}',
}

export const operationDuration: ConventionOptions = {
  name: 'messaging.client.operation.duration',
  help: 'Duration of messaging operation initiated by a producer or consumer client.',
  unit: 's',
  buckets,
}

export const processDuration: ConventionOptions = {
  name: 'messaging.process.duration',
  help: 'Duration of processing operation.',
  unit: 's',
  buckets,
}

export const CONVENTIONS: readonly ConventionOptions[] = [
  sentMessages,
  consumedMessages,
  operationDuration,
  processDuration,
]
