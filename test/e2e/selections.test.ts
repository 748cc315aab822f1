import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/index'
import { until } from '../support/until'
import { describeWithPrograms } from './programs'
import { type Prometheus, startPrometheus } from './prometheus'

/** What each job of Prometheus asks for, and the metrics that it then has. */
const JOBS: readonly (readonly [job: string, asks: Readonly<Record<string, unknown>>, names: readonly string[]])[] = [
  ['all', {}, ['http_requests_total', 'level', 'meterkit_series', 'target_info', 'wait_seconds_bucket']],
  ['endpoint', { metrics_path: '/metrics/http' }, ['http_requests_total']],
  ['named', { params: { 'name[]': ['level', 'wait_seconds_sum'] } }, ['level', 'wait_seconds_bucket']],
  [
    'both',
    { metrics_path: '/metrics/http', params: { 'name[]': ['level', 'http_requests_total'] } },
    ['http_requests_total'],
  ],
]
const FEATURE = '--enable-feature=native-histograms'

for (const options of [[], [FEATURE]]) {
  const format = options.length > 0 ? 'protobuf' : 'OpenMetrics'
  describeWithPrograms(`a real Prometheus that asks for some metrics, in ${format}`, ['prometheus'], () => {
    let metrics: MetricsService
    let prometheus: Prometheus

    before(async function () {
      this.timeout(60_000)
      metrics = createMetrics({
        http: false,
        runtime: false,
        logger: false,
        prometheus: { port: 0, endpoints: { '/metrics/http': { include: ['http_*'] } } },
      })
      metrics.counter({ name: 'http_requests_total' }).add(3)
      metrics.gauge({ name: 'level' }).set(1)
      metrics.histogram({ name: 'wait_seconds', buckets: [1] }).record(0.5)
      const target = new URL((await metrics.ready()).url).host
      const scrape_configs = JOBS.map(([job_name, asks]) => ({
        job_name,
        ...asks,
        static_configs: [{ targets: [target] }],
      }))
      prometheus = await startPrometheus(
        JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs }),
        options,
      )
    })

    after(async function () {
      this.timeout(60_000)
      await prometheus?.stop()
      await metrics?.shutdown()
    })

    for (const [job, , names] of JOBS) {
      it(`has those alone: ${job}`, async () => {
        const found = await until(
          `metrics of ${job}`,
          async () => {
            const samples = await prometheus.query(`count by (__name__) ({job="${job}"})`)
            return samples.length > 0 && samples.some(({ labels }) => labels.__name__ === names[0])
              ? samples.map(({ labels }) => labels.__name__ ?? '')
              : undefined
          },
          { timeoutMs: 30_000, everyMs: 200 },
        )
        expect(found).to.include.members([...names])
        if (job === 'all') return
        // Beside what Prometheus says of a scrape itself.
        const own = found.filter((name) => !/^(up|scrape_\w+)$/.test(name))
        const families = new Set(own.map((name) => name.replace(/^(wait_seconds)_(sum|count)$/, '$1_bucket')))
        expect([...families].sort()).to.deep.equal([...names])
      })
    }

    it('is answered well each time, and counted', async () => {
      const id = options.length > 0 ? 'protobuf' : 'openmetrics'
      await until(
        'scrapes to be counted',
        async () => {
          const [count] = await prometheus.query(`meterkit_scrape_duration_seconds_count{job="all",format="${id}"}`)
          return count !== undefined && count.value >= JOBS.length ? true : undefined
        },
        { timeoutMs: 30_000, everyMs: 200 },
      )
      expect(await prometheus.query('min_over_time(up[2m]) < 1')).to.deep.equal([])
      expect(await prometheus.query('meterkit_scrape_errors_total > 0')).to.deep.equal([])
      const [quantile] = await prometheus.query(
        `histogram_quantile(0.9, sum by (le) (meterkit_scrape_size_bytes_bucket{job="all"}))`,
      )
      expect(quantile?.value).to.be.within(10, 100_000)
    })
  })
}
