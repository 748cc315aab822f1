import { hasMethods } from '../../has-methods'
import { overrideMethods } from '../../override-method'
import type { BusAdapter } from '../bus-adapter'
import { type AnyFunction, type BusRecorder, sizeBytesOf } from '../bus-recorder'
import { observeIterable } from '../iteration'
import { Reason, type TopicSeries } from '../topic-series'

/** The part of a NATS message that is used here. */
interface Message {
  readonly subject: string
  readonly data?: Uint8Array
}

type Callback = (error: unknown, message: Message) => unknown

interface Subscription {
  readonly closed?: Promise<unknown>
  [Symbol.asyncIterator](): AsyncIterator<Message>
}

/** The part of a `NatsConnection` that is used here. */
interface Connection {
  publish(subject: string, data?: unknown, options?: unknown): void
  request(subject: string, data?: unknown, options?: unknown): Promise<Message>
  requestMany(subject: string, data?: unknown, options?: unknown): Promise<unknown>
  subscribe(subject: string, options?: { readonly callback?: Callback }): Subscription
}

/** Subjects by which clients and servers talk among themselves: inboxes of replies, JetStream's API, acknowledgements. */
const isInternal = (subject: unknown): boolean =>
  typeof subject !== 'string' || subject.startsWith('_INBOX.') || subject.startsWith('$')

/** How JetStream's answer to a publish begins that it did not take. */
const REFUSAL = Buffer.from('{"error"')

/**
 * NATS, core. Published is what `publish` hands to the connection, and a request that was answered. Consumed is what the
 * callback of a subscription handled, or a loop over it was done with. JetStream is another adapter's, for its client.
 */
export const natsAdapter: BusAdapter<Connection> = {
  library: 'NATS',
  system: 'nats',

  recognises(bus) {
    return hasMethods(bus, 'publish', 'request', 'requestMany', 'subscribe', 'flush', 'drain', 'closed')
  },

  watch(bus, recorder) {
    const { publish, request, requestMany, subscribe } = bus
    /** A request publishes by the connection's own `publish`, which is not another event. */
    let isRequesting = false
    const asRequest = <T>(call: () => T): T => {
      isRequesting = true
      try {
        return call()
      } finally {
        isRequesting = false
      }
    }
    const publishedTopic = (subject: string, data: unknown): TopicSeries | undefined => {
      const topic = isRequesting || isInternal(subject) ? undefined : recorder.topic(subject, data)
      if (recorder.countsBytes) topic?.countBytes('publish', sizeBytesOf(data))
      return topic
    }
    const subscriptions = new Set<() => void>()

    const override = overrideMethods(
      bus,
      {
        publish(...args: [string, unknown?, unknown?]) {
          return recorder.publish(publishedTopic(args[0], args[1]), publish, bus, 1, ...args)
        },
        request(...args: [string, unknown?, unknown?]) {
          const topic = publishedTopic(args[0], args[1])
          const call = () => asRequest(() => Reflect.apply(request, bus, args))
          return topic === undefined ? call() : requested(recorder, topic, call)
        },
        requestMany(...args: [string, unknown?, unknown?]) {
          const call = () => asRequest(() => Reflect.apply(requestMany, bus, args))
          return recorder.publish(publishedTopic(args[0], args[1]), call, undefined, 1)
        },
        subscribe(subject: string, options?: { readonly callback?: Callback }) {
          if (isInternal(subject)) return Reflect.apply(subscribe, bus, [subject, options])
          const callback = options?.callback
          if (typeof callback === 'function') {
            const measured: Callback = (error, message) => {
              if (error) return callback(error, message)
              const topic = receivedTopic(recorder, message, subject)
              return recorder.handle(topic, callback as AnyFunction, undefined, true, error, message)
            }
            return Reflect.apply(subscribe, bus, [subject, { ...options, callback: measured }])
          }
          const subscription = Reflect.apply(subscribe, bus, [subject, options])
          const stop = observeIterable<Message>(subscription, {
            got(message) {
              const topic = receivedTopic(recorder, message, subject)
              const delivery = topic === undefined ? undefined : recorder.deliver(topic)
              return () => delivery?.handled()
            },
          })
          subscriptions.add(stop)
          const forget = () => void subscriptions.delete(stop)
          subscription.closed?.then(forget, forget)
          return subscription
        },
      },
      `bus "${recorder.name}"`,
    )
    return {
      stop() {
        override.restore()
        for (const stop of subscriptions) stop()
        subscriptions.clear()
      },
    }
  },
}

function receivedTopic(recorder: BusRecorder, message: Message, subject: string): TopicSeries | undefined {
  const topic = recorder.subscribed(message.subject, subject, message)
  if (recorder.countsBytes) topic?.countBytes('process', sizeBytesOf(message.data))
  return topic
}

/** A request is published when it is answered, unless it was for JetStream and that refused it. */
function requested(recorder: BusRecorder, topic: TopicSeries, call: () => Promise<Message>): Promise<Message> {
  const startMs = recorder.clock.monotonicMs()
  const elapsedMs = () => recorder.clock.monotonicMs() - startMs
  return call().then(
    (answer) => {
      const isRefused = answer.data !== undefined && REFUSAL.equals(answer.data.subarray(0, REFUSAL.length))
      if (isRefused) topic.countPublishFailed(new Reason('JetStreamApiError'), 1, elapsedMs())
      else topic.countPublished(1, elapsedMs())
      return answer
    },
    (error) => {
      topic.countPublishFailed(error, 1, elapsedMs())
      throw error
    },
  )
}
