import { mock } from 'node:test'
import { AggregationType } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import type { MetricsOptions } from '../../src/config/options'
import { createMetrics, type MetricsService } from '../../src/init'
import { DefinitionConflictError } from '../../src/model/errors'
import { DeferredFunction } from '../support/deferred'
import { expositionComment, pageOf } from '../support/exposition-comment'
import { samplesOf } from '../support/page'
import { until } from '../support/until'
import { get } from './support'

describe('scrape.metrics', () => {
  let metrics: MetricsService

  afterEach(async () => {
    mock.restoreAll()
    await metrics.shutdown()
  })

  async function start(options: MetricsOptions = {}): Promise<string> {
    metrics = createMetrics({
      serviceName: 'orders',
      http: false,
      runtime: false,
      logger: false,
      prometheus: { host: '127.0.0.1', port: 0 },
      ...options,
    })
    return (await metrics.ready()).url
  }

  /** A page on which a sample has a value. */
  function pageWith(sample: string, value: number): Promise<string> {
    return until(`${sample} ${value}`, async () => {
      const { body } = await metrics.render()
      return samplesOf(body).get(sample) === value ? body : undefined
    })
  }

  const page = (body: string) => pageOf(body, 'meterkit_exposition_') + pageOf(body, 'meterkit_scrape_')

  it('produces the exposition that its comment shows', async () => {
    let nowMs = 0
    mock.method(performance, 'now', () => nowMs)
    const url = await start()
    metrics.observableGauge({
      name: 'queue_depth',
      callback: (result) => {
        nowMs += 2.5
        result.observe(1)
      },
    })
    const { text } = await get(url)
    await get(`${url}?name[]=%`)
    const body = await pageWith('meterkit_scrape_size_bytes_count{format="text"}', 1)
    expect(samplesOf(body).get('meterkit_scrape_size_bytes_sum{format="text"}')).to.equal(Buffer.byteLength(text))
    // Bytes are those of this page and these caches, which are other ones with every change to either.
    const bytes = (lines: string) => lines.replace(/^(meterkit_\w+_bytes(?:_sum)?(?:\{.*\})?) \d+$/gm, '$1 BYTES')
    expect(bytes(page(body))).to.equal(bytes(expositionComment('src/endpoint/scrape.metrics.ts')))
    expect(bytes(page(body)).match(/ BYTES$/gm)).to.have.length(2)
  })

  it('has a series for each format that was asked for, and sizes before compression', async () => {
    const url = await start()
    const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'
    const sizes = new Map<string, number>()
    for (const [format, accept] of [
      ['text', 'text/plain'],
      ['openmetrics', 'application/openmetrics-text'],
      ['protobuf', protobuf],
    ] as const) {
      sizes.set(format, (await get(`${url}?name[]=target_info`, { headers: { accept } })).body.length)
      await get(`${url}?name[]=target_info`, { headers: { accept, 'accept-encoding': 'gzip' } })
      await pageWith(`meterkit_scrape_duration_seconds_count{format="${format}"}`, 2)
    }
    const samples = samplesOf((await metrics.render()).body)
    for (const [format, sizeBytes] of sizes) {
      expect(samples.get(`meterkit_scrape_size_bytes_sum{format="${format}"}`), format).to.equal(2 * sizeBytes)
    }
  })

  it('counts collections that took longer than the scraper waits', async () => {
    const url = await start()
    const reading = new DeferredFunction<void>()
    metrics.observableGauge({ name: 'slow', callback: () => (reading.calls === 0 ? reading.call() : undefined) })
    const patient = get(url)
    await until('the collection', () => (reading.calls > 0 ? true : undefined))
    const hasty = await get(url, { headers: { 'x-prometheus-scrape-timeout-seconds': '0.1' } })
    reading.resolve()
    expect([hasty.status, (await patient).status]).to.deep.equal([503, 200])
    await pageWith('meterkit_scrape_errors_total{reason="deadline"}', 1)
    expect((await metrics.render()).body).to.contain('meterkit_scrape_errors_total{reason="collection"} 0\n')
  })

  it('tells what is kept from page to page', async () => {
    const url = await start()
    const gauge = metrics.gauge({ name: 'level', labelNames: ['id'], cardinalityLimit: 10_000 })
    const held = async () => {
      await get(url)
      return samplesOf((await metrics.render()).body).get('meterkit_exposition_cache_bytes') ?? 0
    }
    const before = await held()
    for (let id = 0; id < 10_000; id++) gauge.set(1, { id: `an id of some length ${id}` })
    const after = await held()
    // The text of each, where it is, and the row's place in the order.
    expect(after - before).to.be.within(10_000 * 25, 10_000 * 80)
    expect(await held()).to.equal(after)
  })

  it('tells what is kept where each series has labels of its own, for each way to escape their names', async () => {
    const SERIES = 2_000
    const url = await start({
      prometheus: { port: 0, translationStrategy: 'NoTranslation' },
    })
    const counter = metrics.meterProvider.getMeter('lib').createCounter('jobs')
    for (let id = 0; id < SERIES; id++) counter.add(1, { [`attribute.${id}`]: 'x', kind: 'y' })
    const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'
    const pages = (escaping: string) =>
      ['text/plain;version=1.0.0', protobuf].map((type) => ({ headers: { accept: `${type};escaping=${escaping}` } }))
    const held = async () => {
      const { body } = await metrics.render('text/plain;version=1.0.0;escaping=underscores')
      return samplesOf(body).get('meterkit_exposition_cache_bytes') ?? 0
    }
    for (const escaping of ['underscores', 'allow-utf-8', 'dots', 'values']) {
      for (const page of pages(escaping)) await get(url, page)
    }
    const reported = await held()
    // Four ways to escape, in two kinds of formats: so much do the few objects of each take by themselves.
    expect(reported / (SERIES * 4 * 2)).to.be.within(1_000, 2_000)
    counter.add(1, { kind: 'z' })
    expect(await held()).to.be.within(reported, 1.01 * reported)
  })

  it('goes without where that is wanted, and its names are free then', async () => {
    const url = await start({ selfMetrics: false })
    await get(url)
    expect((await metrics.render()).body).not.to.contain('meterkit_')
    metrics.gauge({ name: 'meterkit_series' }).set(1)
  })

  it('keeps its names, those of its samples included', async () => {
    await start()
    for (const name of ['meterkit_series', 'meterkit_scrape_errors_total', 'meterkit_scrape_duration_seconds_count']) {
      expect(() => metrics.gauge({ name })).to.throw(DefinitionConflictError, 'which meterkit makes itself')
    }
  })

  it('stands under views and constant labels as any metric, and its own labels win', async () => {
    const url = await start({
      constantLabels: { zone: 'a', format: 'mine', reason: 'mine', metric: 'mine' },
      views: [{ instrumentName: 'meterkit_scrape_size_bytes', aggregation: { type: AggregationType.DROP } }],
    })
    await get(url)
    const body = await pageWith(
      'meterkit_scrape_duration_seconds_count{format="text",metric="mine",reason="mine",zone="a"}',
      1,
    )
    expect(body).not.to.contain('meterkit_scrape_size_bytes')
    expect(body).to.contain('meterkit_scrape_errors_total{zone="a",format="mine",metric="mine",reason="page"} 0\n')
    const labels = [...body.matchAll(/\{(.*)\}/g)].map(([, text = '']) =>
      [...text.matchAll(/(\w+)="/g)].map(([, name]) => name),
    )
    for (const names of labels) expect(new Set(names).size).to.equal(names.length)
  })
})
