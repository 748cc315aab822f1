import { EventEmitter } from 'node:events'
import { dirname, join } from 'node:path'
import { metrics } from '@opentelemetry/api'
import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { type IQueueBackend, Job, Worker } from 'bullmq'
import { BullMQOtel } from 'bullmq-otel'
import { RecordEmitter } from '../test/support/record-emitter'
import type { Call, Calls } from './added'
import { KafkaDouble, MqttDouble, NatsDouble, RabbitDouble, RedisDouble } from './bus-doubles'
import { quietService } from './services'

/**
 * Messages of buses as their libraries hand them over, each by itself: brokers and sockets are left out, because they take
 * a hundred times as long and more than measuring does, and tell nothing of it.
 */
export function busCalls(): Calls[] {
  return [
    emitterCalls(),
    asyncEmitterCalls(),
    recordEmitterCalls(),
    eventTargetCalls(),
    natsCalls(),
    amqplibCalls(),
    ...rabbitCalls(),
    ...redisCalls(),
    ...mqttCalls(),
    ...kafkaCalls(),
    bullmqCalls(),
  ]
}

const service = quietService()
const handle = () => {}
const handleAsync = async () => {}

// What the peers record to: the SDK, read by nobody meanwhile.
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 31 - 1 })
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))

/** One call through what `make` gives, bare and measured. */
function contestants<B extends object>(library: string, make: () => B, callOf: (bus: B) => Call): Calls {
  const [bare, measured] = [make(), make()]
  service.instrumentBus(measured, { name: library })
  return {
    library,
    contestants: [
      { name: 'uninstrumented', call: callOf(bare) },
      { name: 'meterkit', call: callOf(measured) },
    ],
  }
}

function emitterCalls(): Calls {
  return contestants(
    'EventEmitter',
    () => new EventEmitter(),
    (bus) => {
      bus.on('order', handle)
      const order = {}
      return () => bus.emit('order', order)
    },
  )
}

function asyncEmitterCalls(): Calls {
  return contestants(
    'EventEmitter, with an async listener',
    () => new EventEmitter(),
    (bus) => {
      let result: Promise<void> | undefined
      bus.on('order', () => {
        result = handleAsync()
        return result
      })
      return () => {
        bus.emit('order')
        return result
      }
    },
  )
}

/** It keeps a record for each listener, as eventemitter3 does. */
function recordEmitterCalls(): Calls {
  return contestants(
    'an emitter like eventemitter3',
    () => new RecordEmitter(),
    (bus) => {
      bus.on('order', handle)
      const order = {}
      return () => bus.emit('order', order)
    },
  )
}

function eventTargetCalls(): Calls {
  return contestants(
    'EventTarget',
    () => new EventTarget(),
    (bus) => {
      bus.addEventListener('order', handle)
      const order = new Event('order')
      return () => bus.dispatchEvent(order)
    },
  )
}

function mqttCalls(): Calls[] {
  const received = contestants(
    'MQTT.js: a message received through a wildcard',
    () => new MqttDouble(),
    (client) => {
      client.subscribe('orders/+')
      client.on('message', handle)
      const [body, packet] = [new Uint8Array(10), {}]
      return () => client.emit('message', 'orders/1', body, packet)
    },
  )
  const published = contestants(
    'MQTT.js: a message published',
    () => new MqttDouble(),
    (client) => {
      const options = {}
      return () => client.publish('orders', 'lamp', options, handle)
    },
  )
  return [received, published]
}

function redisCalls(): Calls[] {
  const received = contestants(
    'redis: a message of a channel',
    () => new RedisDouble(),
    (client) => {
      void client.subscribe('orders', handle)
      return () => client.listener('lamp', 'orders')
    },
  )
  const added = contestants(
    'redis: an entry added to a stream',
    () => new RedisDouble(),
    (client) => {
      const command = ['XADD', 'orders', '*', 'item', 'lamp']
      return () => client.sendCommand(command)
    },
  )
  return [received, added]
}

function rabbitCalls(): Calls[] {
  const handled = contestants(
    'rabbitmq-client: a message handled',
    () => new RabbitDouble(),
    (connection) => {
      const { handler } = connection.createConsumer({ queue: 'orders' }, handleAsync)
      const message = { deliveryTag: 1, exchange: '', routingKey: 'orders', body: 'lamp' }
      return () => handler(message)
    },
  )
  const sent = contestants(
    'rabbitmq-client: a message sent',
    () => new RabbitDouble(),
    (connection) => {
      const publisher = connection.createPublisher()
      const envelope = { routingKey: 'orders' }
      return () => publisher.send(envelope, 'lamp')
    },
  )
  return [handled, sent]
}

