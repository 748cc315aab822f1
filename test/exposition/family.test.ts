import { expect } from 'chai'
import { ExpositionHouse, lines, samples } from '../support/exposition-house'

describe('exposition: metrics of one name', () => {
  it('from two meters share a family', async () => {
    const house = new ExpositionHouse()
    house.meter('one').createCounter('calls').add(1, { a: 'x' })
    house.meter('two').createCounter('calls', { description: 'Calls' }).add(10, { a: 'x' })
    house.meter('two').createCounter('calls').add(100, { a: 'y' })
    house.metrics.counter({ name: 'calls_total', labelNames: ['a'] }).add(1_000, { a: 'z' })
    expect(await house.text()).to.equal(
      lines(
        '# HELP calls_total Calls',
        '# TYPE calls_total counter',
        'calls_total{a="x"} 11',
        'calls_total{a="y"} 100',
        'calls_total{a="z"} 1000',
      ),
    )
  })

  it('and different types: the first stays, and the log tells of the others once', async () => {
    const house = new ExpositionHouse()
    house.meter('one').createGauge('size').record(1)
    house.meter('two').createHistogram('size').record(2)
    house.meter('three').createUpDownCounter('size').add(4, { a: 'b' })
    const page = lines('# TYPE size gauge', 'size 1', 'size{a="b"} 4')
    expect(await house.text()).to.equal(page)
    expect(await house.text()).to.equal(page)
    expect(house.logged).to.deep.equal([
      'left "size" of "two" out of the page: "size" is a histogram, but the first metric of that name is a gauge. Rename one of them with a view.',
    ])
  })

  it('and different buckets: the first stays, and the log says why', async () => {
    const house = new ExpositionHouse()
    house
      .meter('one')
      .createHistogram('size', { advice: { explicitBucketBoundaries: [1] } })
      .record(1)
    house
      .meter('two')
      .createHistogram('size', { advice: { explicitBucketBoundaries: [2] } })
      .record(2)
    expect(samples(await house.text())).to.deep.equal([
      'size_bucket{le="1"} 1',
      'size_bucket{le="+Inf"} 1',
      'size_sum 1',
      'size_count 1',
    ])
    expect(house.logged).to.deep.equal([
      'left "size" of "two" out of the page: "size" is a histogram with other buckets than the first metric of that name. Rename one of them with a view.',
    ])
  })

  it('as a sample of a histogram are left out, with a word in the log', async () => {
    const house = new ExpositionHouse()
    const meter = house.meter()
    meter.createGauge('h.count').record(1)
    meter.createGauge('h_bucket').record(1)
    house.metrics.histogram({ name: 'h', buckets: [] }).record(1)
    meter.createGauge('h_summit').record(1)
    expect(samples(await house.text())).to.deep.equal(['h_bucket{le="+Inf"} 1', 'h_sum 1', 'h_count 1', 'h_summit 1'])
    expect(house.logged).to.deep.equal([
      'left "h_bucket" of "library" out of the page: "h_bucket" is a sample of histogram "h" too. Rename one of them with a view.',
      'left "h.count" of "library" out of the page: "h_count" is a sample of histogram "h" too. Rename one of them with a view.',
    ])
  })

  it('but for the suffix: OpenMetrics gets both under names that do not clash', async () => {
    const house = new ExpositionHouse()
    house.metrics.counter({ name: 'a_total' }).add(1)
    house.metrics.gauge({ name: 'a' }).set(2)
    house.metrics.counter({ name: 'b_total' }).add(3)
    house.metrics.histogram({ name: 'b', buckets: [] }).record(4)
    house.metrics.counter({ name: 'c_total' }).add(5)
    house.metrics.gauge({ name: 'c_created' }).set(6)
    house.metrics.counter({ name: 'd_total' }).add(7)
    house.metrics.counter({ name: 'd_created_total' }).add(8)
    house.metrics.counter({ name: 'e_total' }).add(9)
    expect(await house.openMetrics()).to.equal(
      lines(
        '# TYPE a gauge',
        'a 2',
        '# TYPE a_total unknown',
        'a_total 1',
        '# TYPE b histogram',
        'b_bucket{le="+Inf"} 1',
        'b_sum 4',
        'b_count 1',
        '# TYPE b_total unknown',
        'b_total 3',
        '# TYPE c_created gauge',
        'c_created 6',
        '# TYPE c_total unknown',
        'c_total 5',
        '# TYPE d_created counter',
        'd_created_total 8',
        '# TYPE d_total unknown',
        'd_total 7',
        '# TYPE e counter',
        'e_total 9',
        '# EOF',
      ),
    )
    expect((await house.text()).match(/^# TYPE \w+_total counter$/gm)).to.have.length(6)
  })
})
