import { EventEmitter } from 'node:events'

const nothing = () => {}

/** Clients as far as those see them who publish and handle: with no broker behind them, everything is done at once. */

/** A connection of NATS: a subscription's callback gets a message. */
export class NatsDouble {
  callback: (error: null, message: object) => void = nothing
  subscribe(_subject: string, options: { callback: NatsDouble['callback'] }): void {
    this.callback = options.callback
  }
  publish(): void {}
  request(): void {}
  requestMany(): void {}
  flush(): void {}
  drain(): void {}
  closed(): void {}
}

/** A client of mqtt.js: it emits what it receives. */
export class MqttDouble extends EventEmitter {
  publish(_topic: string, _message: string, _options: object, done: () => void): void {
    done()
  }
  subscribe(_filter: string): void {}
  unsubscribe(): void {}
  reconnect(): void {}
  handleMessage(): void {}
}

/** A client of `redis`: it calls what listens to a channel, and sends commands. */
export class RedisDouble {
  listener: (message: string, channel: string) => void = nothing
  async subscribe(_channel: string, listener: RedisDouble['listener']): Promise<void> {
    this.listener = listener
  }
  async sendCommand(_args: readonly string[]): Promise<string> {
    return '1-0'
  }
  async _executeMulti(): Promise<void> {}
  async _executePipeline(): Promise<void> {}
  getPubSubListeners(): Map<string, object> {
    return new Map()
  }
  multi(): void {}
  xAdd(): void {}
  xReadGroup(): void {}
  pubSubNumSub(): void {}
}

/** A connection of rabbitmq-client: a publisher that confirms, and a consumer whose handler gets a message. */
export class RabbitDouble {
  createConsumer(_props: object, handler: (message: object) => Promise<void>) {
    return { handler }
  }
  createPublisher() {
    return { send: async (_envelope: object, _body: string) => {}, on: nothing, removeListener: nothing }
  }
  acquire(): void {}
  queueDeclare(): void {}
}

interface Run {
  readonly eachMessage: (payload: object) => Promise<void>
}

/** What kafkajs gives out. */
export class KafkaDouble {
  producer() {
    return {
      ...new KafkaClientDouble(),
      send: async (_record: object) => [],
      sendBatch: async () => [],
      transaction: nothing,
    }
  }
  consumer() {
    const consumer = {
      ...new KafkaClientDouble(),
      handler: (async () => {}) as Run['eachMessage'],
      run: async (run: Run) => {
        consumer.handler = run.eachMessage
      },
      subscribe: nothing,
      seek: nothing,
      pause: nothing,
    }
    return consumer
  }
}

class KafkaClientDouble {
  readonly connect = nothing
  readonly events = {}
  readonly on = () => nothing
  readonly logger = () => ({})
}
