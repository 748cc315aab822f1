import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { negotiateFormat } from '../../src/exposition/negotiate'
import { filled } from '../fuzz/fill'
import { planOf } from '../fuzz/plan'
import { until } from '../support/until'
import { type Prometheus, startPrometheus } from './prometheus'
import { describeEachPrometheus } from './prometheus-versions'

const SEED = 5_000
const COUNT = 150

/** What is asked for, without the names that a version cannot take. */
const FORMATS: Readonly<Record<string, string>> = {
  text: 'text/plain;version=1.0.0',
  openmetrics: 'application/openmetrics-text;version=1.0.0',
  protobuf: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
}

interface Target {
  readonly labels: { readonly page: string }
  readonly health: string
  readonly lastError: string
}

describeEachPrometheus('pages of random registries, in every format', ({ command, takesUtf8 }) => {
  let server: Server
  let prometheus: Prometheus
  const paths: string[] = []

  before(async function () {
    this.timeout(60_000)
    const pages = new Map<string, { readonly contentType: string; readonly body: Buffer }>()
    for (let seed = SEED; seed < SEED + COUNT; seed++) {
      for (const [name, accept] of Object.entries(FORMATS)) {
        const format = negotiateFormat(`${accept};escaping=${takesUtf8 ? 'allow-utf-8' : 'underscores'}`)
        pages.set(`/${seed}/${name}`, {
          contentType: format.contentType,
          body: await filled(planOf(seed)).page(format),
        })
      }
    }
    paths.push(...pages.keys())
    server = createServer(({ url = '' }, response) => {
      const page = pages.get(url)
      response.setHeader('Content-Type', page?.contentType ?? '').end(page?.body)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    prometheus = await startPrometheus(
      JSON.stringify({
        global: { scrape_interval: '2s', scrape_timeout: '2s' },
        scrape_configs: [
          {
            job_name: 'random',
            static_configs: paths.map((page) => ({
              targets: [`127.0.0.1:${port}`],
              labels: { __metrics_path__: page, page },
            })),
          },
        ],
      }),
      ['--enable-feature=native-histograms,exemplar-storage'],
      command,
    )
  })

  after(async function () {
    this.timeout(60_000)
    await prometheus?.stop()
    server?.closeAllConnections()
    server?.close()
  })

  it('are all taken', async () => {
    const targets = await until(
      'a scrape of each page',
      async () => {
        const response = await fetch(`${prometheus.url}/api/v1/targets?state=active`)
        const { data } = (await response.json()) as { data: { activeTargets: Target[] } }
        const scraped = data.activeTargets.filter(({ health }) => health !== 'unknown')
        return scraped.length === paths.length ? scraped : undefined
      },
      { timeoutMs: 50_000, everyMs: 200 },
    )
    const refused = targets.filter(({ health }) => health !== 'up')
    expect(refused.map(({ labels, lastError }) => `${labels.page}: ${lastError}`)).to.deep.equal([])
  }).timeout(60_000)
})
