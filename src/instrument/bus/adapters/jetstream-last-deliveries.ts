import type { Delivery } from '../delivery'
import type { TopicSeries } from '../topic-series'

/** Where JetStream tells of a message that was delivered as often as its consumer allows, and not acknowledged. */
const ADVISORIES = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES'

/** How many are remembered; beyond that the oldest are forgotten, and not told of. */
const REMEMBERED = 10_000

/** The part of a `NatsConnection` that is used here. */
interface Connection {
  subscribe(
    subject: string,
    options: { callback(error: unknown, message: { json(): unknown }): void },
  ): { unsubscribe(): void }
}

/**
 * Messages that one consumer got here for the last time and has not settled. The server tells everybody who listens when
 * it gives one up; who got it last counts it, so that it counts once among all instances of a service.
 */
export class LastDeliveries {
  readonly #open = new Map<number, { readonly topic: TopicSeries; readonly delivery: Delivery }>()
  readonly #unsubscribe: () => void

  constructor(connection: Connection, stream: string, consumer: string) {
    const subscription = connection.subscribe(`${ADVISORIES}.${stream}.${consumer}`, {
      callback: (error, message) => {
        // Who may not subscribe is told by the connection.
        if (!error) this.#givenUp(message.json())
      },
    })
    this.#unsubscribe = () => subscription.unsubscribe()
  }

  add(sequence: number, topic: TopicSeries, delivery: Delivery): void {
    if (this.#open.size >= REMEMBERED) this.#open.delete(this.#open.keys().next().value as number)
    this.#open.set(sequence, { topic, delivery })
  }

  /** It was acknowledged, or refused for good. */
  settled(sequence: number): void {
    this.#open.delete(sequence)
  }

  stop(): void {
    this.#unsubscribe()
    this.#open.clear()
  }

  #givenUp(advisory: unknown): void {
    const sequence: unknown =
      typeof advisory === 'object' && advisory !== null ? Reflect.get(advisory, 'stream_seq') : undefined
    const last = typeof sequence === 'number' ? this.#open.get(sequence) : undefined
    if (last === undefined) return
    this.#open.delete(sequence as number)
    if (last.delivery.isOpen) last.delivery.reject('unacknowledged', true)
    else last.topic.countDeadLetter()
  }
}

/** The connection by which a client or a consumer of JetStream speaks to the server. */
export function connectionOf(holder: unknown): Connection | undefined {
  const connection: unknown = typeof holder === 'object' && holder !== null ? Reflect.get(holder, 'nc') : undefined
  if (typeof connection !== 'object' || connection === null) return undefined
  return typeof Reflect.get(connection, 'subscribe') === 'function' ? (connection as Connection) : undefined
}
