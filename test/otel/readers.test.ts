import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  ConsoleMetricExporter,
  InMemoryMetricExporter,
  MeterProvider,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { silentLogger } from '../../src/model/log'
import { JoinedReader } from '../../src/otel/joined-reader'
import { metricsOf, OtelStore, PullReader, pointsNamed } from './harness'
import { periodic, Services } from './services'

describe('metric readers of sdk-metrics', () => {
  const services = new Services()
  const service = services.start

  afterEach(() => services.end())

  const namesOf = ({ scopeMetrics }: ResourceMetrics) =>
    scopeMetrics.flatMap(({ scope, metrics }) => metrics.map(({ descriptor }) => `${scope.name}/${descriptor.name}`))

  it('PeriodicExportingMetricReader exports what both front doors recorded', async () => {
    const { exporter, reader } = periodic()
    const metrics = service({ exporters: [reader] })
    metrics.counter({ name: 'orders_total' }).add(2)
    metrics.meterProvider.getMeter('lib', '1.2').createHistogram('took').record(3)
    await metrics.flush()
    expect(exporter.getMetrics().map(namesOf)).to.deep.equal([['meterkit/orders_total', 'lib/took']])
    const [meterkit, lib] = exporter.getMetrics()[0]?.scopeMetrics ?? []
    expect(meterkit?.scope).to.deep.equal({ name: 'meterkit' })
    expect(lib?.scope).to.deep.equal({ name: 'lib', version: '1.2' })
    expect(pointsNamed(meterkit?.metrics ?? [], 'orders_total')).to.deep.equal([{ attributes: {}, value: 2 }])
  })

  it('get the resource of the service', async () => {
    const reader = new PullReader()
    service({ exporters: [reader], serviceName: 'orders', resource: { 'deployment.environment.name': 'test' } })
    const { resource } = (await reader.collect()).resourceMetrics
    expect(resource.attributes).to.include({
      'service.name': 'orders',
      'deployment.environment.name': 'test',
      'telemetry.sdk.language': 'nodejs',
    })
  })

  it('that select deltas get what was added since they last collected', async () => {
    const { exporter, reader } = periodic(new InMemoryMetricExporter(AggregationTemporality.DELTA))
    const { exporter: other, reader: cumulative } = periodic()
    const metrics = service({ exporters: [reader, cumulative] })
    const counter = metrics.counter({ name: 'orders_total' })
    const histogram = metrics.histogram({ name: 'took', buckets: [1] })
    const level = metrics.upDownCounter({ name: 'level' })
    const values: unknown[] = []
    for (const added of [1, 10, 0]) {
      counter.add(added)
      if (added > 0) histogram.record(added)
      level.add(added)
      await metrics.flush()
      const sent =
        exporter
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap((each) => each.metrics) ?? []
      for (const { descriptor, aggregationTemporality, dataPoints } of sent) {
        const isDelta = descriptor.name !== 'level'
        expect(aggregationTemporality).to.equal(AggregationTemporality[isDelta ? 'DELTA' : 'CUMULATIVE'])
        const value = dataPoints[0]?.value
        values.push([descriptor.name, typeof value === 'object' ? value.sum : value])
      }
    }
    expect(values).to.deep.equal([
      ['orders_total', 1],
      ['took', 1],
      ['level', 1],
      ['orders_total', 10],
      ['took', 10],
      ['level', 11],
      ['level', 11],
    ])
    const sums = other.getMetrics().map(({ scopeMetrics }) => scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value)
    expect(sums, 'others go on having totals').to.deep.equal([1, 11, 11])
  })

  it('a custom MetricReader collects when it likes', async () => {
    const reader = new PullReader()
    const metrics = service({ exporters: [reader] })
    const depth = metrics.meterProvider.getMeter('lib').createObservableGauge('depth')
    let value = 1
    depth.addCallback((result) => result.observe(value))
    expect(pointsNamed(await metricsOf(reader), 'depth')).to.deep.equal([{ attributes: {}, value: 1 }])
    value = 2
    expect(pointsNamed(await metricsOf(reader), 'depth')).to.deep.equal([{ attributes: {}, value: 2 }])
  })

  it('keep their own metric producers beside the store', async () => {
    const other = new PullReader()
    const stock = new MeterProvider({ readers: [other] })
    stock.getMeter('stock').createCounter('a').add(1)
    const reader = new PullReader({ metricProducers: [{ collect: (options) => other.collect(options) }] })
    const metrics = service({ exporters: [reader] })
    metrics.counter({ name: 'b_total' }).add(2)
    expect(namesOf((await reader.collect()).resourceMetrics)).to.deep.equal(['meterkit/b_total', 'stock/a'])
    await stock.shutdown()
  })

  it('get the store beside what the provider that hosts them collects itself', async () => {
    const store = new OtelStore()
    store.meterProvider.getMeter('ours').createCounter('b').add(2)
    const reader = new PullReader()
    const provider = new MeterProvider({ readers: [new JoinedReader(reader, store.producer, silentLogger)] })
    provider.getMeter('stock').createCounter('a').add(1)
    expect(namesOf((await reader.collect()).resourceMetrics)).to.deep.equal(['stock/a', 'ours/b'])
    await provider.shutdown()
  })

  it('are told of callbacks that failed', async () => {
    const reader = new PullReader()
    const metrics = service({ exporters: [reader] })
    metrics.observableGauge({
      name: 'depth',
      callback: () => {
        throw new Error('no depth')
      },
    })
    metrics.counter({ name: 'orders_total' }).add(1)
    const { errors, resourceMetrics } = await reader.collect()
    expect(errors.map(String)).to.deep.equal(['Error: no depth'])
    expect(namesOf(resourceMetrics)).to.include('meterkit/orders_total')
  })

  it('several at once each get everything', async () => {
    const first = periodic()
    const second = periodic()
    const pull = new PullReader()
    const metrics = service({ exporters: [first.reader, second.reader, pull] })
    metrics.meterProvider.getMeter('lib').createCounter('orders').add(5)
    await metrics.flush()
    const fromPull = pointsNamed(await metricsOf(pull), 'orders')
    for (const { exporter } of [first, second]) {
      expect(exporter.getMetrics()).to.have.length(1)
      expect(pointsNamed(exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics ?? [], 'orders')).to.deep.equal(fromPull)
    }
    expect(fromPull).to.deep.equal([{ attributes: {}, value: 5 }])
  })

  it('do not disturb the page: it shows the same numbers', async () => {
    const { exporter, reader } = periodic()
    const metrics = service({ exporters: [reader] })
    metrics.counter({ name: 'orders_total' }).add(5)
    await metrics.flush()
    expect((await metrics.render()).body).to.match(/^orders_total 5$/m)
    expect(exporter.getMetrics()).to.have.length(1)
  })

  it("'console' prints to standard output when the service is flushed", async () => {
    const printed: unknown[] = []
    const { dir } = console
    console.dir = (item: unknown) => void printed.push(item)
    try {
      const metrics = service({ exporters: ['console'] })
      metrics.counter({ name: 'orders_total', labelNames: ['region'] }).add(1, { region: 'eu' })
      await metrics.shutdown()
    } finally {
      console.dir = dir
    }
    expect(printed).to.have.length(1)
    expect(printed[0]).to.have.nested.property('descriptor.name', 'orders_total')
    expect(printed[0]).to.have.nested.property('dataPoints[0].attributes').deep.equal({ region: 'eu' })
  })

  it("'console' prints as often as is said, and may be given less time between than it may take", async () => {
    const { dir } = console
    const printed = new Promise<void>((resolve) => {
      console.dir = () => resolve()
    })
    try {
      const metrics = service({ exporters: ['console'], console: { intervalMs: 10 } })
      metrics.counter({ name: 'orders_total' }).add(1)
      // What exports by itself does not keep the process alive.
      const stay = setInterval(() => undefined, 1_000)
      await printed
      clearInterval(stay)
      await metrics.shutdown()
    } finally {
      console.dir = dir
    }
  })

  describe("metrics.metricProducer in an application's own MeterProvider", () => {
    it('joins what that provider collects, under its resource', async () => {
      const metrics = service({ exporters: [], serviceName: 'ours' })
      metrics.counter({ name: 'orders_total' }).add(1)
      const reader = new PullReader({ metricProducers: [metrics.metricProducer] })
      const provider = new MeterProvider({
        readers: [reader],
        resource: resourceFromAttributes({ 'service.name': 'theirs' }),
      })
      provider.getMeter('stock').createCounter('a').add(1)
      const { resourceMetrics, errors } = await reader.collect()
      expect(errors).to.deep.equal([])
      expect(namesOf(resourceMetrics)).to.deep.equal(['stock/a', 'meterkit/orders_total'])
      expect(resourceMetrics.resource.attributes).to.deep.equal({ 'service.name': 'theirs' })
      await provider.shutdown()
    })

    it('is written by the stock PrometheusExporter', async () => {
      const metrics = service({ exporters: [] })
      metrics.counter({ name: 'orders_total', help: 'Orders', labelNames: ['region'] }).add(3, { region: 'eu' })
      metrics.histogram({ name: 'took_seconds', buckets: [1] }).record(0.5)
      const exporter = new PrometheusExporter({ preventServerStart: true, metricProducers: [metrics.metricProducer] })
      const provider = new MeterProvider({ readers: [exporter] })
      const page = await new Promise<string>((resolve) => {
        const response = { setHeader() {}, end: resolve }
        exporter.getMetricsRequestHandler({} as never, response as never)
      })
      expect(page).to.contain('orders_total{region="eu",otel_scope_name="meterkit"} 3\n')
      expect(page).to.contain('took_seconds_bucket{otel_scope_name="meterkit",le="1"} 1\n')
      await provider.shutdown()
    })

    it('is printed by the stock ConsoleMetricExporter', async () => {
      const metrics = service({ exporters: [] })
      metrics.counter({ name: 'orders_total' }).add(3)
      const printed: unknown[] = []
      const { dir } = console
      console.dir = (item: unknown) => void printed.push(item)
      try {
        const collected = await metrics.metricProducer.collect()
        new ConsoleMetricExporter().export(collected.resourceMetrics, () => {})
      } finally {
        console.dir = dir
      }
      expect(printed).to.have.length(1)
    })
  })
})
