import { type BusRecorder, sizeBytesOf } from '../bus-recorder'
import type { Delivery } from '../delivery'
import { NumberedDeliveries } from '../numbered-deliveries'
import { isTopicPattern, topicMatcher } from '../topic-patterns'
import { Reason, type TopicSeries } from '../topic-series'

/** Where a message was published to. */
export interface Route {
  readonly exchange: string
  readonly routingKey: string
}

/** A message as it was delivered. */
export interface Delivered extends Route {
  readonly deliveryTag: number
  readonly redelivered: boolean
}

/** The topic of a route: its routing key, which for the default exchange is the queue, or the exchange of a fan-out. */
export function topicOfRoute(exchange: string, routingKey: string): string {
  if (routingKey !== '') return routingKey
  return exchange === '' ? '(default)' : exchange
}

/** Bindings with wildcards that the application made: what comes through one of them counts under its pattern. */
export class Bindings {
  readonly #patterns = new Map<string, { readonly pattern: string; readonly fits: (key: string) => boolean }[]>()

  add(exchange: unknown, pattern: unknown): void {
    if (typeof exchange !== 'string' || typeof pattern !== 'string' || !isTopicPattern(pattern)) return
    const patterns = this.#patterns.get(exchange) ?? []
    if (patterns.some((known) => known.pattern === pattern)) return
    patterns.push({ pattern, fits: topicMatcher(pattern, '.') })
    this.#patterns.set(exchange, patterns)
  }

  /** The pattern that a message came through, or its routing key. */
  of({ exchange, routingKey }: Route): string {
    return this.#patterns.get(exchange)?.find(({ fits }) => fits(routingKey))?.pattern ?? routingKey
  }
}

/** What a channel publishes and has published, and what it delivers until that is acknowledged. */
export class AmqpChannel {
  readonly recorder: BusRecorder
  readonly bindings: Bindings
  readonly deliveries = new NumberedDeliveries()
  /** Published messages that the broker has returned and will confirm all the same. */
  readonly #returned = new Map<string, number>()

  constructor(recorder: BusRecorder, bindings: Bindings) {
    this.recorder = recorder
    this.bindings = bindings
  }

  /** The series of a message that is about to be published. */
  publishing(name: string, body: unknown, message: unknown): TopicSeries | undefined {
    const topic = this.recorder.topic(name, message)
    if (this.recorder.countsBytes) topic?.countBytes('publish', sizeBytesOf(body))
    return topic
  }

  /** The broker found no queue for a message: it says so before it confirms it. */
  returned(route: Route): void {
    const name = topicOfRoute(route.exchange, route.routingKey)
    this.#returned.set(name, (this.#returned.get(name) ?? 0) + 1)
  }

  /** The broker took a message, or has it returned before. `name` is what its route says. */
  confirmed(topic: TopicSeries, name: string, durationMs: number): void {
    const returned = this.#returned.get(name) ?? 0
    if (returned === 0) {
      topic.countPublished(1, durationMs)
      return
    }
    if (returned === 1) this.#returned.delete(name)
    else this.#returned.set(name, returned - 1)
    topic.countPublishFailed(new Reason('unroutable'), 1, durationMs)
  }

  /** A handler is about to get a message. */
  deliver(delivered: Delivered, body: unknown, message: unknown, acknowledged: boolean): Delivery | undefined {
    const { recorder } = this
    const topic =
      delivered.exchange === '' || delivered.routingKey === ''
        ? recorder.topic(topicOfRoute(delivered.exchange, delivered.routingKey), message)
        : recorder.subscribed(delivered.routingKey, this.bindings.of(delivered), message)
    if (topic === undefined) return undefined
    if (recorder.countsBytes) topic.countBytes('process', sizeBytesOf(body))
    if (delivered.redelivered) topic.countRedelivered()
    const delivery = recorder.lend(topic, 1, acknowledged)
    if (acknowledged) this.deliveries.add(delivered.deliveryTag, delivery.goesOn())
    return delivery
  }

  /** Settles one delivery, or with `multiple` all up to it; tag 0 is all of them. */
  settle(tag: number, multiple: boolean, settle: (delivery: Delivery) => void): void {
    if (multiple) this.deliveries.upTo(tag === 0 ? Number.POSITIVE_INFINITY : tag, settle)
    else {
      const delivery = this.deliveries.get(tag)
      if (delivery !== undefined) settle(delivery)
    }
  }
}

export function acknowledge(delivery: Delivery): void {
  delivery.acknowledge()
}

/** How a rejection counts: given up for good where the message is not queued again. */
export function rejecting(reason: string, requeue: boolean | undefined): (delivery: Delivery) => void {
  return (delivery) => delivery.reject(reason, requeue === false)
}
