import { type AggregationOption, AggregationType } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import fc from 'fast-check'
import { PROTOBUF } from '../../src/exposition/format'
import { ExpositionHouse, lines } from '../support/exposition-house'
import { parseProtobuf } from '../support/protobuf-page'

describe('exposition: histograms', () => {
  it('counts a bound in the bucket below it, and cumulates', async () => {
    const house = new ExpositionHouse()
    const histogram = house.metrics.histogram({ name: 'h', buckets: [0, 1, 2.5] })
    for (const value of [0, 1, 1.1, 2.5, 2.6, 100]) histogram.record(value)
    expect(await house.text()).to.equal(
      lines(
        '# TYPE h histogram',
        'h_bucket{le="0"} 1',
        'h_bucket{le="1"} 2',
        'h_bucket{le="2.5"} 4',
        'h_bucket{le="+Inf"} 6',
        'h_sum 107.2',
        'h_count 6',
      ),
    )
  })

  it('leaves sum and count out of OpenMetrics where a bucket is negative', async () => {
    const house = new ExpositionHouse()
    house.metrics.histogram({ name: 'h', buckets: [-1, 1] }).record(5)
    expect(await house.openMetrics()).to.equal(
      lines('# TYPE h histogram', 'h_bucket{le="-1.0"} 0', 'h_bucket{le="1.0"} 0', 'h_bucket{le="+Inf"} 1', '# EOF'),
    )
    expect(await house.text()).to.contain('h_sum 5\nh_count 1\n')
  })

  it('leaves sum and count out of OpenMetrics where the sum is negative', async () => {
    const house = new ExpositionHouse()
    const histogram = house.metrics.histogram({ name: 'h', buckets: [1], labelNames: ['a'] })
    histogram.record(-5, { a: 'below' })
    histogram.record(5, { a: 'over' })
    expect(await house.openMetrics()).to.equal(
      lines(
        '# TYPE h histogram',
        'h_bucket{a="below",le="1.0"} 1',
        'h_bucket{a="below",le="+Inf"} 1',
        'h_bucket{a="over",le="1.0"} 0',
        'h_bucket{a="over",le="+Inf"} 1',
        'h_sum{a="over"} 5',
        'h_count{a="over"} 1',
        '# EOF',
      ),
    )
    expect(await house.text()).to.contain('h_sum{a="below"} -5\nh_count{a="below"} 1\n')
  })

  it('leaves the sum out where a view makes a histogram of what may be negative, as it is left out for readers', async () => {
    const aggregations: AggregationOption[] = [
      { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1] } },
      { type: AggregationType.EXPONENTIAL_HISTOGRAM },
    ]
    for (const aggregation of aggregations) {
      const house = new ExpositionHouse({ views: [{ instrumentName: '*', aggregation }] })
      house.metrics.gauge({ name: 'gauge' }).set(5)
      house.metrics.observableGauge({ name: 'observed', callback: (result) => result.observe(5) })
      house.metrics.upDownCounter({ name: 'up_down' }).add(5)
      house.metrics.counter({ name: 'counter_total' }).add(5)
      house.metrics.histogram({ name: 'histogram' }).record(5)
      const text = await house.text()
      expect(text.match(/^\w+_sum .*/gm)).to.deep.equal(['counter_total_sum 5', 'histogram_sum 5'])
      expect(text.match(/^\w+_count .*/gm)).to.have.length(5)
      const openMetrics = await house.openMetrics()
      expect(openMetrics.match(/^\w+_(sum|count) /gm)).to.have.length(4)
      const families = parseProtobuf(await house.page(PROTOBUF))
      const sums = families.map(({ name, metric }) => [name, metric?.[0]?.histogram?.sampleSum])
      expect(sums).to.deep.equal([
        ['counter_total', 5],
        ['gauge', undefined],
        ['histogram', 5],
        ['observed', undefined],
        ['up_down', undefined],
      ])
    }
  })

  it('writes bounds as plain numbers in text, and as Go does in OpenMetrics', async () => {
    const house = new ExpositionHouse()
    house.metrics
      .histogram({ name: 'h', buckets: [1e-10, 1e-5, 0.00011, 0.001, 1, 1.7, 100000, 1e6, 1234567.5, 1e23, 1.1e23] })
      .record(0)
    const bounds = (page: string) => [...page.matchAll(/le="(.*)"/g)].map(([, bound]) => bound)
    expect(bounds(await house.text())).to.deep.equal([
      '1e-10',
      '0.00001',
      '0.00011',
      '0.001',
      '1',
      '1.7',
      '100000',
      '1000000',
      '1234567.5',
      '1e+23',
      '1.1e+23',
      '+Inf',
    ])
    expect(bounds(await house.openMetrics())).to.deep.equal([
      '1e-10',
      '1e-05',
      '0.00011',
      '0.001',
      '1.0',
      '1.7',
      '100000.0',
      '1e+06',
      '1.2345675e+06',
      '1e+23',
      '1.1e+23',
      '+Inf',
    ])
  })

  for (const native of [true, { maxBuckets: 100 }, { maxBuckets: 2 }, { maxBuckets: 20 }, { scale: -3 }] as const) {
    it(`counts exactly what is at or below each bound, whatever the exponential buckets are: ${JSON.stringify(native)}`, async () => {
      const value = fc.integer({ min: -14 * 16, max: 20 * 16 }).map((power) => 2 ** (power / 16))
      await fc.assert(
        fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 20 }), async (values) => {
          const house = new ExpositionHouse()
          const histogram = house.metrics.histogram({ name: 'h_seconds', native })
          for (const [index, each] of values.entries()) {
            histogram.record(each)
            const recorded = values.slice(0, index + 1)
            for (const [, le = '', count] of (await house.text()).matchAll(
              /^h_seconds_bucket\{le="([^+"]+)"\} (\d+)$/gm,
            )) {
              expect(Number(count), `up to ${le}`).to.equal(recorded.filter((other) => other <= Number(le)).length)
            }
          }
        }),
        { numRuns: 30 },
      )
    })
  }

  it('has the closing bucket alone where no other was asked for', async () => {
    const house = new ExpositionHouse()
    house.metrics.histogram({ name: 'h', buckets: [] }).record(2)
    expect(await house.text()).to.equal(lines('# TYPE h histogram', 'h_bucket{le="+Inf"} 1', 'h_sum 2', 'h_count 1'))
  })
})
