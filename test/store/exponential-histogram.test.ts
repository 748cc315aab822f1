import {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import fc from 'fast-check'
import { TestService } from '../support/test-service'

/** What sdk-metrics makes of the values, its own exponential aggregation. */
async function stock(values: readonly number[], maxSize: number): Promise<ExponentialHistogram> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e9 })
  const views = [
    {
      instrumentName: '*',
      aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize } } as const,
    },
  ]
  const provider = new MeterProvider({ readers: [reader], views })
  const histogram = provider.getMeter('stock').createHistogram('h')
  for (const value of values) histogram.record(value)
  await provider.forceFlush()
  const point = exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value as ExponentialHistogram
  await provider.shutdown()
  return point
}

async function ours(service: TestService, name: string): Promise<ExponentialHistogram> {
  const metric = (await service.collect()).find(({ descriptor }) => descriptor.name === name)
  expect(metric?.dataPointType).to.equal(DataPointType.EXPONENTIAL_HISTOGRAM)
  return metric?.dataPoints[0]?.value as ExponentialHistogram
}

/** The whole numbers of the points, which do not depend on the order in which a sum was added up. */
const countsOf = ({ scale, count, zeroCount, positive, negative }: ExponentialHistogram) => ({
  scale,
  count,
  zeroCount,
  positive,
  negative,
})

// Wide enough for a scale at which the logarithms of sdk-metrics are exact enough.
const spread = fc
  .array(fc.oneof(fc.double({ min: 1e-3, max: 1e4, noNaN: true }), fc.constantFrom(0, 1, 2, 4, 0.5, 1e-300, 1e300)), {
    maxLength: 200,
  })
  .map((values) => [0.001, 10_000, ...values])

