import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AggregationType, type CollectionResult, type MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { DeferredFunction, settled } from '../support/deferred'
import { lines } from '../support/exposition-house'
import { gaugeMetrics, rejectionOf, resultOf, stock } from './stock-provider'
import { get } from './support'

/** A producer whose collections the test ends. */
function deferredProducer(): { producer: MetricProducer; collections: DeferredFunction<CollectionResult> } {
  const collections = new DeferredFunction<CollectionResult>()
  return { producer: { collect: collections.call }, collections }
}

describe('endpoint: ExpositionReader in a stock MeterProvider', () => {
  it('is a PrometheusExporter, which is a MetricReader', () => {
    const { reader } = stock()
    expect(reader).to.be.instanceOf(PrometheusExporter)
    expect(reader).to.be.instanceOf(MetricReader)
  })

  it('shows stock instruments of all kinds', async () => {
    const { reader, meter } = stock()
    meter.createCounter('bus.events', { description: 'Events' }).add(2, { 'bus.name': 'orders' })
    meter.createUpDownCounter('queue.length').add(-1)
    meter.createGauge('warmth', { unit: 'Cel' }).record(1.5)
    const histogram = meter.createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [1, 2] } })
    for (const value of [0.5, 1, 1.5, 9]) histogram.record(value)
    meter.createObservableCounter('read', { unit: 'By' }).addCallback((result) => result.observe(5))
    meter.createObservableUpDownCounter('balance').addCallback((result) => result.observe(-6))
    meter.createObservableGauge('level').addCallback((result) => result.observe(7, { tank: 1 }))
    expect((await reader.render()).body).to.equal(
      lines(
        '# HELP target_info Target metadata',
        '# TYPE target_info gauge',
        'target_info{service_name="stock"} 1',
        '# TYPE balance gauge',
        'balance -6',
        '# HELP bus_events_total Events',
        '# TYPE bus_events_total counter',
        'bus_events_total{bus_name="orders"} 2',
        '# TYPE level gauge',
        'level{tank="1"} 7',
        '# TYPE queue_length gauge',
        'queue_length -1',
        '# TYPE read_bytes_total counter',
        'read_bytes_total 5',
        '# TYPE wait_seconds histogram',
        'wait_seconds_bucket{le="1"} 2',
        'wait_seconds_bucket{le="2"} 3',
        'wait_seconds_bucket{le="+Inf"} 4',
        'wait_seconds_sum 12',
        'wait_seconds_count 4',
        '# TYPE warmth_celsius gauge',
        'warmth_celsius 1.5',
      ),
    )
  })

  it('shows exponential histograms, with explicit buckets', async () => {
    const views = [{ instrumentName: '*', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }] as const
    const { reader, provider } = stock({ withoutTargetInfo: true }, { views: [...views] })
    const histogram = provider.getMeter('library').createHistogram('size', { unit: 'By' })
    for (const value of [0, 1, 2, 3, 4, 16]) histogram.record(value)
    const { body } = await reader.render()
    expect(body).to.match(/^# TYPE size_bytes histogram\nsize_bytes_bucket\{le="0.0009765625"\} 1\n/)
    for (const line of ['bucket{le="1"} 2', 'bucket{le="4"} 5', 'bucket{le="16"} 6', 'sum 26', 'count 6']) {
      expect(body).to.contain(`\nsize_bytes_${line}\n`)
    }
  })

  it('counts on from page to page', async () => {
    const { reader, meter } = stock({ withoutTargetInfo: true })
    const counter = meter.createCounter('c')
    counter.add(1)
    expect((await reader.render()).body).to.contain('c_total 1\n')
    counter.add(1)
    expect((await reader.render()).body).to.contain('c_total 2\n')
    expect((await reader.render()).body).to.contain('c_total 2\n')
  })

  it('negotiates what it renders', async () => {
    const { reader } = stock()
    expect((await reader.render()).contentType).to.equal('text/plain; version=0.0.4; charset=utf-8')
    const { contentType, body } = await reader.render('application/openmetrics-text')
    expect(contentType).to.equal('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(body).to.equal(
      '# TYPE target info\n# HELP target Target metadata\ntarget_info{service_name="stock"} 1\n# EOF\n',
    )
  })

  it('leaves out what the stock SDK let happen to a counter, so that the page is valid', async () => {
    const { reader, meter } = stock({ withoutTargetInfo: true })
    const counter = meter.createCounter('c')
    counter.add(Number.NaN, { a: 'poisoned' })
    counter.add(1, { a: 'well' })
    expect((await reader.render()).body).to.equal(lines('# TYPE c_total counter', 'c_total{a="well"} 1'))
  })

  it('waits for attributes of the resource that are still on their way', async () => {
    let tell: (value: string) => void = () => undefined
    const name = new Promise<string>((resolve) => {
      tell = resolve
    })
    const { reader } = stock({}, { resource: resourceFromAttributes({ 'host.name': name }) })
    const page = reader.render()
    await settled()
    tell('known')
    expect((await page).body).to.contain('target_info{host_name="known"} 1\n')
  })

  it('writes a long page in turns with the application, rendered or served', async () => {
    const { reader, meter } = stock()
    const gauge = meter.createGauge('g')
    // Some 20 chunks of 64 KiB.
    for (let id = 0; id < 1_300; id++) gauge.record(id, { id: `${'x'.repeat(1_000)}${id}` })
    const { url } = await reader.listen()
    const { now } = performance
    let turns = 0
    let other = setImmediate(function again() {
      turns++
      other = setImmediate(again)
    })
    try {
      // Each look at the clock finds that a whole turn has passed.
      let nowMs = now.call(performance)
      performance.now = () => {
        nowMs += 5
        return nowMs
      }
      await reader.render()
      expect(turns).to.be.at.least(20)
      turns = 0
      await get(url)
      expect(turns).to.be.at.least(20)
    } finally {
      performance.now = now
      clearImmediate(other)
      await reader.stopServer()
    }
  })

  it('puts constant labels on every series', async () => {
    const { reader, meter } = stock({ withoutTargetInfo: true, constantLabels: new Map([['env', 'test']]) })
    meter.createCounter('c').add(1, { a: 'b' })
    expect((await reader.render()).body).to.contain('c_total{env="test",a="b"} 1\n')
  })

  it('says of metrics that conflict once, though they are made anew for each page', async () => {
    const { reader, provider, logged } = stock()
    provider.getMeter('one').createGauge('size').record(1)
    provider.getMeter('two').createCounter('size_total').add(1)
    provider.getMeter('three').createGauge('size.total').record(1)
    for (let pages = 0; pages < 3; pages++) await reader.render()
    expect(logged).to.deep.equal([
      'left "size.total" of "three" out of the page: "size_total" is a gauge, but the first metric of that name is a counter. Rename one of them with a view.',
    ])
  })

  it('says of a callback that throws at each page once, and shows the rest', async () => {
    const { reader, meter, logged } = stock({ withoutTargetInfo: true })
    meter.createObservableGauge('broken').addCallback(() => {
      throw new Error('no reading')
    })
    meter.createCounter('c').add(1)
    for (let pages = 0; pages < 3; pages++)
      expect((await reader.render()).body).to.equal(lines('# TYPE c_total counter', 'c_total 1'))
    expect(logged).to.deep.equal(['a metric could not be collected: no reading'])
  })
})

