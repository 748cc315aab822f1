import { ValueType } from '@opentelemetry/api'
import {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  type ExponentialHistogram,
  MeterProvider,
  type MetricData,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import * as fc from 'fast-check'
import { ExpositionReader } from '../../src/endpoint/exposition-reader'
import { PROTOBUF } from '../../src/exposition/format'
import { silentLogger } from '../../src/model/log'
import { ExpositionHouse } from '../support/exposition-house'
import { describeWithPeerParser } from '../support/peer-parser'
import { nativeBuckets, parseProtobuf } from '../support/protobuf-page'

const readerOptions = { preventServerStart: true, withoutTargetInfo: true, log: silentLogger }

/** A page on which one exponential histogram `h` of the stock SDK has these measurements, by series. */
async function pageOf(series: Readonly<Record<string, readonly number[]>>, maxSize = 160): Promise<string> {
  const { histogram, reader, provider } = stock(maxSize)
  for (const [a, values] of Object.entries(series)) for (const value of values) histogram.record(value, { a })
  const { body } = await reader.render()
  await provider.shutdown()
  return body
}

function stock(maxSize = 160) {
  const reader = new ExpositionReader(readerOptions)
  const provider = new MeterProvider({
    readers: [reader],
    views: [
      { instrumentName: 'h', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize } } },
    ],
  })
  return { histogram: provider.getMeter('stock').createHistogram('h'), reader, provider }
}

interface Shown {
  readonly buckets: readonly (readonly [bound: number, count: number])[]
  readonly sum: number
  readonly count: number
}

function shownOf(page: string, a: string): Shown {
  const sample = (name: string) => Number(new RegExp(`^${name}\\{a="${a}"\\} (\\S+)$`, 'm').exec(page)?.[1])
  const buckets = [...page.matchAll(new RegExp(`^h_bucket\\{a="${a}",le="(\\S+)"\\} (\\d+)$`, 'gm'))].map(
    ([, bound, count]) => [Number(bound?.replace('+Inf', 'Infinity')), Number(count)] as const,
  )
  return { buckets, sum: sample('h_sum'), count: sample('h_count') }
}

