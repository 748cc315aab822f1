import type { HrTime } from '@opentelemetry/api'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { PROTOBUF } from '../../src/exposition/format'
import { ExpositionHouse, lines, samples } from '../support/exposition-house'
import { parseProtobuf } from '../support/protobuf-page'

describe('exposition: when a series began to count', () => {
  it('stands behind each counter and histogram of OpenMetrics where that is asked for', async () => {
    const house = new ExpositionHouse({ created: true })
    const { metrics } = house
    const counter = metrics.counter({ name: 'orders_total', help: 'Orders', labelNames: ['region'] })
    counter.add(1, { region: 'eu' })
    house.nowMs += 1_234
    counter.add(1, { region: 'us' })
    metrics.histogram({ name: 'size_bytes', unit: 'By', buckets: [1] }).record(2)
    metrics.histogram({ name: 'height', buckets: [-1] }).record(-2)
    metrics.upDownCounter({ name: 'open' }).add(1)
    metrics.gauge({ name: 'warmth' }).set(1)
    metrics.observableCounter({ name: 'reads_total', callback: (result) => result.observe(3) })
    house.nowMs += 1_000
    expect(await house.openMetrics()).to.equal(
      lines(
        '# TYPE height histogram',
        'height_bucket{le="-1.0"} 1',
        'height_bucket{le="+Inf"} 1',
        'height_created 1700000001.234',
        '# TYPE open gauge',
        'open 1',
        '# TYPE orders counter',
        '# HELP orders Orders',
        'orders_total{region="eu"} 1',
        'orders_created{region="eu"} 1700000000',
        'orders_total{region="us"} 1',
        'orders_created{region="us"} 1700000001.234',
        '# TYPE reads counter',
        'reads_total 3',
        'reads_created 1700000001.234',
        '# TYPE size_bytes histogram',
        '# UNIT size_bytes bytes',
        'size_bytes_bucket{le="1.0"} 0',
        'size_bytes_bucket{le="+Inf"} 1',
        'size_bytes_sum 2',
        'size_bytes_count 1',
        'size_bytes_created 1700000001.234',
        '# TYPE warmth gauge',
        'warmth 1',
        '# EOF',
      ),
    )
  })

  it('is when its instrument was made where it is observed, and stays that after a callback that failed', async () => {
    const house = new ExpositionHouse({ created: true })
    let topics = ['a']
    house.metrics.observableCounter({
      name: 'reads_total',
      labelNames: ['topic'],
      callback: (result) => {
        if (topics.length === 0) throw new Error('gone')
        for (const topic of topics) result.observe(3, { topic })
      },
    })
    const created = async () => {
      house.nowMs += 1_000
      return samples(await house.openMetrics()).filter((line) => line.startsWith('reads_created'))
    }
    const a = 'reads_created{topic="a"} 1700000000'
    expect(await created()).to.deep.equal([a])
    topics = []
    expect(await created()).to.deep.equal([])
    topics = ['a', 'b']
    expect(await created()).to.deep.equal([a, 'reads_created{topic="b"} 1700000000'])
    const families = parseProtobuf(await house.page(PROTOBUF))
    const times = families
      .find(({ name }) => name === 'reads_total')
      ?.metric?.map(({ counter }) => counter?.createdTimestamp?.seconds)
    expect(times).to.deep.equal([1_700_000_000, 1_700_000_000])
  })

  it('is told anew when a series comes back', async () => {
    const house = new ExpositionHouse({ created: true })
    const counter = house.metrics.counter({ name: 'orders_total', labelNames: ['region'] })
    counter.add(1, { region: 'eu' })
    house.nowMs += 5_000
    counter.remove({ region: 'eu' })
    counter.add(1, { region: 'eu' })
    expect(samples(await house.openMetrics())).to.include('orders_created{region="eu"} 1700000005')
  })

  it('is in no text format, and in OpenMetrics only where it is asked for', async () => {
    const record = (house: ExpositionHouse) => house.metrics.counter({ name: 'orders_total' }).add(1)
    const asked = new ExpositionHouse({ created: true })
    record(asked)
    expect(samples(await asked.text())).to.deep.equal(['orders_total 1'])
    const notAsked = new ExpositionHouse()
    record(notAsked)
    expect(samples(await notAsked.openMetrics())).to.deep.equal(['orders_total 1'])
  })

  it('is not told of counters that OpenMetrics has no type for', async () => {
    const house = new ExpositionHouse({ created: true })
    house.metrics.counter({ name: 'orders' }).add(1)
    expect(samples(await house.openMetrics())).to.deep.equal(['orders 1'])
  })

  it('is the first beginning of series that are added up', async () => {
    const house = new ExpositionHouse({ created: true })
    house.meter('one').createCounter('calls').add(1, { 'a.b': 'x' })
    house.nowMs += 500
    house.meter('two').createCounter('calls').add(10, { a_b: 'x' })
    house.meter('two').createCounter('calls').add(100, { a_b: 'y' })
    expect(samples(await house.openMetrics())).to.deep.equal([
      'calls_total{a_b="x"} 11',
      'calls_created{a_b="x"} 1700000000',
      'calls_total{a_b="y"} 100',
      'calls_created{a_b="y"} 1700000000.5',
    ])
  })

  it('is told of what others collected, unless they do not know', async () => {
    const house = new ExpositionHouse({ created: true })
    const point = (a: string, startTime: HrTime) => ({
      attributes: { a },
      startTime,
      endTime: [6, 0] as HrTime,
      value: 7,
    })
    house.imported.push({
      scope: { name: 'other' },
      metrics: [
        {
          dataPointType: DataPointType.SUM,
          isMonotonic: true,
          aggregationTemporality: 1,
          descriptor: { name: 'calls', description: '', unit: '', valueType: 1 },
          dataPoints: [point('x', [5, 250_000_000]), point('y', [6, 0]), point('z', [0, 0])],
        },
      ],
    })
    expect(samples(await house.openMetrics())).to.deep.equal([
      'calls_total{a="x"} 7',
      'calls_created{a="x"} 5.25',
      'calls_total{a="y"} 7',
      'calls_total{a="z"} 7',
    ])
  })
})