describe('An exponential histogram', () => {
  it('is what sdk-metrics makes of the same values', async () => {
    await fc.assert(
      fc.asyncProperty(spread, fc.constantFrom(4, 20, 160), async (values, maxBuckets) => {
        const service = new TestService()
        const histogram = service.metrics.histogram({ name: 'h', native: { maxBuckets } })
        const bound = histogram.bind({})
        for (const [place, value] of values.entries()) (place % 2 === 0 ? histogram : bound).record(value)
        const expected = await stock(values, maxBuckets)
        const point = await ours(service, 'h')
        expect(countsOf(point)).to.deep.equal(countsOf(expected))
        expect(point.sum).to.equal(expected.sum)
      }),
      { numRuns: 60 },
    )
  }).timeout(60_000)

  it('has negative values in buckets of their own, and 0 in neither', async () => {
    const service = new TestService()
    const histogram = service.metrics.histogram({ name: 'h', native: { scale: 0 } })
    for (const value of [-4, -3, -1, 0, 0, 1, 3, 4, 4]) histogram.record(value)
    expect(await ours(service, 'h')).to.deep.equal({
      scale: 0,
      count: 9,
      sum: 4,
      zeroCount: 2,
      positive: { offset: -1, bucketCounts: [1, 0, 3] },
      negative: { offset: -1, bucketCounts: [1, 0, 2] },
    })
  })

  it('takes as many buckets as it may have, however far apart the values, and loses no count', async () => {
    const service = new TestService()
    const histogram = service.metrics.histogram({ name: 'h', native: { maxBuckets: 2 } })
    const values = [1e-300, 1e300, 5e-324, Number.MAX_VALUE, 1, 2, 3]
    for (const value of values) histogram.record(value)
    const point = await ours(service, 'h')
    expect(point.positive.bucketCounts.length).to.be.at.most(2)
    expect(point.positive.bucketCounts.reduce((sum, count) => sum + count, 0)).to.equal(values.length)
    expect(point.scale).to.equal(-10)
  })

  it('stands beside explicit buckets of the same recordings', async () => {
    const service = new TestService()
    const histogram = service.metrics.histogram({ name: 'h', native: true, buckets: [1, 10] })
    for (const value of [0.5, 5, 50]) histogram.record(value)
    const point = await ours(service, 'h')
    expect([point.count, point.sum]).to.deep.equal([3, 55.5])
    expect(point.positive.bucketCounts.reduce((sum, count) => sum + count, 0)).to.equal(3)
  })

  it('is the same whatever series come and go beside it', async () => {
    const step = fc.record({
      id: fc.nat(5),
      remove: fc.integer({ max: 9 }).map((chance) => chance === 0),
      isBound: fc.boolean(),
      values: fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(1, 2, 5e-324))),
    })
    // From the fewest to the most there may be.
    const sizes = fc.constantFrom(2, 20, 160, 10_000)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), sizes, async (steps, maxBuckets) => {
        const service = new TestService()
        const histogram = service.metrics.histogram({ name: 'h', native: { maxBuckets }, labelNames: ['id'] })
        const kept = new Map<number, number[]>()
        for (const { id, remove, isBound, values } of steps) {
          if (remove) {
            histogram.remove({ id })
            kept.delete(id)
          }
          // Bound with nothing to record, it would be there all the same.
          const bound = isBound && values.length > 0 ? histogram.bind({ id }) : undefined
          for (const value of values) bound ? bound.record(value) : histogram.record(value, { id })
          if (values.length > 0) kept.set(id, [...(kept.get(id) ?? []), ...values])
        }
        const metric = (await service.collect()).find(({ descriptor }) => descriptor.name === 'h')
        expect(metric?.dataPoints.length ?? 0).to.equal(kept.size)
        for (const { attributes, value } of metric?.dataPoints ?? []) {
          const alone = new TestService()
          const once = alone.metrics.histogram({ name: 'h', native: { maxBuckets } })
          for (const each of kept.get(Number(attributes.id)) ?? []) once.record(each)
          expect(value).to.deep.equal(await ours(alone, 'h'))
        }
      }),
    )
  })

  it('goes on where rows get new numbers', async () => {
    const service = new TestService()
    const histogram = service.metrics.histogram({ name: 'h', native: { maxBuckets: 4 }, labelNames: ['id'] })
    for (let id = 0; id < 300; id++) for (const value of [1, 2, id + 3]) histogram.record(value, { id })
    for (let id = 0; id < 299; id++) histogram.remove({ id })
    const bound = histogram.bind({ id: 299 })
    for (const value of [0.5, 7, 1_000]) histogram.record(value, { id: 299 })
    for (const value of [5e-324, 7]) bound.record(value)
    histogram.record(1, { id: 299 })
    const alone = new TestService()
    const once = alone.metrics.histogram({ name: 'h', native: { maxBuckets: 4 } })
    for (const value of [1, 2, 302, 0.5, 7, 1_000, 5e-324, 7, 1]) once.record(value)
    expect(await ours(service, 'h')).to.deep.equal(await ours(alone, 'h'))
  })

  it('gives what a removed series had to no other', async () => {
    const service = new TestService()
    const histogram = service.metrics.histogram({ name: 'h', native: { scale: 0 }, labelNames: ['id'] })
    for (let id = 0; id < 300; id++) histogram.record(1, { id })
    for (let id = 0; id < 299; id++) histogram.remove({ id })
    histogram.record(8, { id: 'new' })
    const points = (await service.collect()).find(({ descriptor }) => descriptor.name === 'h')?.dataPoints ?? []
    expect(
      points.map(({ attributes, value }) => [attributes.id, (value as ExponentialHistogram).positive]),
    ).to.deep.equal([
      ['299', { offset: -1, bucketCounts: [1] }],
      ['new', { offset: 2, bucketCounts: [1] }],
    ])
    histogram.clear()
    histogram.record(2, { id: 'new' })
    expect((await ours(service, 'h')).positive).to.deep.equal({ offset: 0, bucketCounts: [1] })
  })

  it('turns away what no histogram takes', async () => {
    const service = new TestService()
    const histogram = service.metrics.histogram({ name: 'h', native: true })
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '1' as unknown as number]) histogram.record(value)
    histogram.record(1)
    expect((await ours(service, 'h')).count).to.equal(1)
  })

  for (const kind of ['facade', 'OpenTelemetry'] as const) {
    it(`is what a view makes of any histogram: ${kind}`, async () => {
      const service = new TestService({
        views: [{ instrumentName: 'h', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
      })
      if (kind === 'facade') service.metrics.histogram({ name: 'h', buckets: [1, 2] }).record(3)
      else service.meterProvider.getMeter('library').createHistogram('h').record(3)
      expect((await ours(service, 'h')).count).to.equal(1)
    })
  }

  it('is made explicit by a view', async () => {
    const type = AggregationType.EXPLICIT_BUCKET_HISTOGRAM
    const service = new TestService({
      views: [{ instrumentName: 'h', aggregation: { type, options: { boundaries: [1, 2] } } }],
    })
    service.metrics.histogram({ name: 'h', native: true }).record(3)
    const [metric] = await service.collect()
    const value = metric?.dataPoints[0]?.value as Histogram | undefined
    expect(value?.buckets).to.deep.equal({ boundaries: [1, 2], counts: [0, 0, 1] })
  })

  it('is the same instrument only where it is as native as before', () => {
    const service = new TestService()
    const histogram = service.metrics.histogram({ name: 'h', native: true })
    expect(service.metrics.histogram({ name: 'h', native: { maxBuckets: 160 } })).to.equal(histogram)
    expect(() => service.metrics.histogram({ name: 'h', native: { maxBuckets: 20 } })).to.throw(/definition must be/)
    expect(() => service.metrics.histogram({ name: 'h' })).to.throw(/definition must be/)
  })
})