/** One point as a producer hands it over. */
function imported(values: readonly Partial<ExponentialHistogram>[]): ScopeMetrics[] {
  const metric: MetricData = {
    descriptor: { name: 'h', description: '', unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
    dataPoints: values.map((value, index) => ({
      startTime: [1_700_000_000, 500_000_000],
      endTime: [1_700_000_001, 0],
      attributes: { a: String(index) },
      value: {
        count: 0,
        scale: 0,
        zeroCount: 0,
        positive: { offset: 0, bucketCounts: [] },
        negative: { offset: 0, bucketCounts: [] },
        ...value,
      },
    })),
  }
  return [{ scope: { name: 'stock' }, metrics: [metric] }]
}

function houseWith(values: readonly Partial<ExponentialHistogram>[]): ExpositionHouse {
  const house = new ExpositionHouse()
  house.imported.push(...imported(values))
  return house
}

describe('exposition: exponential histograms that others collected', () => {
  it('have the same bounds on every page, whatever their buckets are, and exact counts', async () => {
    const { histogram, reader, provider } = stock()
    const given: number[] = []
    const bounds = new Set<string>()
    for (const values of [
      [0, 1, 1.5, 2, 3],
      [4, 4, 1_000],
      [1e-9, 1e9],
    ]) {
      for (const value of values) histogram.record(value, { a: 'x' })
      given.push(...values)
      const { buckets, sum, count } = shownOf((await reader.render()).body, 'x')
      bounds.add(buckets.map(([bound]) => bound).join())
      for (const [bound, upTo] of buckets) {
        expect(upTo, `up to ${bound}`).to.equal(given.filter((value) => value <= bound).length)
      }
      expect({ sum, count }).to.deep.equal({ sum: given.reduce((a, b) => a + b), count: given.length })
    }
    expect(bounds.size).to.equal(1)
    await provider.shutdown()
  })

  it('are native in protobuf, as they came, with the time when they began', async () => {
    const house = houseWith([
      {
        scale: 3,
        zeroCount: 5,
        negative: { offset: 8, bucketCounts: [1, 2] },
        positive: { offset: -1, bucketCounts: [4] },
        sum: -6.5,
        count: 12,
      },
      { scale: 20, positive: { offset: 2 ** 20, bucketCounts: [7] }, sum: 14, count: 7 },
      { scale: -5, positive: { offset: 0, bucketCounts: [7] }, sum: 14, count: 7 },
    ])
    const families = parseProtobuf(await house.page(PROTOBUF))
    const [mixed, fine, coarse] = families.flatMap(({ metric = [] }) => metric.map(({ histogram }) => histogram))
    expect(mixed).to.deep.include({ schema: 3, zeroCount: 5, sampleCount: 12, sampleSum: -6.5 })
    expect(mixed?.createdTimestamp).to.deep.equal({ seconds: 1_700_000_000, nanos: 500_000_000 })
    expect(mixed?.bucket).to.equal(undefined)
    expect(nativeBuckets(mixed?.negativeSpan, mixed?.negativeDelta)).to.deep.equal([
      [9, 1],
      [10, 2],
    ])
    expect(nativeBuckets(mixed?.positiveSpan, mixed?.positiveDelta)).to.deep.equal([[0, 4]])
    expect(fine?.schema).to.equal(8)
    expect(nativeBuckets(fine?.positiveSpan, fine?.positiveDelta)).to.deep.equal([[257, 7]])
    // Prometheus has no buckets as coarse as these.
    expect(coarse?.schema).to.equal(undefined)
    expect(coarse?.bucket).to.have.length(21)
  })

  it('have exact counts whatever was measured', async () => {
    const value = fc.oneof(
      fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -1074, max: 1023 }).map((power) => 2 ** power),
      fc.nat(1_000),
    )
    const values = fc.array(value, { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(values, values, async (x, y) => {
        // So many that no bucket reaches over a power of two.
        const page = await pageOf({ x, y }, 3_000)
        for (const [name, given] of [
          ['x', x],
          ['y', y],
        ] as const) {
          const { buckets, count } = shownOf(page, name)
          for (const [bound, upTo] of buckets) {
            expect(upTo, `${name} up to ${bound}`).to.equal(given.filter((each) => each <= bound).length)
          }
          expect(buckets.at(-1)).to.deep.equal([Number.POSITIVE_INFINITY, given.length])
          expect(count).to.equal(given.length)
        }
      }),
      { numRuns: 60 },
    )
  }).timeout(60_000)

  it('count what is 0 or negative in the first bucket', async () => {
    const negative = { offset: 0, bucketCounts: [1, 2] }
    const house = houseWith([
      { zeroCount: 5, negative, positive: { offset: -1, bucketCounts: [4] }, sum: -6, count: 12 },
    ])
    const { buckets } = shownOf(await house.text(), '0')
    expect(buckets[0]).to.deep.equal([2 ** -10, 8])
    expect(buckets.find(([bound]) => bound === 1)).to.deep.equal([1, 12])
  })

  it('have the largest numbers in the closing bucket, which is there once', async () => {
    const page = await pageOf({ x: [Number.MAX_VALUE, 1] }, 2)
    expect(page.match(/le="\+Inf"/g)).to.have.length(1)
    expect(shownOf(page, 'x').buckets.at(-1)).to.deep.equal([Number.POSITIVE_INFINITY, 2])
  })

  it('may be empty, and of any number of points', async () => {
    const page = await houseWith(Array.from({ length: 20_000 }, () => ({}))).text()
    expect(page.match(/^h_count/gm)).to.have.length(20_000)
    expect(page.match(/le="\+Inf"/g)).to.have.length(20_000)
  })

  it('without a sum have none on the page', async () => {
    const house = houseWith([{ positive: { offset: 0, bucketCounts: [1] }, count: 1 }])
    expect(await house.text()).to.match(/\} 1\nh_count\{a="0"\} 1\n$/)
    expect(await house.openMetrics()).not.to.match(/h_(sum|count)/)
  })
})

describeWithPeerParser('exposition: exponential histograms that others collected, in OpenMetrics', (parser) => {
  it('are valid, negative buckets included', async () => {
    const house = houseWith([
      { scale: 3, zeroCount: 1, positive: { offset: -20, bucketCounts: [1, 0, 2] }, sum: 3, count: 4 },
      { scale: 0, negative: { offset: 3, bucketCounts: [1, 2] }, sum: -30, count: 3 },
    ])
    const [family] = await parser().parse('openmetrics', await house.openMetrics())
    expect(family?.type).to.equal('histogram')
    // A sum that is negative has no place in OpenMetrics, nor has the count without it.
    expect(family?.samples.filter(({ name }) => name !== 'h_bucket').map(({ name }) => name)).to.have.members([
      'h_sum',
      'h_count',
    ])
  })
})
