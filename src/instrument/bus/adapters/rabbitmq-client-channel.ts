import { overrideMethods } from '../../override-method'
import type { AnyFunction, BusRecorder } from '../bus-recorder'
import { handingOn } from '../settling'
import { Reason, type TopicSeries } from '../topic-series'
import { AmqpChannel, acknowledge, type Bindings, type Delivered, type Route, rejecting } from './amqp'
import { Confirmation, type Envelope, topicOfEnvelope } from './rabbitmq-client-followers'

/** The part of a rabbitmq-client message that is used here. */
export interface Message extends Delivered {
  readonly body?: unknown
}

interface Settlement {
  readonly deliveryTag?: number
  readonly multiple?: boolean
  readonly requeue?: boolean
}

/** The part of rabbitmq-client's channel that is used here. */
export interface Channel {
  basicPublish(envelope: Envelope, body: unknown): Promise<void>
  basicConsume(params: { readonly noAck?: boolean }, handler: (message: Message) => unknown): Promise<unknown>
  basicGet(params?: string | { readonly noAck?: boolean }): Promise<Message | undefined>
  basicAck(params: Settlement): void
  basicNack(params: Settlement): void
  queueBind(params: { readonly exchange?: string; readonly routingKey?: string }): Promise<void>
  queueDeclare(params: {
    readonly queue: string
    readonly passive: boolean
  }): Promise<{ readonly messageCount: number }>
  close(): Promise<void>
  txSelect(): Promise<void>
  txCommit(): Promise<void>
  txRollback(): Promise<void>
  on(event: string, listener: (...args: never[]) => void): unknown
  removeListener(event: string, listener: (...args: never[]) => void): unknown
}

/** What measures a publishing method of a channel or of a publisher: it counts an event when that has ended. */
export function confirming(
  amqp: AmqpChannel,
  publish: (envelope: Envelope, body: unknown) => Promise<void>,
  context: object,
): (envelope: Envelope, body: unknown) => Promise<void> {
  const idle: Confirmation[] = []
  return (envelope, body) => {
    const topic = amqp.publishing(topicOfEnvelope(envelope), body, envelope)
    if (topic === undefined) return publish.call(context, envelope, body)
    const confirmation = (idle.pop() ?? new Confirmation(idle, amqp)).of(topic, envelope)
    return handingOn(publish.call(context, envelope, body), confirmation)
  }
}

/** Measures a channel that the application has acquired for itself, and returns what ends that. */
export function watchRabbitChannel(channel: Channel, recorder: BusRecorder, bindings: Bindings): () => void {
  const { basicPublish, basicConsume, basicGet, basicAck, basicNack, queueBind, txSelect, txCommit, txRollback } =
    channel
  const amqp = new AmqpChannel(recorder, bindings)
  const call = <T>(method: (...args: never[]) => T, args: readonly unknown[]): T =>
    Reflect.apply(method, channel, args as never[])
  const publishConfirmed = confirming(amqp, basicPublish, channel)
  /** The events of the transaction under way, which are published when it is committed. */
  let transaction: TopicSeries[] | undefined
  const settleTransaction = async (end: () => Promise<void>, settle: (topic: TopicSeries) => void): Promise<void> => {
    const events = transaction ?? []
    transaction = []
    try {
      await end()
      for (const topic of events) settle(topic)
    } catch (error) {
      for (const topic of events) topic.countPublishFailed(error)
      throw error
    }
  }

  const override = overrideMethods(
    channel,
    {
      basicPublish(envelope: Envelope, body: unknown) {
        const events = transaction
        if (events === undefined) return publishConfirmed(envelope, body)
        const topic = amqp.publishing(topicOfEnvelope(envelope), body, envelope)
        const sent = call(basicPublish, [envelope, body])
        if (topic === undefined) return sent
        return sent.then(
          () => void events.push(topic),
          (error) => {
            topic.countPublishFailed(error)
            throw error
          },
        )
      },
      basicConsume(params: { readonly noAck?: boolean }, handler: (message: Message) => unknown) {
        const measured = (message: Message): unknown => {
          const delivery = amqp.deliver(message, message.body, message, params?.noAck !== true)
          if (delivery === undefined) return handler(message)
          return recorder.run(delivery, handler as AnyFunction, undefined, true, message)
        }
        return call(basicConsume, [params, measured])
      },
      async basicGet(params?: string | { readonly noAck?: boolean }) {
        const message = await call(basicGet, [params])
        const noAck = typeof params === 'object' && params?.noAck === true
        if (message) amqp.deliver(message, message.body, message, !noAck)?.handled()
        return message
      },
      basicAck(params: Settlement) {
        call(basicAck, [params])
        amqp.settle(params.deliveryTag ?? 0, params.multiple === true, acknowledge)
      },
      basicNack(params: Settlement) {
        call(basicNack, [params])
        amqp.settle(params.deliveryTag ?? 0, params.multiple === true, rejecting('nack', params.requeue))
      },
      queueBind(params: { readonly exchange?: string; readonly routingKey?: string }) {
        bindings.add(params?.exchange, params?.routingKey)
        return call(queueBind, [params])
      },
      async txSelect() {
        await call(txSelect, [])
        transaction ??= []
      },
      txCommit: () =>
        settleTransaction(
          () => call(txCommit, []),
          (topic) => topic.countPublished(),
        ),
      txRollback: () =>
        settleTransaction(
          () => call(txRollback, []),
          () => {},
        ),
    },
    `bus "${recorder.name}"`,
  )
  const closed = () => {
    amqp.deliveries.abandon()
    for (const topic of transaction?.splice(0) ?? []) topic.countPublishFailed(new Reason('unconfirmed'))
  }
  const returned = (route: Route) => amqp.returned(route)
  channel.on('close', closed)
  channel.on('basic.return', returned)
  return () => {
    override.restore()
    channel.removeListener('close', closed)
    channel.removeListener('basic.return', returned)
  }
}
