import { hasMethods } from '../../has-methods'
import { type Method, type Override, overrideMethods } from '../../override-method'
import type { BusAdapter, TopicLevel } from '../bus-adapter'
import type { BusRecorder } from '../bus-recorder'
import { listen } from '../settling'
import { AmqpChannel, Bindings, type Route } from './amqp'
import { type Channel, confirming, type Message, watchRabbitChannel } from './rabbitmq-client-channel'
import { type Acknowledging, Consumption, type Envelope } from './rabbitmq-client-followers'

interface Publisher {
  send(envelope: Envelope, body: unknown): Promise<void>
  on(event: string, listener: (route: Route) => void): unknown
  removeListener(event: string, listener: (route: Route) => void): unknown
}

interface Binding {
  readonly exchange?: string
  readonly routingKey?: string
}

interface ConsumerProps extends Acknowledging {
  readonly queue?: string
  readonly queueBindings?: readonly Binding[]
}

type Handler = (message: Message, reply: unknown) => unknown

/** The part of rabbitmq-client's `Connection` that is used here. */
interface Connection {
  acquire(options?: unknown): Promise<Channel>
  createPublisher(props?: unknown): Publisher
  createConsumer(props: ConsumerProps, handler: Handler): unknown
  queueDeclare(params: {
    readonly queue: string
    readonly passive: boolean
  }): Promise<{ readonly messageCount: number }>
}

/**
 * RabbitMQ by rabbitmq-client: the publishers, consumers and channels that a connection gives from then on. Published is
 * what a publisher's `send` has ended with, confirmed where it confirms; consumed is what a consumer's handler returned
 * from without asking for another fate.
 */
export const rabbitmqClientAdapter: BusAdapter<Connection> = {
  library: 'rabbitmq-client',
  system: 'rabbitmq',

  recognises(bus) {
    return hasMethods(bus, 'acquire', 'createPublisher', 'createConsumer', 'queueDeclare')
  },

  watch(bus, recorder) {
    const bindings = new Bindings()
    const queues = new Set<string>()
    const stops = new Set<() => void>()
    const { acquire, createPublisher, createConsumer } = bus
    // Publishers and consumers acquire channels too, which are theirs and not measured beside them.
    const inner: Connection = Object.create(bus, { acquire: { value: acquire.bind(bus) } })
    const override: Override = overrideMethods(
      bus,
      {
        acquire: async (options?: unknown) => {
          const channel = await Reflect.apply(acquire, bus, [options])
          const stop = watchRabbitChannel(channel, recorder, bindings)
          stops.add(stop)
          channel.on('close', () => stops.delete(stop))
          return channel
        },
        createPublisher: (props?: unknown) => {
          const publisher = Reflect.apply(createPublisher, inner, [props])
          stops.add(watchPublisher(publisher, recorder, bindings))
          return publisher
        },
        createConsumer: (props: ConsumerProps, handler: Handler) => {
          for (const { exchange, routingKey } of props?.queueBindings ?? []) bindings.add(exchange, routingKey)
          if (typeof props?.queue === 'string' && props.queue !== '') queues.add(props.queue)
          const amqp = new AmqpChannel(recorder, bindings)
          return Reflect.apply(createConsumer, inner, [props, measuredHandler(amqp, props ?? {}, handler)])
        },
      } as Readonly<Record<string, Method>>,
      `bus "${recorder.name}"`,
    )
    return {
      stop() {
        override.restore()
        for (const stop of stops) stop()
        stops.clear()
      },
      levels: () => depthsOf(inner, queues),
    }
  },
}

function watchPublisher(publisher: Publisher, recorder: BusRecorder, bindings: Bindings): () => void {
  const { send } = publisher
  const amqp = new AmqpChannel(recorder, bindings)
  const override = overrideMethods(publisher, { send: confirming(amqp, send, publisher) }, `bus "${recorder.name}"`)
  const returned = (route: Route) => amqp.returned(route)
  publisher.on('basic.return', returned)
  return () => {
    override.restore()
    publisher.removeListener('basic.return', returned)
  }
}

function measuredHandler(amqp: AmqpChannel, props: ConsumerProps, handler: Handler): Handler {
  const idle: Consumption[] = []
  return (message, reply) => {
    const delivery = amqp.deliver(message, message.body, message, false)
    if (delivery === undefined) return handler(message, reply)
    const consumption = (idle.pop() ?? new Consumption(idle, props)).of(delivery)
    let result: unknown
    try {
      result = handler(message, reply)
    } catch (error) {
      consumption.rejected(error)
      throw error
    }
    // The library waits for whatever a handler returns.
    const promise = Promise.resolve(result)
    listen(promise, consumption.fulfilled, consumption.rejected)
    return promise
  }
}

/**
 * Asks for queues without making them, on a channel of its own: a queue that is gone closes the channel that asks for it.
 */
async function depthsOf(connection: Connection, queues: Set<string>): Promise<readonly TopicLevel[]> {
  const levels: TopicLevel[] = []
  if (queues.size === 0) return levels
  let channel = await connection.acquire({ emitErrorsFromChannel: true })
  channel.on('error', () => {})
  for (const queue of queues) {
    try {
      const { messageCount } = await channel.queueDeclare({ queue, passive: true })
      levels.push({ topic: queue, depth: messageCount })
    } catch {
      channel = await connection.acquire({ emitErrorsFromChannel: true })
      channel.on('error', () => {})
    }
  }
  await channel.close()
  return levels
}
