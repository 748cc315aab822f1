import { EventEmitter } from 'node:events'
import { PublishCommand, SNS, SNSClient } from '@aws-sdk/client-sns'
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQS, SQSClient } from '@aws-sdk/client-sqs'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats } from '@nats-io/transport-node'
import * as platformatic from '@platformatic/kafka'
import { connect as connectAmqp } from 'amqplib'
import { FlowProducer, Queue, Worker } from 'bullmq'
import Emittery from 'emittery'
import { EventEmitter2 } from 'eventemitter2'
import { EventEmitter as EventEmitter3 } from 'eventemitter3'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import { connectAsync as connectMqtt } from 'mqtt'
import { Connection } from 'rabbitmq-client'
import { createClient } from 'redis'
import { AwsEndpoint } from './aws-endpoint'
import type { Broker } from './broker'
import { MockKafka } from './kafka'

/** What becomes of one event of each, or of what the object can do. */
export interface Row {
  readonly does: 'both' | 'publishes' | 'consumes'
  run(): Promise<unknown>
}

export interface Setting {
  /** The brokers, once they run. */
  readonly brokers: { readonly nats: Broker; readonly rabbit: Broker; readonly redis: Broker; readonly mqtt: Broker }
  /** Has a bus measured, and returns it. */
  give<B extends object>(bus: B): B
  /** Has something closed after the test, and returns it. */
  closing<T extends object>(opened: T, close: (opened: T) => unknown): T
}

