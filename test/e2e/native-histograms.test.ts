import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/index'
import { until } from '../support/until'
import { type Prometheus, startPrometheus } from './prometheus'
import { describeEachPrometheus } from './prometheus-versions'

const FEATURES = ['--enable-feature=native-histograms,exemplar-storage']

describeEachPrometheus('native histograms and exemplars', ({ command }) => {
  let metrics: MetricsService
  let prometheus: Prometheus

  before(async function () {
    this.timeout(60_000)
    metrics = createMetrics({
      serviceName: 'native',
      prometheus: { port: 0 },
      http: false,
      runtime: false,
      logger: false,
    })
    const { url } = await metrics.ready()
    prometheus = await startPrometheus(
      JSON.stringify({
        global: { scrape_interval: '1s' },
        scrape_configs: [{ job_name: 'native', static_configs: [{ targets: [new URL(url).host] }] }],
      }),
      FEATURES,
      command,
    )
  })

  after(async function () {
    this.timeout(60_000)
    await prometheus?.stop()
    await metrics?.shutdown()
  })

  /** The value of an expression, as soon as `holds` holds for it. */
  const awaited = (expression: string, holds: (value: number) => boolean) =>
    until(
      expression,
      async () => {
        const [sample] = await prometheus.query(expression)
        return sample !== undefined && holds(sample.value) ? sample : undefined
      },
      { timeoutMs: 30_000, everyMs: 200 },
    )

  it('answers histogram_quantile over the native buckets, with or without explicit ones beside them', async () => {
    const alone = metrics.histogram({ name: 'alone_seconds', native: true, labelNames: ['shop'] })
    const beside = metrics.histogram({ name: 'beside_seconds', native: true, buckets: [1, 2] })
    for (let value = 1; value <= 1_000; value++) {
      alone.record(value / 1_000, { shop: 'größe "1"\n' })
      beside.record(value / 1_000)
    }
    for (const name of ['alone_seconds', 'beside_seconds']) {
      await awaited(`histogram_count(${name})`, (count) => count === 1_000)
      await awaited(`histogram_sum(${name})`, (sum) => Math.abs(sum - 500.5) < 1e-9)
      // The buckets of 160 over three powers of ten are 5 % wide.
      await awaited(`histogram_quantile(0.9, ${name})`, (value) => Math.abs(value - 0.9) < 0.05)
      await awaited(`histogram_quantile(0.1, ${name})`, (value) => Math.abs(value - 0.1) < 0.01)
    }
    const { labels } = await awaited('histogram_count(alone_seconds)', () => true)
    expect(labels).to.include({ shop: 'größe "1"\n', job: 'native' })
  }).timeout(60_000)

  it('sees negative values, zeros, and what is recorded later', async () => {
    const change = metrics.histogram({ name: 'change', native: { scale: 3 } })
    for (const value of [-8, -1, 0, 0, 1, 8]) change.record(value)
    await awaited('histogram_count(change)', (count) => count === 6)
    await awaited('histogram_fraction(-0.5, 0.5, change)', (share) => Math.abs(share - 1 / 3) < 1e-9)
    for (let more = 0; more < 6; more++) change.record(1e6)
    await awaited('histogram_quantile(0.99, change)', (value) => Math.abs(value - 1e6) < 1e5)
  }).timeout(60_000)

  it('has series native, too, that stand behind one without a measurement', async () => {
    const late = metrics.histogram({ name: 'late', native: true, labelNames: ['place'] })
    const first = late.bind({ place: 'a' })
    late.record(1, { place: 'b' })
    await awaited('histogram_count(late{place="a"})', (count) => count === 0)
    await awaited('histogram_count(late{place="b"})', (count) => count === 1)
    first.record(2)
    await awaited('histogram_count(late{place="a"})', (count) => count === 1)
  }).timeout(100_000)

  it('takes pages on which some series of a histogram have coarser buckets than it knows', async () => {
    const wide = metrics.histogram({ name: 'wide', native: { maxBuckets: 4 }, labelNames: ['span'] })
    for (const [span, value] of Object.entries({ a: 1, b: 1e100, c: 2 })) {
      wide.record(value, { span })
      wide.record(1 / value, { span })
    }
    await awaited('histogram_count(wide{span="a"})', (count) => count === 2)
    await awaited('wide_count{span="b"}', (count) => count === 2)
    await awaited('histogram_count(wide{span="c"})', (count) => count === 2)
  }).timeout(100_000)

  it('stores exemplars, with their labels, values and times', async () => {
    const before = Date.now() / 1_000
    const orders = metrics.counter({ name: 'orders_total' })
    const explicit = metrics.histogram({ name: 'charge_seconds', buckets: [1, 2] })
    orders.add(2, {}, { exemplar: { order: 'A-1' } })
    explicit.record(1.5, {}, { exemplar: { order: 'A-2' } })
    for (const [name, order, value] of [
      ['orders_total', 'A-1', '2'],
      ['charge_seconds_bucket', 'A-2', '1.5'],
    ] as const) {
      const exemplar = await until(
        `an exemplar of ${name}`,
        async () => (await prometheus.exemplars(name)).find(({ labels }) => labels.order === order),
        { timeoutMs: 30_000, everyMs: 200 },
      )
      expect(exemplar?.value).to.equal(value)
      expect(exemplar?.timestamp).to.be.within(before - 1, Date.now() / 1_000)
    }
  }).timeout(60_000)
})
