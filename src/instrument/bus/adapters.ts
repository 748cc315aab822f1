import { amqplibAdapter } from './adapters/amqplib'
import { snsAdapter, sqsAdapter } from './adapters/aws'
import { bullmqAdapter } from './adapters/bullmq'
import { emitterAdapter } from './adapters/emitter'
import { emitteryAdapter } from './adapters/emittery'
import { eventTargetAdapter } from './adapters/event-target'
import { eventEmitter2Adapter } from './adapters/eventemitter2'
import { ioredisAdapter } from './adapters/ioredis'
import { jetStreamAdapter } from './adapters/jetstream'
import { kafkajsAdapter } from './adapters/kafkajs'
import { mqttAdapter } from './adapters/mqtt'
import { natsAdapter } from './adapters/nats'
import { platformaticKafkaAdapter } from './adapters/platformatic-kafka'
import { rabbitmqClientAdapter } from './adapters/rabbitmq-client'
import { redisAdapter } from './adapters/redis'
import type { BusAdapter } from './bus-adapter'

/** The libraries that are known, each before those whose shape it has too: most clients are emitters of Node.js. */
export const ADAPTERS: readonly BusAdapter[] = [
  natsAdapter,
  jetStreamAdapter,
  amqplibAdapter,
  rabbitmqClientAdapter,
  redisAdapter,
  ioredisAdapter,
  mqttAdapter,
  bullmqAdapter,
  sqsAdapter,
  snsAdapter,
  kafkajsAdapter,
  platformaticKafkaAdapter,
  emitteryAdapter,
  eventEmitter2Adapter,
  emitterAdapter,
  eventTargetAdapter,
]
