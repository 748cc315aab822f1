import { context, TraceFlags, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'
import { type Prometheus, startPrometheus } from '../e2e/prometheus'
import { describeEachPrometheus } from '../e2e/prometheus-versions'

describeEachPrometheus('Remote write', ({ command }) => {
  let prometheus: Prometheus
  let metrics: MetricsService
  before(async function () {
    this.timeout(20_000)
    const options = ['--web.enable-remote-write-receiver', '--enable-feature=exemplar-storage']
    prometheus = await startPrometheus('{}', options, command)
  })
  after(() => prometheus?.stop())
  beforeEach(function () {
    this.timeout(20_000)
    metrics = createMetrics({
      serviceName: 'nightly',
      exporters: [],
      push: { to: 'remote-write', url: `${prometheus.url}/api/v1/write`, groupingKey: { instance: 'a' } },
      constantLabels: { zone: 'z1' },
      cardinalityLimit: 10_000,
      exemplars: 'always_on',
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
    context.with(trace.setSpanContext(context.active(), spanContext), () => {
      counter.add(2)
      histogram.record(5)
    })
    context.disable()
    await metrics.push()
    const ids = async (expression: string) =>
      (await prometheus.exemplars(expression)).map(({ labels, value }) => `${labels.trace_id} ${value}`)
    expect(await ids('traced_total')).to.deep.equal([`${traceId} 2`])
    expect(await ids('traced_seconds_bucket')).to.deep.equal([`${traceId} 5`])
  })
})