function natsCalls(): Calls {
  return contestants(
    'callback of a NATS subscription',
    () => new NatsDouble(),
    (connection) => {
      connection.subscribe('orders', { callback: handle })
      const message = { subject: 'orders', data: new Uint8Array(10) }
      return () => connection.callback(null, message)
    },
  )
}

interface AmqpChannel extends EventEmitter {
  consume(queue: string, handler: (message: object) => void): Promise<unknown>
  ack(message: object): void
  dispatchMessage(fields: object, message: object): void
  _rpc(method: number, fields: object, expect: number, reply: (error: null, ok: object) => void): void
}

function amqplibCalls(): Calls {
  // Its channels are not exported.
  const file = join(dirname(require.resolve('amqplib')), 'lib', 'channel_model.js')
  const { Channel } = require(file) as { Channel: new (connection: object) => AmqpChannel }
  return contestants(
    'amqplib: a message consumed and acknowledged',
    () => {
      const channel = new Channel({ sendMethod: handle })
      channel._rpc = (_method, _fields, _expect, reply) => reply(null, { fields: { consumerTag: 'tag' } })
      return channel
    },
    (channel) => {
      void channel.consume('orders', (message) => channel.ack(message))
      const fields = { consumerTag: 'tag', deliveryTag: 0, exchange: '', routingKey: 'orders' }
      const message = { fields, content: new Uint8Array(10) }
      return () => {
        fields.deliveryTag++
        channel.dispatchMessage(fields, message)
      }
    },
  )
}

function kafkaCalls(): Calls[] {
  const peer = class extends KafkaDouble {}
  // The peer wraps the methods of a prototype, which are to be its own.
  Object.assign(peer.prototype, { producer: KafkaDouble.prototype.producer, consumer: KafkaDouble.prototype.consumer })
  const [definition] = new KafkaJsInstrumentation().getModuleDefinitions()
  definition?.patch?.({ Kafka: peer })
  const kafka = new KafkaDouble()

  const record = { topic: 'orders', messages: [{ value: 'lamp' }] }
  const sending = (producer: ReturnType<KafkaDouble['producer']>) => () => producer.send(record)
  const sends = contestants('kafkajs: a message sent', () => kafka.producer(), sending)

  const message = { offset: '0', value: Buffer.from('lamp'), headers: {} }
  const payload = { topic: 'orders', partition: 0, message }
  const handling = (consumer: ReturnType<KafkaDouble['consumer']>) => {
    void consumer.run({ eachMessage: handleAsync })
    let offset = 0
    return () => {
      message.offset = String(offset++)
      return consumer.handler(payload)
    }
  }
  const handles = contestants('kafkajs: a message handled', () => kafka.consumer(), handling)
  const other = new peer()
  const name = '@opentelemetry/instrumentation-kafkajs, without a tracer'
  return [
    { ...sends, contestants: [...sends.contestants, { name, call: sending(other.producer()) }] },
    { ...handles, contestants: [...handles.contestants, { name, call: handling(other.consumer()) }] },
  ]
}

function bullmqCalls(): Calls {
  const completed = Promise.resolve({ result: undefined, finishedOn: 1 })
  const backend = Object.assign(new EventEmitter(), {
    qualifiedName: 'orders',
    keys: {},
    toKey: (type: string) => type,
    waitUntilReady: async () => {},
    moveToCompleted: () => completed,
  }) as unknown as IQueueBackend
  const make = (telemetry?: BullMQOtel) =>
    new Worker(
      'orders',
      handleAsync,
      { connection: {}, autorun: false, ...(telemetry && { telemetry }) },
      () => backend,
    )
  const working = (worker: ReturnType<typeof make>) => {
    const data = {
      id: '1',
      name: 'place',
      data: '{}',
      opts: { attempts: 1 },
      timestamp: 1,
      attemptsMade: 0,
      stacktrace: [],
    }
    return () => {
      return worker.processJob(Job.fromJSON(worker, data as never, '1') as never, 'token', () => false)
    }
  }
  const calls = contestants('BullMQ: a job worked on', make, working)
  const peer = make(new BullMQOtel({ enableMetrics: true }))
  const name = 'bullmq-otel, without a tracer'
  return { ...calls, contestants: [...calls.contestants, { name, call: working(peer) }] }
}
