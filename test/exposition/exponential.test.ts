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
import { silentLogger } from '../../src/model/log'
import { ExpositionHouse } from '../support/exposition-house'
import { describeWithPeerParser } from '../support/peer-parser'

const readerOptions = { preventServerStart: true, withoutTargetInfo: true, log: silentLogger }

/** A page on which one exponential histogram `h` of the stock SDK has these measurements, by series. */
async function pageOf(series: Readonly<Record<string, readonly number[]>>, maxSize = 160): Promise<string> {
  const reader = new ExpositionReader(readerOptions)
  const provider = new MeterProvider({
    readers: [reader],
    views: [
      { instrumentName: 'h', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize } } },
    ],
  })
  const histogram = provider.getMeter('stock').createHistogram('h')
  for (const [a, values] of Object.entries(series)) for (const value of values) histogram.record(value, { a })
  const { body } = await reader.render()
  await provider.shutdown()
  return body
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
      startTime: [0, 0],
      endTime: [0, 0],
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

async function pageWith(values: readonly Partial<ExponentialHistogram>[]): Promise<string> {
  const house = new ExpositionHouse()
  house.imported.push(...imported(values))
  return house.text()
}

describe('exposition: exponential histograms', () => {
  it('have the bounds of their own buckets, and exact counts', async () => {
    const { buckets, sum, count } = shownOf(await pageOf({ x: [0, 1, 1.5, 2, 3, 4, 4, 1000] }), 'x')
    for (const [bound, upTo] of buckets) {
      expect(upTo, `up to ${bound}`).to.equal([0, 1, 1.5, 2, 3, 4, 4, 1000].filter((value) => value <= bound).length)
    }
    expect({ sum, count }).to.deep.equal({ sum: 1015.5, count: 8 })
  })

  it('have exact counts whatever was measured', async () => {
    const value = fc.oneof(
      fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -1074, max: 1023 }).map((power) => 2 ** power),
      fc.nat(1_000),
    )
    const values = fc.array(value, { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(values, values, fc.constantFrom(160, 20, 2), async (x, y, maxSize) => {
        const page = await pageOf({ x, y }, maxSize)
        for (const [name, given] of [
          ['x', x],
          ['y', y],
        ] as const) {
          const { buckets, count } = shownOf(page, name)
          for (const [bound, upTo] of buckets) {
            expect(upTo, `${name} up to ${bound}`).to.equal(given.filter((each) => each <= bound).length)
          }
          expect(buckets.at(-1)).to.deep.equal([Number.POSITIVE_INFINITY, given.length])
          expect(buckets.length).to.be.at.most(162)
          expect(count).to.equal(given.length)
        }
      }),
      { numRuns: 60 },
    )
  }).timeout(60_000)

  it('of several scales are brought to the coarsest', async () => {
    // Base 2: (1, 2], (2, 4]; base 4: (1, 4], (4, 16].
    const page = await pageWith([
      { scale: 0, positive: { offset: 0, bucketCounts: [1, 2] }, sum: 1, count: 3 },
      { scale: -1, positive: { offset: 0, bucketCounts: [4, 8] }, sum: 2, count: 12 },
    ])
    expect(shownOf(page, '0').buckets).to.deep.equal([
      [4, 3],
      [16, 3],
      [Number.POSITIVE_INFINITY, 3],
    ])
    expect(shownOf(page, '1').buckets).to.deep.equal([
      [4, 4],
      [16, 12],
      [Number.POSITIVE_INFINITY, 12],
    ])
  })

  it('have negative and zero buckets in order', async () => {
    const page = await pageWith([
      {
        scale: 0,
        zeroCount: 5,
        // [-2, -1), [-4, -2)
        negative: { offset: 0, bucketCounts: [1, 2] },
        positive: { offset: -1, bucketCounts: [4] },
        sum: -6.5,
        count: 12,
      },
    ])
    expect(shownOf(page, '0')).to.deep.equal({
      buckets: [
        [-2, 2],
        [-1, 3],
        [0, 8],
        [1, 12],
        [Number.POSITIVE_INFINITY, 12],
      ],
      sum: -6.5,
      count: 12,
    })
  })

  it('have the largest numbers in the closing bucket, which is there once', async () => {
    const page = await pageOf({ x: [Number.MAX_VALUE, 1] }, 2)
    expect(page.match(/le="\+Inf"/g)).to.have.length(1)
    expect(shownOf(page, 'x').buckets.at(-1)).to.deep.equal([Number.POSITIVE_INFINITY, 2])
  })

  it('may be empty, and of any number of points', async () => {
    const page = await pageWith(Array.from({ length: 150_000 }, () => ({})))
    expect(page.match(/^h_count/gm)).to.have.length(150_000)
    expect(page.match(/le="\+Inf"/g)).to.have.length(150_000)
  }).timeout(20_000)

  it('without a sum have none on the page', async () => {
    const house = new ExpositionHouse()
    house.imported.push(...imported([{ positive: { offset: 0, bucketCounts: [1] }, count: 1 }]))
    expect(await house.text()).to.match(/\} 1\nh_count\{a="0"\} 1\n$/)
    expect(await house.openMetrics()).not.to.match(/h_(sum|count)/)
  })
})

describeWithPeerParser('exposition: exponential histograms in OpenMetrics', (parser) => {
  it('are valid, negative buckets included', async () => {
    const house = new ExpositionHouse()
    house.imported.push(
      ...imported([
        { scale: 3, zeroCount: 1, positive: { offset: -20, bucketCounts: [1, 0, 2] }, sum: 3, count: 4 },
        { scale: 0, negative: { offset: 3, bucketCounts: [1, 2] }, sum: -30, count: 3 },
      ]),
    )
    const [family] = await parser().parse('openmetrics', await house.openMetrics())
    expect(family?.type).to.equal('histogram')
    expect(family?.samples.filter(({ name }) => name !== 'h_bucket')).to.deep.equal([])
  })
})
