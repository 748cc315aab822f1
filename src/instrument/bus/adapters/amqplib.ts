import { hasMethods } from '../../has-methods'
import { type Method, overrideMethods } from '../../override-method'
import type { BusAdapter, BusWatch, TopicLevel } from '../bus-adapter'
import type { BusRecorder } from '../bus-recorder'
import { Bindings } from './amqp'
import { type Channel, watchAmqplibChannel } from './amqplib-channel'

/** The part of amqplib's connections that is used here: of promises or of callbacks, recovering or not. */
interface Connection {
  createChannel: Method
  createConfirmChannel: Method
}

/** A channel of the measurement's own, by which queues are asked for their depth. */
interface CheckingChannel {
  checkQueue(queue: string): Promise<{ readonly messageCount: number }>
  close(): Promise<void>
  on(event: 'error', listener: () => void): unknown
}

/**
 * RabbitMQ by amqplib: a connection, with all channels that it makes from then on, or one channel. Published is what a
 * confirm channel has confirmed, or what a plain one has sent. Consumed is what was handled and acknowledged, or with
 * `noAck` what was handled.
 */
export const amqplibAdapter: BusAdapter<Connection | Channel> = {
  library: 'amqplib (RabbitMQ)',
  system: 'rabbitmq',

  recognises(bus) {
    return isChannel(bus) || hasMethods(bus, 'createChannel', 'createConfirmChannel', 'close', 'on')
  },

  watch(bus, recorder) {
    const bindings = new Bindings()
    if (isChannel(bus)) return { stop: watchAmqplibChannel(bus, recorder, bindings, () => {}) }
    return watchConnection(bus, recorder, bindings)
  },
}

const isChannel = (bus: object): bus is Channel =>
  hasMethods(bus, 'publish', 'sendToQueue', 'consume', 'ack', 'nack', 'bindQueue', 'checkQueue')

function watchConnection(connection: Connection, recorder: BusRecorder, bindings: Bindings): BusWatch {
  const queues = new Set<string>()
  const channels = new Map<Channel, () => void>()
  const { createChannel, createConfirmChannel } = connection

  const watched = (channel: unknown): void => {
    if (typeof channel !== 'object' || channel === null || !isChannel(channel) || channels.has(channel)) return
    channels.set(
      channel,
      watchAmqplibChannel(channel, recorder, bindings, (queue) => queues.add(queue)),
    )
    channel.on('close', () => channels.delete(channel))
  }
  const creating = (create: Method): Method =>
    function (this: unknown, ...args: unknown[]) {
      const callback = args.at(-1)
      if (typeof callback === 'function') {
        args[args.length - 1] = (error: unknown, channel: unknown) => {
          watched(channel)
          return callback(error, channel)
        }
      }
      const result = Reflect.apply(create, this, args as never[])
      return result instanceof Promise
        ? result.then((channel) => {
            watched(channel)
            return channel
          })
        : result
    }
  const override = overrideMethods(
    connection,
    { createChannel: creating(createChannel), createConfirmChannel: creating(createConfirmChannel) },
    `bus "${recorder.name}"`,
  )
  const depths = new QueueDepths(() => Reflect.apply(createChannel, connection, []), queues)
  return {
    stop() {
      override.restore()
      for (const stop of channels.values()) stop()
      channels.clear()
      depths.stop()
    },
    levels: () => depths.read(),
  }
}

/**
 * Asks for the depths of queues, on a channel of its own: a queue that is gone closes the channel that asks for it, which
 * must not be one of the application's.
 */
class QueueDepths {
  readonly #open: () => unknown
  readonly #queues: Set<string>
  #channel: CheckingChannel | undefined

  constructor(open: () => unknown, queues: Set<string>) {
    this.#open = open
    this.#queues = queues
  }

  async read(): Promise<readonly TopicLevel[]> {
    const levels: TopicLevel[] = []
    for (const queue of this.#queues) {
      const channel = await this.#opened()
      if (channel === undefined) break
      try {
        levels.push({ topic: queue, depth: (await channel.checkQueue(queue)).messageCount })
      } catch {
        // The queue, or the connection, is gone: a consumer that comes back names its queue again.
        this.#channel = undefined
        this.#queues.delete(queue)
      }
    }
    return levels
  }

  stop(): void {
    this.#channel?.close().catch(() => undefined)
    this.#channel = undefined
  }

  async #opened(): Promise<CheckingChannel | undefined> {
    if (this.#channel !== undefined) return this.#channel
    // A connection of callbacks gives no promise, and its queues are not asked for.
    const opening = this.#open()
    if (!(opening instanceof Promise)) return undefined
    const channel: CheckingChannel = await opening
    channel.on('error', () => {
      this.#channel = undefined
    })
    this.#channel = channel
    return channel
  }
}
