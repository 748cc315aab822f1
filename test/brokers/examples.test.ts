import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { samplesOf } from '../support/page'
import { until } from '../support/until'
import { Broker, natsServer, rabbitmqServer, redisServer } from './support/broker'

const ROOT = join(__dirname, '../..')

describe('examples/, as their commands in package.json start them', function () {
  this.timeout(60_000)
  let broker: Broker | undefined
  let service: ChildProcess | undefined
  afterEach(async () => {
    if (service?.exitCode === null) service.kill('SIGKILL')
    await broker?.remove()
  })

  for (const [example, command, environment, published] of [
    ['nats', natsServer, (port: number) => ({ NATS_URL: `127.0.0.1:${port}` }), '{bus="orders",topic="orders.*"}'],
    [
      'rabbitmq',
      rabbitmqServer,
      (port: number) => ({ AMQP_URL: `amqp://127.0.0.1:${port}` }),
      '{bus="orders",topic="orders"}',
    ],
    ['bullmq', redisServer, (port: number) => ({ REDIS_PORT: String(port) }), '{bus="shop",topic="orders"}'],
  ] as const) {
    it(`${example}: says where its metrics are, publishes and handles, and ends in order`, async () => {
      broker = await Broker.start(command)
      const script: string = require(join(ROOT, 'package.json')).scripts[`example:${example}`]
      // What comes before was done for these tests: the build and the installation of the clients.
      const start = script.split(' && ').at(-1) ?? ''
      const started = spawn(`exec env ${start}`, {
        shell: true,
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...environment(broker.port), METRICS_PORT: '0' },
      })
      service = started
      let url: string | undefined
      for await (const line of createInterface({ input: started.stdout })) {
        url = /http:\S+\/metrics/.exec(line)?.[0]
        if (url !== undefined) break
      }
      const consumed = published.replace('"shop"', '"warehouse"')
      await until('orders', async () => {
        const samples = samplesOf(await (await fetch(url ?? '')).text())
        const isPublished = (samples.get(`message_bus_events_published_total${published}`) ?? 0) > 2
        return isPublished && (samples.get(`message_bus_events_consumed_total${consumed}`) ?? 0) > 2 ? true : undefined
      })
      started.kill('SIGTERM')
      expect(await once(started, 'exit')).to.deep.equal([0, null])
    })
  }
})
