import { expect } from 'chai'
import { createMetrics } from '../../src/init'
import { heapUsedBytes } from '../support/garbage'
import { samplesOf } from '../support/page'

const LIMIT = 2_000
const LABEL_SETS = 1_000_000
const ATTRIBUTE_NAMES = 150_000
/** What the heap may differ by between two collections of garbage for reasons of its own. */
const HEAP_NOISE_BYTES = 4 * 1024 * 1024

describe('A flood of label sets', () => {
  let metrics: ReturnType<typeof createMetrics>

  beforeEach(() => {
    metrics = createMetrics({ exporters: [], http: false, runtime: false, logger: false })
  })
  afterEach(() => metrics.shutdown())

  it('of a million distinct values costs no more memory and page than the first thousands, and no count', async () => {
    const visits = metrics.counter({ name: 'visits_total', labelNames: ['user'] })
    const visit = (user: number) => visits.add(1, { user: `user-${user}` })
    const grown = await growth(
      () => times(0, 2 * LIMIT, visit),
      () => times(2 * LIMIT, LABEL_SETS, visit),
    )
    const samples = await seriesOf('visits_total')
    expect(samples.size).to.equal(LIMIT + 1)
    expect(samples.get('visits_total{otel_metric_overflow="true"}')).to.equal(LABEL_SETS - LIMIT)
    expect(sum(samples)).to.equal(LABEL_SETS)
    expect(await seriesOf('meterkit_overflowed_measurements_total')).to.deep.equal(
      new Map([['meterkit_overflowed_measurements_total{metric="visits_total"}', LABEL_SETS - LIMIT]]),
    )
    expect(grown.pageBytes).to.be.below(20)
    expect(grown.heapBytes).to.be.below(HEAP_NOISE_BYTES)
  })

  it('through handles bound past the limit is bounded too', async () => {
    const visits = metrics.counter({ name: 'visits_total', labelNames: ['user'], cardinalityLimit: 10 })
    const visit = (user: number) => visits.bind({ user }).add()
    const grown = await growth(
      () => times(0, 1_000, visit),
      () => times(1_000, 101_000, visit),
    )
    const samples = await seriesOf('visits_total')
    expect(samples.size).to.equal(11)
    expect(sum(samples)).to.equal(101_000)
    expect(grown.heapBytes).to.be.below(HEAP_NOISE_BYTES)
  })

  it('of distinct OpenTelemetry attribute names is bounded as their values are', async () => {
    const hits = metrics.meterProvider.getMeter('shop').createCounter('hits')
    const hit = (index: number) => hits.add(1, { [`header.${index}`]: 'x' })
    const grown = await growth(
      () => times(0, 2 * LIMIT, hit),
      () => times(2 * LIMIT, ATTRIBUTE_NAMES, hit),
    )
    const samples = await seriesOf('hits_total')
    expect(samples.size).to.equal(LIMIT + 1)
    expect(sum(samples)).to.equal(ATTRIBUTE_NAMES)
    expect(grown.heapBytes).to.be.below(HEAP_NOISE_BYTES)
  })

  it('of distinct OpenTelemetry attribute names that come and go is bounded as well', async () => {
    await metrics.shutdown()
    metrics = createMetrics({ exporters: [], http: false, runtime: false, logger: false, cardinalityLimit: 100 })
    const gauge = metrics.meterProvider.getMeter('shop').createObservableGauge('depth')
    let round = 0
    gauge.addCallback((result) => times(0, 50, (index) => result.observe(1, { [`queue.${round}.${index}`]: 'x' })))
    const collect = async (rounds: number) => {
      for (let again = 0; again < rounds; again++) {
        round++
        await metrics.metricProducer.collect()
      }
    }
    const grown = await growth(
      () => collect(50),
      () => collect(500),
    )
    expect((await seriesOf('depth')).size).to.equal(50)
    expect(grown.heapBytes).to.be.below(HEAP_NOISE_BYTES)
  })

  it('of distinct OpenTelemetry lists leaves the series counting that were there', async () => {
    const hits = metrics.meterProvider.getMeter('shop').createCounter('hits')
    const known = { 'http.request.header.accept': ['text/html', 'image/png'] }
    hits.add(1, known)
    const grown = await growth(
      () => times(0, 2 * LIMIT, (index) => hits.add(1, { 'http.request.header.accept': [`a/${index}`] })),
      () => times(2 * LIMIT, 50_000, (index) => hits.add(1, { 'http.request.header.accept': [`a/${index}`] })),
    )
    hits.add(1, known)
    const samples = await seriesOf('hits_total')
    expect(samples.size).to.equal(LIMIT + 1)
    expect(samples.get('hits_total{http_request_header_accept="[\\"text/html\\",\\"image/png\\"]"}')).to.equal(2)
    expect(sum(samples)).to.equal(50_002)
    expect(grown.heapBytes).to.be.below(HEAP_NOISE_BYTES)
  })

  /** By how much page and heap differ after `flood` from what they were after `prelude`. */
  async function growth(
    prelude: () => unknown,
    flood: () => unknown,
  ): Promise<{ pageBytes: number; heapBytes: number }> {
    await prelude()
    const before = { page: (await metrics.render()).body.length, heap: heapUsedBytes() }
    await flood()
    const page = (await metrics.render()).body.length
    return { pageBytes: page - before.page, heapBytes: heapUsedBytes() - before.heap }
  }

  async function seriesOf(name: string): Promise<Map<string, number>> {
    const { body } = await metrics.render()
    return new Map([...samplesOf(body)].filter(([series]) => series.split('{', 1)[0] === name))
  }
})

function times(from: number, to: number, fn: (index: number) => void): void {
  for (let index = from; index < to; index++) fn(index)
}

function sum(samples: ReadonlyMap<string, number>): number {
  return [...samples.values()].reduce((total, value) => total + value, 0)
}
