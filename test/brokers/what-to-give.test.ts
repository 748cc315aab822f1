import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { until } from '../support/until'
import { Broker, mosquitto, natsServer, rabbitmqServer, redisServer } from './support/broker'
import { givenObjects, type Setting } from './support/given-objects'
import { Service } from './support/service'

/** Rows whose library has to be built: `npm run test:confluent-kafka` tests them. Clusters: redis-cluster.test.ts. */
const ELSEWHERE = [
  '@confluentinc/kafka-javascript: a producer',
  '@confluentinc/kafka-javascript: a consumer',
  'ioredis: a `Cluster`',
]

describe('docs/BUSES.md: what to give', function () {
  this.timeout(60_000)
  let service: Service
  const closes: (() => unknown)[] = []
  const give = <B extends object>(bus: B): B => {
    service.metrics.instrumentBus(bus, { name: 'bus' })
    return bus
  }
  const closing = <T extends object>(opened: T, close: (opened: T) => unknown): T => {
    closes.unshift(() => close(opened))
    return opened
  }
  beforeEach(() => {
    service = new Service()
  })
  afterEach(async () => {
    for (const close of closes.splice(0)) await close()
    await service.close()
  })

  let brokers: Setting['brokers'] | undefined
  before(async () => {
    const started = [natsServer, rabbitmqServer, redisServer, mosquitto].map((command) => Broker.start(command))
    const [nats, rabbit, redis, mqtt] = (await Promise.all(started)) as [Broker, Broker, Broker, Broker]
    brokers = { nats, rabbit, redis, mqtt }
  })
  after(() => Promise.all(Object.values(brokers ?? {}).map((broker) => broker.remove())))

  const rows = givenObjects({
    get brokers() {
      if (brokers === undefined) throw new Error('the brokers do not run yet')
      return brokers
    },
    give,
    closing,
  })

  it('tells of each object that is tested, and of no other', () => {
    const page = readFileSync(join(__dirname, '../../docs/BUSES.md'), 'utf8')
    const table = page.split('\n\n').find((part) => part.startsWith('| library |')) ?? ''
    const told = [...table.matchAll(/^\| (.*?) \| (.*?) \|/gm)].slice(1).flatMap(([, library = '', given = '']) => {
      if (/^-+$/.test(library)) return []
      return given.split(/, | or /).map((one) => `${library.replaceAll('`', '')}: ${one}`)
    })
    expect(told.sort()).to.deep.equal([...Object.keys(rows), ...ELSEWHERE].sort())
  })

  for (const [row, { does, run }] of Object.entries(rows)) {
    it(row, async () => {
      await run()
      const expected = { published: does === 'consumes' ? 0 : 1, consumed: does === 'publishes' ? 0 : 1 }
      const counted = async () => ({
        published: await service.total('events_published_total', { bus: 'bus' }),
        consumed: await service.total('events_consumed_total', { bus: 'bus' }),
      })
      await until('the events', async () => {
        const { published, consumed } = await counted()
        return published + consumed >= expected.published + expected.consumed ? true : undefined
      })
      expect(await counted()).to.deep.equal(expected)
    })
  }
})
