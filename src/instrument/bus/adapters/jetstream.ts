import { hasMethods } from '../../has-methods'
import { type Method, type Override, overrideMethod, overrideMethods } from '../../override-method'
import type { BusAdapter, BusWatch } from '../bus-adapter'
import { type AnyFunction, type BusRecorder, sizeBytesOf } from '../bus-recorder'
import { JetStreamConsumer } from './jetstream-consumer'

/** The part of a `JetStreamClient` that is used here. */
interface JetStreamClient {
  /** The connection by which it publishes. */
  nc?: object
  readonly consumers: Readonly<Record<string, unknown>>
  publish(subject: string, data?: unknown, options?: unknown): Promise<unknown>
}

/** What of `consumers` gives a consumer. */
const GETTERS = ['get', 'getConsumerFromInfo', 'getPushConsumer', 'getBoundPushConsumer', 'ordered', 'pushConsumer']

const isConsumer = (bus: unknown): bus is object => hasMethods(bus, 'consume', 'info', 'delete', 'isPullConsumer')

/**
 * NATS JetStream: a client, with all consumers that it gives from then on, or one consumer. Published is what the stream
 * acknowledged. Consumed is what was handled and, where the consumer wants it, acknowledged.
 */
export const jetStreamAdapter: BusAdapter<JetStreamClient> = {
  library: 'NATS JetStream',
  system: 'nats',

  recognises(bus) {
    return isConsumer(bus) || (hasMethods(bus, 'publish', 'jetstreamManager') && 'consumers' in bus)
  },

  watch(bus, recorder) {
    const consumers = new Map<object, JetStreamConsumer>()
    const watched = <T>(consumer: T): T => {
      if (!isConsumer(consumer) || consumers.has(consumer)) return consumer
      consumers.set(consumer, new JetStreamConsumer(consumer, recorder))
      return consumer
    }
    const stopClient = isConsumer(bus) ? () => {} : watchClient(bus, recorder, watched)
    watched(bus as object)

    const watch: BusWatch = {
      stop() {
        stopClient()
        for (const consumer of consumers.values()) consumer.stop()
        consumers.clear()
      },
      async levels() {
        return (await Promise.all([...consumers.values()].map((consumer) => consumer.level()))).flat()
      },
    }
    return watch
  },
}

function watchClient(client: JetStreamClient, recorder: BusRecorder, watched: <T>(consumer: T) => T): () => void {
  const what = `bus "${recorder.name}"`
  const { publish, consumers } = client
  const overrides: Override[] = [
    overrideMethods(
      client,
      {
        publish(...args: [string, unknown?, unknown?]) {
          const topic = recorder.topic(args[0], args[1])
          if (recorder.countsBytes) topic?.countBytes('publish', sizeBytesOf(args[1]))
          return recorder.publish(topic, publish, client, 1, ...args)
        },
      },
      what,
    ),
  ]
  for (const key of GETTERS) {
    const getter = consumers[key]
    if (typeof getter !== 'function') continue
    const measured = async function (this: unknown, ...args: unknown[]) {
      return watched(await Reflect.apply(getter as AnyFunction, this, args as never[]))
    } as Method
    overrides.push(overrideMethod(consumers, key, measured, what))
  }
  overrides.push(bypassConnection(client))
  return () => {
    for (const override of overrides.reverse()) override.restore()
  }
}

/** Has the client publish past the measurement of its connection, where that is measured too: an event counts once. */
function bypassConnection(client: JetStreamClient): Override {
  const connection = client.nc
  const own = Object.getOwnPropertyDescriptor(client, 'nc')
  if (connection === undefined || own?.configurable !== true) return { restore() {} }
  const bypass = Object.create(connection, {
    publish: { value: plain(connection, 'publish') },
    request: { value: plain(connection, 'request') },
  })
  Reflect.defineProperty(client, 'nc', { ...own, value: bypass })
  return {
    restore() {
      if (client.nc === bypass) Reflect.defineProperty(client, 'nc', own)
    },
  }
}

/** A method as the class has it. */
function plain(target: object, key: string): unknown {
  return Reflect.get(Object.getPrototypeOf(target), key)
}
