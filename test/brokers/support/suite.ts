import { Broker, type BrokerCommand } from './broker'
import { MockKafka } from './kafka'
import { Service } from './service'

/** What the tests of a suite have before them. What they open is closed behind each, the last first. */
export class Suite<B> {
  #service: Service | undefined
  #broker: B | undefined
  readonly #closes: (() => unknown)[] = []

  get service(): Service {
    if (this.#service === undefined) throw new Error('There is a service in tests alone.')
    return this.#service
  }

  get broker(): B {
    if (this.#broker === undefined) throw new Error('The broker has not started.')
    return this.#broker
  }

  /** Another one, which has started. */
  set broker(broker: B) {
    this.#broker = broker
  }

  /** Has something closed when the test is over, before its broker goes. */
  closing(close: () => unknown): void {
    this.#closes.push(close)
  }

  begin(): void {
    this.#service = new Service()
  }

  async end(): Promise<void> {
    for (const close of this.#closes.splice(0).reverse()) await close()
    await this.service.close()
  }
}

/** A service for each test, and one broker of the suite's own, which tests may restart. */
export function withBroker(command: BrokerCommand): Suite<Broker> {
  const suite = new Suite<Broker>()
  before(async () => {
    suite.broker = await Broker.start(command)
  })
  after(() => suite.broker.remove())
  beforeEach(() => suite.begin())
  afterEach(() => suite.end())
  return suite
}

/** A service and a mock broker for each test, which may put another one in its place. */
export function withMockKafka(): Suite<MockKafka> {
  const suite = new Suite<MockKafka>()
  beforeEach(async () => {
    suite.begin()
    suite.broker = await MockKafka.start()
  })
  afterEach(async () => {
    await suite.end()
    await suite.broker.stop()
  })
  return suite
}