/** By row of docs/BUSES.md: one event published, one handled, or what of them the object can do. */
export function givenObjects(setting: Setting): Readonly<Record<string, Row>> {
  const { give, closing } = setting
  const local = (port: number) => ({ host: '127.0.0.1', port })
  const openNats = async () => closing(await connectNats({ port: setting.brokers.nats.port }), (one) => one.close())
  const openStream = async () => {
    const connection = await openNats()
    const manager = await jetstreamManager(connection)
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders'], storage: 'memory' })
    await manager.consumers.add('ORDERS', { durable_name: 'worker', ack_policy: 'explicit' })
    closing(manager, (one) => one.streams.delete('ORDERS'))
    return jetstream(connection)
  }
  const openAmqp = async () =>
    closing(await connectAmqp(`amqp://guest:guest@127.0.0.1:${setting.brokers.rabbit.port}`), (one) => one.close())
  const openKafka = async () => {
    const broker = closing(await MockKafka.start(), (one) => one.stop())
    return { broker, kafka: new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING }) }
  }
  const openEndpoint = async () => {
    const endpoint = closing(new AwsEndpoint(), (one) => one.down())
    await endpoint.up()
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    return { endpoint: endpoint.url, region: 'eu-west-1', credentials }
  }
  const sendAndReceive = async (client: SQSClient) => {
    const QueueUrl = 'http://127.0.0.1/000000000000/orders'
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'lamp' }))
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }))
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }))
  }
  const channelRoundTrip = async (
    channel: Awaited<ReturnType<Awaited<ReturnType<typeof openAmqp>>['createChannel']>>,
  ) => {
    const { queue } = await channel.assertQueue('', { exclusive: true })
    await channel.consume(queue, (message) => message !== null && channel.ack(message))
    channel.sendToQueue(queue, Buffer.from('lamp'))
  }

  return {
    'Node.js: an `EventEmitter`': {
      does: 'both',
      run: async () =>
        give(new EventEmitter())
          .on('order', () => {})
          .emit('order'),
    },
    'Node.js: an `EventTarget`': {
      does: 'both',
      run: async () => {
        const target = give(new EventTarget())
        target.addEventListener('order', () => {})
        target.dispatchEvent(new Event('order'))
      },
    },
    'eventemitter2: an `EventEmitter2`': {
      does: 'both',
      run: async () => (give(new EventEmitter2()).on('order', () => {}) as EventEmitter2).emit('order'),
    },
    'eventemitter3: an `EventEmitter`': {
      does: 'both',
      run: async () =>
        give(new EventEmitter3())
          .on('order', () => {})
          .emit('order'),
    },
    'emittery: an `Emittery`': {
      does: 'both',
      run: async () => {
        const emittery = give(new Emittery())
        emittery.on('order', () => {})
        await emittery.emit('order')
      },
    },
    '@nats-io/transport-node: the connection': {
      does: 'both',
      run: async () => {
        const connection = give(await openNats())
        connection.subscribe('orders', { callback: () => {} })
        connection.publish('orders', 'lamp')
      },
    },
    '@nats-io/jetstream: the client': {
      does: 'both',
      run: async () => {
        const client = give(await openStream())
        await client.publish('orders', 'lamp')
        const consumer = await client.consumers.get('ORDERS', 'worker')
        ;(await consumer.next())?.ack()
      },
    },
    '@nats-io/jetstream: a `Consumer`': {
      does: 'consumes',
      run: async () => {
        const client = await openStream()
        const consumer = give(await client.consumers.get('ORDERS', 'worker'))
        await client.publish('orders', 'lamp')
        ;(await consumer.next())?.ack()
      },
    },
    'amqplib: the connection': {
      does: 'both',
      run: async () => channelRoundTrip(await give(await openAmqp()).createChannel()),
    },
    'amqplib: a channel': {
      does: 'both',
      run: async () => channelRoundTrip(give(await (await openAmqp()).createConfirmChannel())),
    },
    'rabbitmq-client: the `Connection`': {
      does: 'both',
      run: async () => {
        const url = `amqp://guest:guest@127.0.0.1:${setting.brokers.rabbit.port}`
        const connection = give(closing(new Connection(url), (one) => one.close()))
        const options = { confirm: true, queues: [{ queue: 'jobs' }] }
        const publisher = closing(connection.createPublisher(options), (one) => one.close())
        await publisher.send('jobs', 'lamp')
        closing(
          connection.createConsumer({ queue: 'jobs' }, async () => {}),
          (one) => one.close(),
        )
      },
    },
    'redis: the client': {
      does: 'both',
      run: async () => {
        const open = () =>
          closing(createClient({ socket: local(setting.brokers.redis.port) }), (one) => one.close()).connect()
        const [publisher, subscriber] = [give(await open()), give(await open())]
        await subscriber.subscribe('orders', () => {})
        await publisher.publish('orders', 'lamp')
      },
    },
    'ioredis: a `Redis`': {
      does: 'both',
      run: async () => {
        const open = () => give(closing(new Redis(local(setting.brokers.redis.port)), (one) => one.disconnect()))
        const [publisher, subscriber] = [open(), open()]
        subscriber.on('message', () => {})
        await subscriber.subscribe('orders')
        await publisher.publish('orders', 'lamp')
      },
    },
    'mqtt: the client': {
      does: 'both',
      run: async () => {
        const client = give(
          closing(await connectMqtt(`mqtt://127.0.0.1:${setting.brokers.mqtt.port}`), (one) => one.endAsync()),
        )
        client.on('message', () => {})
        await client.subscribeAsync('orders')
        await client.publishAsync('orders', 'lamp')
      },
    },
    'kafkajs: a producer': {
      does: 'publishes',
      run: async () => {
        const producer = give((await openKafka()).kafka.producer())
        await closing(producer, (one) => one.disconnect()).connect()
        await producer.send({ topic: 'orders', messages: [{ value: 'lamp' }] })
      },
    },
    'kafkajs: a consumer': {
      does: 'consumes',
      run: async () => {
        const { kafka } = await openKafka()
        const producer = closing(kafka.producer(), (one) => one.disconnect())
        const consumer = give(closing(kafka.consumer({ groupId: 'workers' }), (one) => one.disconnect()))
        await Promise.all([producer.connect(), consumer.connect()])
        await producer.send({ topic: 'orders', messages: [{ value: 'lamp' }] })
        await consumer.subscribe({ topic: 'orders', fromBeginning: true })
        await consumer.run({ eachMessage: async () => {} })
      },
    },
    '@platformatic/kafka: a `Producer`': {
      does: 'publishes',
      run: async () => {
        const bootstrapBrokers = [(await openKafka()).broker.address]
        const serializers = platformatic.stringSerializers
        const options = { clientId: 'test', bootstrapBrokers, autocreateTopics: true, serializers }
        const producer = give(closing(new platformatic.Producer(options), (one) => one.close()))
        await producer.send({ messages: [{ topic: 'orders', value: 'lamp' }] })
      },
    },
    '@platformatic/kafka: a `Consumer`': {
      does: 'consumes',
      run: async () => {
        const { broker, kafka } = await openKafka()
        const producer = closing(kafka.producer(), (one) => one.disconnect())
        await producer.connect()
        await producer.send({ topic: 'orders', messages: [{ value: 'lamp' }] })
        const options = { clientId: 'test', groupId: 'workers', bootstrapBrokers: [broker.address], maxWaitTime: 100 }
        const consumer = give(closing(new platformatic.Consumer(options), (one) => one.close(true)))
        // The mock broker refuses to list offsets by the version of the protocol that this client speaks.
        const listOffsets = (_: unknown, done: (error: null, listed: Map<string, bigint[]>) => void) =>
          done(null, new Map([['orders', [0n, 0n, 0n, 0n]]]))
        Object.defineProperty(consumer, 'listOffsets', { value: listOffsets })
        const stream = await consumer.consume({ topics: ['orders'], mode: 'earliest' })
        stream.on('data', () => {})
      },
    },
    'bullmq: a `Queue`': {
      does: 'publishes',
      run: async () => {
        const queue = give(
          closing(new Queue('orders', { connection: local(setting.brokers.redis.port) }), (one) => one.close()),
        )
        await queue.add('place', 'lamp')
      },
    },
    'bullmq: a `FlowProducer`': {
      does: 'publishes',
      run: async () => {
        const flows = give(
          closing(new FlowProducer({ connection: local(setting.brokers.redis.port) }), (one) => one.close()),
        )
        await flows.add({ name: 'place', queueName: 'orders' })
      },
    },
    'bullmq: a `Worker`': {
      does: 'consumes',
      run: async () => {
        const connection = { ...local(setting.brokers.redis.port), maxRetriesPerRequest: null }
        const queue = closing(new Queue('worked', { connection }), (one) => one.close())
        give(closing(new Worker('worked', async () => {}, { connection }), (one) => one.close()))
        await queue.add('place', 'lamp')
      },
    },
    '@aws-sdk/client-sqs: an `SQSClient`': {
      does: 'both',
      run: async () => sendAndReceive(give(new SQSClient(await openEndpoint()))),
    },
    '@aws-sdk/client-sqs: an `SQS`': {
      does: 'both',
      run: async () => sendAndReceive(give(new SQS(await openEndpoint()))),
    },
    '@aws-sdk/client-sns: an `SNSClient`': {
      does: 'publishes',
      run: async () =>
        give(new SNSClient(await openEndpoint())).send(new PublishCommand({ TopicArn: 'a:b:orders', Message: 'lamp' })),
    },
    '@aws-sdk/client-sns: an `SNS`': {
      does: 'publishes',
      run: async () => give(new SNS(await openEndpoint())).publish({ TopicArn: 'a:b:orders', Message: 'lamp' }),
    },
  }
}