describe('endpoint: metricProducers of ExpositionReader', () => {
  it('are shown beside the metrics of the provider', async () => {
    const { reader, meter } = stock({
      withoutTargetInfo: true,
      metricProducers: [{ collect: async () => resultOf(gaugeMetrics('made.elsewhere', 3)) }],
    })
    meter.createCounter('c').add(1)
    expect((await reader.render()).body).to.equal(
      lines(
        '# TYPE c_total counter',
        'c_total 1',
        '# HELP made_elsewhere From a producer',
        '# TYPE made_elsewhere gauge',
        'made_elsewhere{a="b"} 3',
      ),
    )
  })

  it('that reject make render reject with their reason, and the next page is well again', async () => {
    const { producer, collections } = deferredProducer()
    const { reader } = stock({ metricProducers: [producer] })
    const failing = reader.render()
    await settled()
    collections.reject(new Error('out of reach'))
    expect((await rejectionOf(failing)).message).to.equal('out of reach')
    const working = reader.render()
    await settled()
    collections.resolve(resultOf())
    expect((await working).body).to.contain('target_info')
  })

  it('that do not come back make render reject at the deadline, and are asked anew for the next page', async () => {
    const { producer, collections } = deferredProducer()
    const { reader } = stock({ metricProducers: [producer], timeoutMs: 300 })
    expect((await rejectionOf(reader.render())).message).to.equal('the deadline of 300 ms passed')
    const working = reader.render()
    await settled()
    expect(collections.calls).to.equal(2)
    collections.resolve(resultOf())
    collections.resolve(resultOf(gaugeMetrics('late', 1)))
    expect((await working).body).to.contain('late{a="b"} 1\n')
  })

  it('are asked once for all pages that are wanted at the same time', async () => {
    const { producer, collections } = deferredProducer()
    const { reader } = stock({ metricProducers: [producer] })
    const pages = [reader.render(), reader.render('application/openmetrics-text'), reader.render()]
    await settled()
    expect(collections.calls).to.equal(1)
    collections.resolve(resultOf(gaugeMetrics('shared', 1)))
    for (const { body } of await Promise.all(pages)) expect(body).to.contain('shared{a="b"} 1\n')
    const next = reader.render()
    await settled()
    expect(collections.calls).to.equal(2)
    collections.resolve(resultOf())
    await next
  })
})
