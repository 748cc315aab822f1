import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'
import { type Child, start } from '../e2e/child'
import { describeWithPrograms } from '../e2e/programs'
import { startPrometheus } from '../e2e/prometheus'
import { samplesOf } from '../support/page'
import { until } from '../support/until'

describeWithPrograms('A real Pushgateway', ['prometheus-pushgateway', 'prometheus'], () => {
  let gateway: Child
  let url: string
  let metrics: MetricsService
  before(async function () {
    this.timeout(60_000)
    // Debian's keeps what others have pushed before.
    gateway = start('prometheus-pushgateway', ['--web.listen-address=127.0.0.1:0', '--persistence.file='])
    const [, address] = await gateway.printed(/(?:Listening on" address=|addr=|address=)(127\.0\.0\.1:\d+)/)
    url = `http://${address}`
  })
  after(() => gateway.stop())
  beforeEach(() => {
    metrics = createMetrics({
      serviceName: 'nightly/import',
      exporters: [],
      push: { url, groupingKey: { shard: 7, empty: '' } },
      http: false,
      runtime: false,
      logger: false,
    })
    metrics.counter({ name: 'rows_total', labelNames: ['table'] }).add(5, { table: 'orders "new"\n' })
    const histogram = metrics.histogram({ name: 'row_seconds', buckets: [1, 2] })
    for (const value of [0.5, 1.5, 7]) histogram.record(value)
  })
  afterEach(() => metrics.shutdown())

  /** What the gateway shows of the groups of this test. */
  const shown = async () => {
    const page = await (await fetch(`${url}/metrics`)).text()
    return [...samplesOf(page)].filter(([series]) => series.includes('shard="7"'))
  }

  it('has what was pushed under the labels of its group, until it is deleted', async () => {
    await metrics.push()
    const labels = 'empty="",instance="",job="nightly/import",shard="7"'
    const samples = new Map(await shown())
    expect(samples.get(`rows_total{${labels},table="orders \\"new\\"\\n"}`)).to.equal(5)
    expect(samples.get(`row_seconds_bucket{${labels.replace('shard', 'le="2",shard')}}`)).to.equal(2)
    expect(samples.get(`row_seconds_sum{${labels}}`)).to.equal(9)

    metrics.gauge({ name: 'later' }).set(1)
    await metrics.push({ action: 'replace' })
    expect((await shown()).map(([series]) => series)).to.include(`later{${labels}}`)
    await metrics.push({ action: 'delete' })
    // It says that it will, and not that it has.
    await until('the deletion', async () => ((await shown()).length === 0 ? true : undefined))
  })

  it('leaves what is not pushed now, or not, as is asked', async () => {
    await metrics.push()
    const next = createMetrics({ exporters: [], http: false, runtime: false, logger: false, selfMetrics: false })
    next.gauge({ name: 'other' }).set(1)
    const group = { url, job: 'nightly/import', groupingKey: { shard: 7, empty: '' } }
    const has = async (name: string) => (await shown()).some(([series]) => series.startsWith(`${name}{`))
    await next.push({ ...group })
    expect([await has('rows_total'), await has('other')]).to.deep.equal([true, true])
    await next.push({ ...group, action: 'replace' })
    expect([await has('rows_total'), await has('other')]).to.deep.equal([false, true])
    await next.push({ ...group, action: 'delete' })
    await next.shutdown()
  })

  it('is scraped by a real Prometheus, which then has what was counted', async function () {
    this.timeout(60_000)
    await metrics.push()
    const target = JSON.stringify(url.replace('http://', ''))
    const prometheus = await startPrometheus(
      `{scrape_configs: [{job_name: gateway, honor_labels: true, scrape_interval: 1s, static_configs: [{targets: [${target}]}]}]}`,
    )
    try {
      const found = await until(
        'the pushed totals',
        async () => {
          const [total] = await prometheus.query('sum(rows_total{job="nightly/import",shard="7"})')
          return total?.value
        },
        { timeoutMs: 20_000 },
      )
      expect(found).to.equal(5)
      const [sum] = await prometheus.query('row_seconds_sum{job="nightly/import",shard="7"}')
      expect(sum?.value).to.equal(9)
    } finally {
      await prometheus.stop()
    }
  })
})
