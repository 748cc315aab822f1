import { overrideMethods } from '../../override-method'
import type { AnyFunction, BusRecorder } from '../bus-recorder'
import { Reason } from '../topic-series'
import { AmqpChannel, acknowledge, type Bindings, type Delivered, rejecting, topicOfRoute } from './amqp'

/** The part of an amqplib message that is used here. */
interface Message {
  readonly fields: Delivered
  readonly content?: Uint8Array
}

type Confirm = (error: unknown, ok?: unknown) => void
type Consume = (message: Message | null) => unknown

/** The part of amqplib's channels that is used here: of promises or of callbacks, with confirms or without. */
export interface Channel {
  publish(exchange: string, routingKey: string, content: Uint8Array, options?: unknown, confirm?: Confirm): boolean
  consume(queue: string, consume: Consume, options?: { readonly noAck?: boolean }, ...rest: unknown[]): unknown
  get(queue: string, options?: { readonly noAck?: boolean }, ...rest: unknown[]): unknown
  ack(message: Message, allUpTo?: boolean): void
  ackAll(): void
  nack(message: Message, allUpTo?: boolean, requeue?: boolean): void
  nackAll(requeue?: boolean): void
  reject(message: Message, requeue?: boolean): void
  recover(...rest: unknown[]): unknown
  bindQueue(queue: string, exchange: string, pattern: string, ...rest: unknown[]): unknown
  waitForConfirms?: unknown
  on(event: string, listener: (...args: never[]) => void): unknown
  removeListener(event: string, listener: (...args: never[]) => void): unknown
}

/** What amqplib says of a message that the broker refused. */
const NACKED = 'message nacked'

/** Measures one channel of amqplib, and returns what ends that. `consumed` is told the queues that are consumed from. */
export function watchAmqplibChannel(
  channel: Channel,
  recorder: BusRecorder,
  bindings: Bindings,
  consumed: (queue: string) => void,
): () => void {
  const { publish, consume, get, ack, ackAll, nack, nackAll, reject, recover, bindQueue } = channel
  const amqp = new AmqpChannel(recorder, bindings)
  const { deliveries } = amqp
  const confirms = typeof channel.waitForConfirms === 'function'
  const call = <T>(method: (...args: never[]) => T, args: readonly unknown[]): T =>
    Reflect.apply(method, channel, args as never[])
  const tagOf = (message: Message): number => message?.fields?.deliveryTag

  const override = overrideMethods(
    channel,
    {
      // `sendToQueue` calls it, too.
      publish(exchange: string, routingKey: string, content: Uint8Array, options?: unknown, confirm?: Confirm) {
        const name = topicOfRoute(exchange, routingKey)
        const topic = amqp.publishing(name, content, options)
        if (topic === undefined) return call(publish, [exchange, routingKey, content, options, confirm])
        if (!confirms) return recorder.publish(topic, publish, channel, 1, exchange, routingKey, content, options)
        const startMs = recorder.startMsOf(topic)
        const measured: Confirm = (error, ok) => {
          const durationMs = recorder.durationMsOf(topic, startMs)
          if (error === null || error === undefined) amqp.confirmed(topic, name, durationMs)
          else {
            const isNack = error instanceof Error && error.message === NACKED
            topic.countPublishFailed(new Reason(isNack ? 'nack' : 'unconfirmed'), 1, durationMs)
          }
          confirm?.(error, ok)
        }
        try {
          return call(publish, [exchange, routingKey, content, options, measured])
        } catch (error) {
          topic.countPublishFailed(error, 1, recorder.durationMsOf(topic, startMs))
          throw error
        }
      },
      consume(queue: string, handler: Consume, options?: { readonly noAck?: boolean }, ...rest: unknown[]) {
        consumed(queue)
        const measured: Consume = (message) => {
          if (message === null) return handler(message)
          const delivery = amqp.deliver(message.fields, message.content, message, options?.noAck !== true)
          if (delivery === undefined) return handler(message)
          return recorder.run(delivery, handler as AnyFunction, undefined, true, message)
        }
        return call(consume, [queue, typeof handler === 'function' ? measured : handler, options, ...rest])
      },
      get(queue: string, options?: { readonly noAck?: boolean }, ...rest: unknown[]) {
        const got = (message: unknown): void => {
          if (typeof message !== 'object' || message === null || !('fields' in message)) return
          const { fields, content } = message as Message
          amqp.deliver(fields, content, message, options?.noAck !== true)?.handled()
        }
        const [callback] = rest
        if (typeof callback === 'function') {
          const measured = (error: unknown, message: unknown) => {
            got(message)
            return callback(error, message)
          }
          return call(get, [queue, options, measured])
        }
        const result = call(get, [queue, options, ...rest])
        return result instanceof Promise
          ? result.then((message) => {
              got(message)
              return message
            })
          : result
      },
      // What throws, because the channel is closed, settles nothing.
      ack(message: Message, allUpTo?: boolean) {
        ack.call(channel, message, allUpTo)
        amqp.settle(tagOf(message), allUpTo === true, acknowledge)
      },
      ackAll() {
        ackAll.call(channel)
        deliveries.each(acknowledge)
      },
      nack(message: Message, allUpTo?: boolean, requeue?: boolean) {
        nack.call(channel, message, allUpTo, requeue)
        amqp.settle(tagOf(message), allUpTo === true, rejecting('nack', requeue))
      },
      nackAll(requeue?: boolean) {
        nackAll.call(channel, requeue)
        deliveries.each(rejecting('nack', requeue))
      },
      reject(message: Message, requeue?: boolean) {
        reject.call(channel, message, requeue)
        amqp.settle(tagOf(message), false, rejecting('reject', requeue))
      },
      recover(...args: unknown[]) {
        const result = call(recover, args)
        deliveries.each(rejecting('recover', true))
        return result
      },
      bindQueue(queue: string, exchange: string, pattern: string, ...rest: unknown[]) {
        bindings.add(exchange, pattern)
        return call(bindQueue, [queue, exchange, pattern, ...rest])
      },
    },
    `bus "${recorder.name}"`,
  )
  const closed = () => deliveries.abandon()
  const returned = (message: Message) => amqp.returned(message.fields)
  channel.on('close', closed)
  if (confirms) channel.on('return', returned)
  return () => {
    override.restore()
    channel.removeListener('close', closed)
    if (confirms) channel.removeListener('return', returned)
  }
}
