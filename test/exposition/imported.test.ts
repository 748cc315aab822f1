import { type HrTime, ValueType } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { ExpositionHouse, lines } from '../support/exposition-house'

const NO_TIME: HrTime = [0, 0]
const common = { aggregationTemporality: AggregationTemporality.CUMULATIVE } as const
const point = <T>(value: T, attributes: Record<string, string | number> = {}) => ({
  startTime: NO_TIME,
  endTime: NO_TIME,
  attributes,
  value,
})
const descriptor = (name: string, unit = '') => ({ name, unit, description: '', valueType: ValueType.DOUBLE })

function houseWith(...metrics: readonly MetricData[]): ExpositionHouse {
  const house = new ExpositionHouse()
  house.imported.push({ scope: { name: 'another' }, metrics: [...metrics] })
  return house
}

describe('exposition: metrics that others collected', () => {
  it('stand beside our own, in the same order', async () => {
    const house = houseWith(
      { ...common, descriptor: descriptor('z'), dataPointType: DataPointType.GAUGE, dataPoints: [point(1)] },
      {
        ...common,
        descriptor: descriptor('b', 's'),
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: [point(2, { x: '2' }), point(1, { x: '1' })],
      },
      {
        ...common,
        descriptor: descriptor('a'),
        dataPointType: DataPointType.SUM,
        isMonotonic: false,
        dataPoints: [point(-3)],
      },
    )
    house.metrics.counter({ name: 'c_total' }).add(4)
    expect(await house.text()).to.equal(
      lines(
        '# TYPE a gauge',
        'a -3',
        '# TYPE b_seconds_total counter',
        'b_seconds_total{x="1"} 1',
        'b_seconds_total{x="2"} 2',
        '# TYPE c_total counter',
        'c_total 4',
        '# TYPE z gauge',
        'z 1',
      ),
    )
  })

  it('are merged with ours of the same name', async () => {
    const house = houseWith({
      ...common,
      descriptor: descriptor('calls'),
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: [point(1, { a: 'x' }), point(10, { a: 'y' })],
    })
    house.meter().createCounter('calls').add(100, { a: 'x' })
    expect(await house.text()).to.equal(
      lines('# TYPE calls_total counter', 'calls_total{a="x"} 101', 'calls_total{a="y"} 10'),
    )
  })

  it('give way to ours of the same name and another type', async () => {
    const house = houseWith({
      ...common,
      descriptor: descriptor('size'),
      dataPointType: DataPointType.GAUGE,
      dataPoints: [point(1)],
    })
    house.metrics.histogram({ name: 'size', buckets: [] }).record(1)
    const page = lines('# TYPE size histogram', 'size_bucket{le="+Inf"} 1', 'size_sum 1', 'size_count 1')
    expect(await house.text()).to.equal(page)
    expect(await house.text()).to.equal(page)
    expect(house.logged).to.have.length(1)
  })

  it('are as they are at each page, and gone when they are', async () => {
    const gauge = (...dataPoints: DataPoint<number>[]): MetricData => ({
      ...common,
      descriptor: descriptor('g'),
      dataPointType: DataPointType.GAUGE,
      dataPoints,
    })
    const house = houseWith(gauge(point(1)))
    expect(await house.text()).to.contain('\ng 1\n')
    house.imported[0] = { scope: { name: 'another' }, metrics: [gauge(point(2, { a: 'b' }))] }
    expect(await house.text()).to.equal(lines('# TYPE g gauge', 'g{a="b"} 2'))
    house.imported.length = 0
    expect(await house.text()).to.equal('')
  })

  it('may be empty, and may be many', async () => {
    const dataPoints = Array.from({ length: 5_000 }, (_, index) => point(index, { index }))
    const house = houseWith(
      { ...common, descriptor: descriptor('none'), dataPointType: DataPointType.HISTOGRAM, dataPoints: [] },
      { ...common, descriptor: descriptor('many'), dataPointType: DataPointType.GAUGE, dataPoints },
    )
    const page = await house.text()
    expect(page).not.to.contain('none')
    expect(page.match(/^many\{index="\d+"\} \d+$/gm)).to.have.length(5_000)
  })

  describe('histograms', () => {
    const histogram = (...values: readonly Histogram[]): MetricData => ({
      ...common,
      descriptor: descriptor('h'),
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: values.map((value, index) => point(value, { index })),
    })

    it('have the buckets they came with', async () => {
      const house = houseWith(
        histogram(
          { buckets: { boundaries: [1, 2], counts: [1, 2, 3] }, sum: 10, count: 6 },
          { buckets: { boundaries: [1, 2], counts: [0, 0, 1] }, sum: 5, count: 1 },
        ),
      )
      expect(await house.text()).to.equal(
        lines(
          '# TYPE h histogram',
          'h_bucket{index="0",le="1"} 1',
          'h_bucket{index="0",le="2"} 3',
          'h_bucket{index="0",le="+Inf"} 6',
          'h_sum{index="0"} 10',
          'h_count{index="0"} 6',
          'h_bucket{index="1",le="1"} 0',
          'h_bucket{index="1",le="2"} 0',
          'h_bucket{index="1",le="+Inf"} 1',
          'h_sum{index="1"} 5',
          'h_count{index="1"} 1',
        ),
      )
    })

    it('have their closing bucket once, though a producer writes it out', async () => {
      const boundaries = [1, Number.POSITIVE_INFINITY]
      const page = await houseWith(histogram({ buckets: { boundaries, counts: [1, 2] }, sum: 10, count: 3 })).text()
      expect(page).to.equal(
        lines(
          '# TYPE h histogram',
          'h_bucket{index="0",le="1"} 1',
          'h_bucket{index="0",le="+Inf"} 3',
          'h_sum{index="0"} 10',
          'h_count{index="0"} 3',
        ),
      )
    })

    it('without a sum have none on the page', async () => {
      const house = houseWith(histogram({ buckets: { boundaries: [], counts: [3] }, count: 3 }))
      expect(await house.text()).to.equal(
        lines('# TYPE h histogram', 'h_bucket{index="0",le="+Inf"} 3', 'h_count{index="0"} 3'),
      )
      expect(await house.openMetrics()).to.equal(
        lines('# TYPE h histogram', 'h_bucket{index="0",le="+Inf"} 3', '# EOF'),
      )
    })

    it('show a sum that became infinite as the formats do', async () => {
      const house = houseWith(
        histogram({ buckets: { boundaries: [], counts: [1] }, sum: Number.POSITIVE_INFINITY, count: 1 }),
      )
      expect(await house.text()).to.contain('\nh_sum{index="0"} +Inf\n')
    })
  })

  it('of counters that are none of their points are left out, of gauges they are shown', async () => {
    const values = [Number.NaN, -1, 1, Number.POSITIVE_INFINITY]
    const dataPoints = values.map((value, index) => point(value, { index }))
    const house = houseWith(
      { ...common, descriptor: descriptor('c'), dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints },
      { ...common, descriptor: descriptor('g'), dataPointType: DataPointType.GAUGE, dataPoints },
    )
    expect(await house.text()).to.equal(
      lines(
        '# TYPE c_total counter',
        'c_total{index="2"} 1',
        'c_total{index="3"} +Inf',
        '# TYPE g gauge',
        'g{index="0"} NaN',
        'g{index="1"} -1',
        'g{index="2"} 1',
        'g{index="3"} +Inf',
      ),
    )
  })
})
