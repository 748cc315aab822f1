import { Producer } from '@confluentinc/kafka-javascript'

/** The mock cluster that librdkafka has in itself: one broker, which speaks the protocol to any client on loopback. */
export class MockKafka {
  readonly address: string
  readonly #producer: Producer
  #stopped: Promise<void> | undefined

  private constructor(producer: Producer, address: string) {
    this.#producer = producer
    this.address = address
  }

  static start(): Promise<MockKafka> {
    // The addresses that it listens on are in its metadata.
    const mock: Record<string, string | number> = { 'test.mock.num.brokers': 1, 'bootstrap.servers': 'mocked' }
    const producer = new Producer(mock)
    return new Promise((resolve, reject) => {
      producer.connect({ timeout: 20_000 }, (error, metadata) => {
        const [broker] = metadata?.brokers ?? []
        if (error || broker === undefined) reject(error ?? new Error('no broker'))
        else resolve(new MockKafka(producer, `${broker.host}:${broker.port}`))
      })
    })
  }

  /** Once; calling it again waits for the same. */
  stop(): Promise<void> {
    this.#stopped ??= new Promise((resolve) => {
      this.#producer.disconnect(() => resolve())
    })
    return this.#stopped
  }
}
