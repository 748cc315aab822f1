import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'
import { type Change, withWaits } from '../support/waits'
import { JsonReceiver } from './receivers'

/** A detector that is to be answered has a minute for it instead of two seconds. */
const patiently: Change = (waitMs) => (waitMs === 2_000 ? 60_000 : waitMs)

/** Environments of clouds, as far as detectors look at it, and what they find. */
const CLOUDS = [
  [
    'aws',
    { AWS_LAMBDA_FUNCTION_NAME: 'bill', AWS_LAMBDA_FUNCTION_VERSION: '7', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' },
    { cloud_provider: 'aws', faas_name: 'bill', faas_version: '7' },
  ],
  [
    'azure',
    { WEBSITE_SITE_NAME: 'shop', REGION_NAME: 'West Europe' },
    { cloud_provider: 'azure', service_name: 'orders', cloud_region: 'West Europe' },
  ],
] as const

describe('Detectors of packages', function () {
  this.timeout(60_000)

  const before = { ...process.env }
  afterEach(() => {
    process.env = { ...before }
  })

  const start = (name: 'container' | 'aws' | 'gcp' | 'azure') =>
    createMetrics({
      serviceName: 'orders',
      resourceDetectors: [name],
      exporters: [],
      http: false,
      runtime: false,
      logger: false,
    })

  async function labels(metrics: MetricsService): Promise<Record<string, string>> {
    const { body } = await metrics.render()
    await metrics.shutdown()
    const [info = ''] = /^target_info\{.*/m.exec(body) ?? []
    return Object.fromEntries([...info.matchAll(/(\w+)="(.*?)"/g)].map(([, name, value]) => [name, value]))
  }

  for (const [name, env, found] of CLOUDS) {
    it(`find the place at ${name}`, async () => {
      Object.assign(process.env, env)
      expect(await labels(start(name))).to.include(found)
    })
  }

  it('find the place at gcp, by asking; the first page waits, the start does not', async () => {
    const answers: Record<string, string> = {
      '/project/project-id': 'shop-1',
      '/instance/zone': 'projects/1/zones/europe-west1-b',
    }
    const server = createServer((request, response) => {
      const path = (request.url ?? '').replace('/computeMetadata/v1', '')
      response
        .setHeader('metadata-flavor', 'Google')
        .writeHead(200)
        .end(answers[path] ?? '')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    process.env.GCE_METADATA_HOST = `127.0.0.1:${(server.address() as AddressInfo).port}`
    process.env.METADATA_SERVER_DETECTION = 'assume-present'
    try {
      const found = await withWaits(patiently, () => labels(start('gcp')))
      expect(found).to.include({ cloud_provider: 'gcp', cloud_account_id: 'shop-1' })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('that get no answer are left out of the page and of exports, in two seconds', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    process.env.GCE_METADATA_HOST = `127.0.0.1:${(silent.address() as AddressInfo).port}`
    process.env.METADATA_SERVER_DETECTION = 'assume-present'
    const receiver = new JsonReceiver()
    await receiver.start()
    const metrics = createMetrics({
      serviceName: 'orders',
      resourceDetectors: ['gcp'],
      exporters: ['otlp'],
      otlp: { endpoint: receiver.url, protocol: 'http/json' },
      http: false,
      runtime: false,
      logger: false,
    })
    try {
      metrics.counter({ name: 'orders_total' }).add(3)
      await metrics.flush()
      expect(receiver.sums.get('orders_total')).to.equal(3)
      expect(await labels(metrics)).to.include({ service_name: 'orders' })
    } finally {
      await metrics.shutdown()
      await receiver.stop()
      silent.closeAllConnections()
      silent.close()
    }
  })

  it('of containers find nothing where there is none, and fail nothing', async () => {
    expect(await labels(start('container'))).to.include({ service_name: 'orders' })
  })
})
