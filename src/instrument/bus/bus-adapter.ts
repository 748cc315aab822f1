import type { BusRecorder } from './bus-recorder'
import type { Attributes } from './messaging-series'

/** How much waits at the broker for one topic; what it does not tell is left out. */
export interface TopicLevel {
  readonly topic: string
  /** Events that wait in the queue. */
  readonly depth?: number | undefined
  /** Events that the consumer has not received yet. */
  readonly lag?: number | undefined
}

/** A bus under measurement, as its adapter has it. */
export interface BusWatch {
  /** Ends the measurement and leaves the bus as it was. */
  stop(): void
  /**
   * What waits at the broker: asked at each collection, one question at a time; an answer after the deadline goes to the
   * next one.
   */
  levels?(): readonly TopicLevel[] | Promise<readonly TopicLevel[]>
}

/** What meterkit knows of one library: how its buses are recognised, and how they are measured. */
export interface BusAdapter<B extends object = object> {
  /** What is told of as the library where no bus is recognised: `NATS`. */
  readonly library: string
  /** `messaging.system` of OpenTelemetry's semantic conventions: `nats`. */
  readonly system: string
  /** Whether the broker may be asked what waits unless the options say otherwise. Default: true. */
  readonly isDepthFree?: boolean
  /** Whether an object is a bus of the library, told by its shape. */
  recognises(bus: object): boolean
  /** What is measured, where the library gives out several views of one bus. Default: the bus itself. */
  subject?(bus: B): B
  /** Starts to record what happens on the bus. Overrides own properties of the bus at most, never of its prototype. */
  watch(bus: B, recorder: BusRecorder): BusWatch
  /** Attributes of the semantic conventions that the bus tells: `server.address`, `messaging.consumer.group.name`. */
  attributes?(bus: B): Attributes
}
