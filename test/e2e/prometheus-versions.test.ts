import { expect } from 'chai'
import { samplesOf } from '../support/page'
import { until } from '../support/until'
import { type Example, startExample } from './example'
import { type Prometheus, startPrometheus } from './prometheus'
import { describeEachPrometheus } from './prometheus-versions'

const FEATURES = ['--enable-feature=native-histograms,exemplar-storage']
const REGIONS = ['eu', 'us', 'apac'] as const
/** Enough of the same for its shelf to be filled again. */
const ORDERS = 24

/** The jobs, each with what it asks for; without, it is what the version prefers. */
const JOBS = {
  preferred: undefined,
  openmetrics: ['OpenMetricsText1.0.0'],
  text: ['PrometheusText1.0.0'],
} as const

describeEachPrometheus('the example, scraped with all that a Prometheus can take', ({ command, takesUtf8 }) => {
  let example: Example
  let prometheus: Prometheus
  /** Ids of the traces of the orders, as the shop told them, by region. */
  const traces = new Map<string, Set<string>>(REGIONS.map((region) => [region, new Set()]))
  const jobs = (takesUtf8 ? Object.keys(JOBS) : ['preferred']) as (keyof typeof JOBS)[]

  before(async function () {
    this.timeout(60_000)
    // Nobody but this test orders, so that it knows all that was.
    example = await startExample({ REQUESTS_PER_SECOND: '0', CYCLE_SECONDS: '3600' })
    for (let count = 0; count < ORDERS; count++) {
      const region = REGIONS[count % REGIONS.length] as string
      const response = await fetch(`${example.url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sku: 'lamp', quantity: 3, region, tier: 'gold' }),
      })
      expect(response.status, await response.text()).to.be.within(201, 202)
      traces.get(region)?.add(response.headers.get('traceresponse')?.split('-')[1] ?? '')
    }
    prometheus = await startPrometheus(
      JSON.stringify({
        global: { scrape_interval: '1s' },
        scrape_configs: jobs.map((job) => ({
          job_name: job,
          ...(JOBS[job] && { scrape_protocols: JOBS[job] }),
          static_configs: [{ targets: [new URL(example.metricsUrl).host] }],
        })),
      }),
      FEATURES,
      command,
    )
  })

  after(async function () {
    this.timeout(60_000)
    await prometheus?.stop()
    await example?.stop()
  })

  /** The value of an expression, as soon as `holds` holds for it. */
  const awaited = (expression: string, holds: (value: number) => boolean) =>
    until(expression, async () => (await prometheus.query(expression)).find(({ value }) => holds(value)), {
      timeoutMs: 30_000,
      everyMs: 200,
    })

  it('answers histogram_quantile over the native histogram', async () => {
    await awaited('histogram_count(charge_duration_seconds{job="preferred"})', (count) => count === ORDERS)
    const page = samplesOf(await (await fetch(example.metricsUrl)).text())
    const sum = page.get('charge_duration_seconds_sum') as number
    await awaited('histogram_sum(charge_duration_seconds{job="preferred"})', (value) => Math.abs(value - sum) < 1e-9)
    const buckets = [...page].flatMap(([name, count]) => {
      const [, le] = /^charge_duration_seconds_bucket\{le="([\d.]+)"\}$/.exec(name) ?? []
      return le === undefined ? [] : [{ bound: Number(le), count }]
    })
    for (const quantile of [0.1, 0.5, 0.9, 1]) {
      const place = buckets.findIndex(({ count }) => count >= quantile * ORDERS)
      const [above, below] = [buckets[place]?.bound as number, buckets[place - 1]?.bound ?? 0]
      // Within the explicit bucket that the quantile is in, as exactly as native ones tell that reach from the shortest to the
      // longest: of 160, each may be a fifth wide where a charge took a million times as long as another one.
      await awaited(
        `histogram_quantile(${quantile}, charge_duration_seconds{job="preferred"})`,
        (value) => value > below / 1.2 && value < above * 1.2,
      )
    }
  })

  for (const job of jobs.filter((each) => each !== 'text')) {
    it(`knows the traces of orders by their exemplars (${job})`, async () => {
      for (const [region, ids] of traces) {
        const expression = `orders_placed_total{region="${region}",job="${job}"}`
        const found = await until(expression, async () => (await prometheus.exemplars(expression))[0], {
          timeoutMs: 30_000,
          everyMs: 200,
        })
        expect(ids).to.include(found.labels.trace_id)
        expect(found.labels.span_id).to.match(/^[0-9a-f]{16}$/)
        expect(found.value).to.equal('1')
      }
    })
  }

  for (const job of jobs) {
    it(`has a name of any characters ${takesUtf8 ? 'as it is' : 'escaped'} (${job})`, async () => {
      const wanted = takesUtf8 ? '{"warehouse.refills_total"' : 'warehouse_refills_total{sku!=""'
      const { labels } = await awaited(`${wanted},job="${job}"}`, (value) => value > 0)
      expect(labels.sku).to.equal('lamp')
      const other = takesUtf8 ? 'warehouse_refills_total' : '{__name__="warehouse.refills_total"}'
      expect(await prometheus.query(other)).to.deep.equal([])
    })
  }

  it('knows what the resource is called', async () => {
    const label = takesUtf8 ? '"service.name"' : 'service_name'
    await awaited(`target_info{${label}="orders"}`, (value) => value === 1)
  })
})
