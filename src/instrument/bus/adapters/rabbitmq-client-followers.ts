import { Follower } from '../../follower'
import { Publication } from '../bus-followers'
import type { Delivery } from '../delivery'
import type { TopicSeries } from '../topic-series'
import { type AmqpChannel, topicOfRoute } from './amqp'

/** An envelope, or a queue's name. */
export type Envelope =
  | string
  | { readonly exchange?: string; readonly routingKey?: string; readonly mandatory?: boolean }

export function topicOfEnvelope(envelope: Envelope): string {
  if (typeof envelope === 'string') return topicOfRoute('', envelope)
  return topicOfRoute(envelope?.exchange ?? '', envelope?.routingKey ?? '')
}

/** Counts an event when publishing it has ended: a returned message is told of a little later than it is confirmed. */
export class Confirmation extends Publication {
  readonly #amqp: AmqpChannel
  #envelope: Envelope = ''

  constructor(idle: Follower[], amqp: AmqpChannel) {
    super(idle, amqp.recorder.clock)
    this.#amqp = amqp
  }

  /** The next promise is about this message. */
  of(topic: TopicSeries, envelope: Envelope): this {
    this.#envelope = envelope
    return this.begin(topic, 1)
  }

  protected override succeed(): void {
    if (this.topic === undefined) return
    const confirmed = typeof this.#envelope === 'object' && this.#envelope.mandatory === true ? later : now
    confirmed(this.#amqp, this.topic, topicOfEnvelope(this.#envelope), this.durationMs())
  }
}

function now(amqp: AmqpChannel, topic: TopicSeries, name: string, durationMs: number): void {
  amqp.confirmed(topic, name, durationMs)
}

function later(amqp: AmqpChannel, topic: TopicSeries, name: string, durationMs: number): void {
  setImmediate(() => amqp.confirmed(topic, name, durationMs))
}

/** What a handler may return: `ConsumerStatus.REQUEUE` and `ConsumerStatus.DROP`. */
const REQUEUE = 1
const DROP = 2

/** How a consumer acknowledges. */
export interface Acknowledging {
  readonly noAck?: boolean
  readonly requeue?: boolean
}

/** The library acknowledges by what the handler returns or throws, so that its end is the delivery's. */
export class Consumption extends Follower {
  readonly #props: Acknowledging
  #delivery: Delivery | undefined

  constructor(idle: Follower[], props: Acknowledging) {
    super(idle)
    this.#props = props
  }

  /** The next promise is that of the handler of this delivery. */
  of(delivery: Delivery): this {
    this.#delivery = delivery.goesOn()
    return this
  }

  protected succeed(status: unknown): void {
    const isAcknowledged = this.#props.noAck !== true
    if (isAcknowledged && status === DROP) this.#delivery?.reject('drop', true)
    else if (isAcknowledged && status === REQUEUE) this.#delivery?.reject('requeue')
    else this.#delivery?.handled()
  }

  protected fail(error: unknown): void {
    const { noAck, requeue } = this.#props
    this.#delivery?.fail(error, noAck !== true && requeue === false)
  }
}
