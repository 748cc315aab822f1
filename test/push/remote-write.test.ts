import { setTimeout } from 'node:timers/promises'
import { context, TraceFlags, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { AggregationType } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'
import { type Prometheus, startPrometheus } from '../e2e/prometheus'
import { describeEachPrometheus } from '../e2e/prometheus-versions'

describeEachPrometheus('Remote write', ({ command }) => {
  let prometheus: Prometheus
  let metrics: MetricsService
  before(async function () {
    this.timeout(60_000)
    const options = ['--web.enable-remote-write-receiver', '--enable-feature=exemplar-storage,native-histograms']
    prometheus = await startPrometheus('{}', options, command)
  })
  after(() => prometheus?.stop())
  beforeEach(function () {
    this.timeout(60_000)
    metrics = createMetrics({
      serviceName: 'nightly',
      exporters: [],
      push: { to: 'remote-write', url: `${prometheus.url}/api/v1/write`, groupingKey: { instance: 'a' } },
      constantLabels: { zone: 'z1' },
      cardinalityLimit: 10_000,
      exemplars: 'always_on',
      views: [{ instrumentName: 'joined', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
      http: false,
      runtime: false,
      logger: false,
    })
  })
  afterEach(() => metrics.shutdown())

  const values = async (expression: string) =>
    Object.fromEntries(
      (await prometheus.query(expression)).map(({ labels: { __name__, job, instance, zone, ...labels }, value }) => {
        expect({ job, instance, zone }).to.deep.equal({ job: 'nightly', instance: 'a', zone: 'z1' })
        return [Object.values(labels).join(), value]
      }),
    )

  it('stores the totals of what was counted, of every kind of metric', async () => {
    const labelNames = ['region'] as const
    const counter = metrics.counter({ name: 'rows_total', help: 'Rows', labelNames })
    const gauge = metrics.gauge({ name: 'depth', labelNames })
    const explicit = metrics.histogram({ name: 'row_seconds', labelNames, buckets: [1, 10] })
    const native = metrics.histogram({ name: 'native_seconds', labelNames, native: true })
    const foreign = metrics.meterProvider.getMeter('library').createCounter('library.calls', { unit: 'By' })
    for (const [value, region] of [
      [3, 'eu'],
      [20, 'ünï "q"\n/'],
      [0.5, 'eu'],
      [1e21, ''],
    ] as const) {
      counter.add(value, { region })
      gauge.set(-value, { region })
      explicit.record(value, { region })
      native.record(value, { region })
      foreign.add(value, { 'cloud.region': region, region: 1 })
      await metrics.push()
    }
    const strange = 'ünï "q"\n/'
    expect(await values('rows_total')).to.deep.equal({ eu: 3.5, [strange]: 20, '': 1e21 })
    expect(await values('depth')).to.deep.equal({ eu: -0.5, [strange]: -20, '': -1e21 })
    expect(await values('row_seconds_count')).to.deep.equal({ eu: 2, [strange]: 1, '': 1 })
    expect(await values('row_seconds_sum')).to.deep.equal({ eu: 3.5, [strange]: 20, '': 1e21 })
    expect(await values('row_seconds_bucket{region="eu"}')).to.deep.equal({ '1,eu': 1, '10,eu': 2, '+Inf,eu': 2 })
    expect(await values('native_seconds_count')).to.deep.equal({ eu: 2, [strange]: 1, '': 1 })
    expect(await values('native_seconds_bucket{region="eu",le=~"0.5|2|4"}')).to.deep.equal({
      '0.5,eu': 1,
      '2,eu': 1,
      '4,eu': 2,
    })
    expect(await values('library_calls_bytes_total')).to.deep.equal({ 'eu,1': 3.5, [`${strange},1`]: 20, '1': 1e21 })
    expect((await prometheus.query('target_info')).map(({ labels }) => labels.service_name)).to.deep.equal(['nightly'])
  })

  it('stores labels of the names that the group has under others, as a scrape does', async () => {
    const counter = metrics.counter({ name: 'taken_total', labelNames: ['instance', 'job', 'exported_job'] })
    counter.add(1, { instance: 'own', job: 'x', exported_job: 'y' })
    counter.add(2, { instance: 'other', job: 'x', exported_job: 'y' })
    await metrics.push()
    const stored = await prometheus.query('taken_total')
    expect(stored.map(({ labels: { __name__, ...labels }, value }) => ({ labels, value }))).to.have.deep.members(
      [['own', 1] as const, ['other', 2] as const].map(([own, value]) => ({
        labels: {
          ...{ instance: 'a', exported_instance: own, zone: 'z1' },
          ...{ job: 'nightly', exported_job: 'y', exported_exported_job: 'x' },
        },
        value,
      })),
    )
  })

  it('stores as many series as there are, in several requests', async () => {
    const counter = metrics.counter({ name: 'many_total', labelNames: ['n'] })
    for (let n = 0; n < 5_000; n++) counter.add(n, { n })
    await metrics.push()
    expect(Object.values(await values('sum by (job, instance, zone) (many_total)'))).to.deep.equal([12_497_500])
    expect(Object.values(await values('count by (job, instance, zone) (many_total)'))).to.deep.equal([5_000])
  })

  it('stores native histograms where they are asked for, beside explicit ones where there are both', async () => {
    const nativeHistograms = true
    const alone = metrics.histogram({ name: 'alone_seconds', native: true, labelNames: ['region'] })
    const beside = metrics.histogram({ name: 'beside_seconds', native: true, buckets: [1] })
    const few = metrics.histogram({ name: 'few', native: { scale: 2 } })
    metrics.histogram({ name: 'none_seconds', native: true })
    metrics.histogram({ name: 'coarse', native: { scale: -5 } }).record(3)
    for (let value = 1; value <= 1_000; value++) {
      alone.record(value / 1_000, { region: 'ünï "q"\n/' })
      beside.record(value / 500)
    }
    for (const value of [-8, -1, 0, 0, 1, 8, 1e6]) few.record(value)
    // Two series in the store, which read the same.
    const joined = metrics.meterProvider.getMeter('m').createHistogram('joined')
    joined.record(1, { shard: 1 })
    joined.record(1_000, { shard: '1' })
    await metrics.push({ nativeHistograms })
    const one = async (expression: string) => Object.values(await values(expression))[0]
    for (const [expression, value] of [
      ['histogram_count(alone_seconds)', 1_000],
      ['histogram_sum(alone_seconds)', 500.5],
      ['histogram_quantile(0.9, alone_seconds)', 0.9],
      ['histogram_count(beside_seconds)', 1_000],
      ['histogram_quantile(0.5, beside_seconds)', 1],
      ['histogram_count(few)', 7],
      ['histogram_sum(few)', 1e6],
      ['histogram_fraction(-0.5, 0.5, few) * 7', 2],
      ['histogram_fraction(-10, -0.5, few) * 7', 2],
      ['histogram_count(none_seconds)', 0],
      ['histogram_count(joined)', 2],
      ['histogram_quantile(1, joined)', 1_000],
    ] as const) {
      expect(await one(expression), expression).to.be.approximately(value, 0.03 * value + 1e-6)
    }
    expect(await values('beside_seconds_bucket')).to.deep.equal({ '1': 500, '+Inf': 1_000 })
    expect(await values('{__name__=~"(alone_seconds|few|none_seconds)_.*"}')).to.deep.equal({})
    // Prometheus has none as coarse as that.
    expect(await values('coarse_count')).to.deep.equal({ '': 1 })
    beside.record(0.5)
    await metrics.push({ nativeHistograms })
    expect(await one('histogram_count(beside_seconds)')).to.equal(1_001)
    await metrics.push({ nativeHistograms, action: 'delete' })
    expect(await values('histogram_count(alone_seconds)')).to.deep.equal({})
  })

  it('ends the series, so that they are not shown for another five minutes', async () => {
    const gauge = metrics.gauge({ name: 'ends', labelNames: ['n'] })
    gauge.set(1, { n: 1 })
    await metrics.push()
    expect(await values('ends')).to.deep.equal({ 1: 1 })
    await metrics.push({ action: 'delete' })
    expect(await values('ends')).to.deep.equal({})
    await metrics.push()
    expect(await values('ends')).to.deep.equal({ 1: 1 })
  })

  it('stores exemplars', async () => {
    const manager = new AsyncLocalStorageContextManager()
    context.setGlobalContextManager(manager.enable())
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const spanContext = { traceId, spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED }
    const counter = metrics.counter({ name: 'traced_total' })
    const histogram = metrics.histogram({ name: 'traced_seconds', buckets: [1] })
    const native = metrics.histogram({ name: 'native_traced_seconds', native: true })
    context.with(trace.setSpanContext(context.active(), spanContext), () => {
      counter.add(2)
      histogram.record(5)
      native.record(50)
    })
    // This Prometheus may have only one exemplar of a series at one time.
    await setTimeout(5)
    context.with(trace.setSpanContext(context.active(), spanContext), () => native.record(0.5))
    context.disable()
    await metrics.push()
    const ids = async (expression: string) =>
      (await prometheus.exemplars(expression)).map(({ labels, value }) => `${labels.trace_id} ${value}`)
    expect(await ids('traced_total')).to.deep.equal([`${traceId} 2`])
    expect(await ids('traced_seconds_bucket')).to.deep.equal([`${traceId} 5`])
    // Prometheus takes exemplars of a native histogram only where it has the series already.
    for (let time = 1; time <= 2; time++) await metrics.push({ nativeHistograms: true })
    expect(await ids('native_traced_seconds')).to.have.members([`${traceId} 50`, `${traceId} 0.5`])
  })
})
