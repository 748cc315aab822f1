/** The same events under the names of OpenTelemetry's semantic conventions for messaging metrics, with `semconv: true`. */
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
