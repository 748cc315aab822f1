import { AggregationType } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { PROTOBUF } from '../../src/exposition/format'
import { ExpositionHouse, samples } from '../support/exposition-house'
import { nativeBuckets, parseProtobuf } from '../support/protobuf-page'

describe('exposition: series that come to read the same', () => {
  const counterWith = async (
    constantLabels: Record<string, string>,
    ...attributes: readonly Record<string, unknown>[]
  ) => {
    const house = new ExpositionHouse({ constantLabels })
    const counter = house.meter().createCounter('c')
    for (const [index, each] of attributes.entries()) counter.add(10 ** index, each as Record<string, string>)
    return samples(await house.text())
  }

  it('are added up where attribute names meet', async () => {
    expect(await counterWith({}, { 'a.b': 'x' }, { a_b: 'x' }, { a_b: 'y' })).to.deep.equal([
      'c_total{a_b="x"} 11',
      'c_total{a_b="y"} 100',
    ])
  })

  it('are added up where the same labels come in another order', async () => {
    expect(await counterWith({}, { 'a.b': 'x', a_c: 'y' }, { a_b: 'x', 'a.c': 'y' })).to.deep.equal([
      'c_total{a_b="x",a_c="y"} 11',
    ])
    expect(await counterWith({ env: 'prod' }, { a: 'x' }, { a: 'x', env: 'prod' })).to.deep.equal([
      'c_total{a="x",env="prod"} 11',
    ])
    const house = new ExpositionHouse()
    house.metrics.counter({ name: 'c_total', labelNames: ['z', 'a'] }).add(1, { z: '1', a: '2' })
    house.meter().createCounter('c').add(10, { z: '1', a: '2' })
    expect(samples(await house.text())).to.deep.equal(['c_total{a="2",z="1"} 11'])
  })

  it('are added up where joined values meet', async () => {
    expect(await counterWith({}, { 'a.b': 'x;y' }, { 'a.b': 'x', a_b: 'y' })).to.deep.equal(['c_total{a_b="x;y"} 11'])
  })

  it('are added up where a number and its text meet', async () => {
    expect(
      await counterWith({}, { a: 1 }, { a: '1' }, { a: true }, { a: 'true' }, { a: [1] }, { a: '[1]' }),
    ).to.deep.equal(['c_total{a="1"} 11', 'c_total{a="[1]"} 110000', 'c_total{a="true"} 1100'])
  })

  it('are added up where a label is empty or absent', async () => {
    expect(await counterWith({}, { a: '' }, {}, { a: '', b: 'x' }, { b: 'x' }, { b: 'y', a: 'z' })).to.deep.equal([
      'c_total 11',
      'c_total{a="z",b="y"} 10000',
      'c_total{b="x"} 1100',
    ])
  })

  it('are added up where an empty label is called as that of the series which takes the rest', async () => {
    expect(await counterWith({}, {}, { otel_metric_overflow: '' })).to.deep.equal(['c_total 11'])
  })

  it('are added up where lone halves of surrogate pairs meet', async () => {
    expect(
      await counterWith({}, { a: '\ud800' }, { a: '\udfff' }, { a: '\ufffd' }, { a: '\ud83d\ude00' }),
    ).to.deep.equal(['c_total{a="😀"} 1000', 'c_total{a="�"} 111'])
  })

  it('are added up where an attribute has the value of a constant label', async () => {
    expect(await counterWith({ env: 'prod' }, {}, { env: 'prod' }, { env: 'test' })).to.deep.equal([
      'c_total{env="prod"} 11',
      'c_total{env="test"} 100',
    ])
  })

  it('are added up for the facade too, whose labels can hold broken text', async () => {
    const house = new ExpositionHouse()
    const counter = house.metrics.counter({ name: 'c_total', labelNames: ['a'] })
    counter.add(1, { a: '\ud800' })
    counter.add(10, { a: '\udfff' })
    expect(samples(await house.text())).to.deep.equal(['c_total{a="�"} 11'])
  })

  it('are added up bucket by bucket', async () => {
    const house = new ExpositionHouse()
    const histogram = house.meter().createHistogram('h', { advice: { explicitBucketBoundaries: [1, 10] } })
    histogram.record(0.5, { a: 1 })
    histogram.record(5, { a: '1' })
    histogram.record(50, { a: '1' })
    expect(samples(await house.text())).to.deep.equal([
      'h_bucket{a="1",le="1"} 1',
      'h_bucket{a="1",le="10"} 2',
      'h_bucket{a="1",le="+Inf"} 3',
      'h_sum{a="1"} 55.5',
      'h_count{a="1"} 3',
    ])
  })

  it('keep their native buckets and their exemplars, where two meters have one histogram', async () => {
    const house = new ExpositionHouse({
      exemplars: 'always_on',
      views: [{ instrumentName: 'h', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
    })
    const measure = (meter: string, values: readonly number[], attributes: Record<string, string>) => {
      const histogram = house.meter(meter).createHistogram('h')
      for (const value of values) histogram.record(value, attributes)
      house.nowMs += 1_000
    }
    measure('http', [0, 1, 1e-9], { host: 'a' })
    measure('http', [3], { host: 'b' })
    measure('undici', [1, 1e9], { host: 'a' })
    const [family] = parseProtobuf(await house.page(PROTOBUF))
    const [a, b] = family?.metric?.map(({ histogram }) => histogram) ?? []
    expect(a).to.deep.include({ sampleCount: 5, sampleSum: 1_000_000_002, zeroCount: 1 })
    const { schema = 0 } = a ?? {}
    expect(nativeBuckets(a?.positiveSpan, a?.positiveDelta).filter(([, count]) => count > 0)).to.deep.equal([
      [Math.ceil(Math.log2(1e-9) * 2 ** schema), 1],
      [0, 2],
      [Math.ceil(Math.log2(1e9) * 2 ** schema), 1],
    ])
    expect(a?.bucket).to.equal(undefined)
    // The newest of each bucket of the page's layout.
    const exemplar = (value: number, seconds: number) => ({ value, timestamp: { seconds } })
    expect(a?.exemplars).to.deep.equal([
      exemplar(1e-9, 1_700_000_000),
      exemplar(1, 1_700_000_002),
      exemplar(1e9, 1_700_000_002),
    ])
    expect(b?.exemplars).to.deep.equal([exemplar(3, 1_700_000_001)])
    expect(samples(await house.openMetrics())).to.include('h_bucket{host="a",le="1.0"} 4 # {} 1 1700000002')
  })

  it('show one value where they are gauges, and the sum where they are up-down counters', async () => {
    const house = new ExpositionHouse()
    const gauge = house.meter().createGauge('g')
    const upDown = house.meter().createUpDownCounter('u')
    for (const a of [1, '1']) {
      gauge.record(a === 1 ? 3 : 4, { a })
      upDown.add(a === 1 ? 3 : -4, { a })
    }
    expect(samples(await house.text())).to.deep.equal(['g{a="1"} 4', 'u{a="1"} -1'])
  })

  it('are counted from the series as they are at each page', async () => {
    const house = new ExpositionHouse()
    const counter = house.meter().createCounter('c')
    counter.add(1, { a: 1 })
    expect(samples(await house.text())).to.deep.equal(['c_total{a="1"} 1'])
    counter.add(2, { a: '1' })
    expect(samples(await house.text())).to.deep.equal(['c_total{a="1"} 3'])
    counter.add(4, { a: 1 })
    expect(samples(await house.text())).to.deep.equal(['c_total{a="1"} 7'])
  })

  it('need more than one chunk without being torn or lost', async () => {
    const house = new ExpositionHouse({ cardinalityLimit: 10_000 })
    const counter = house.meter().createCounter('c')
    for (let a = 0; a < 2_000; a++) {
      counter.add(1, { a, b: 'x'.repeat(50) })
      counter.add(1, { a: String(a), b: 'x'.repeat(50) })
    }
    const page = samples(await house.text())
    expect(page).to.have.length(2_000)
    expect(new Set(page).size).to.equal(2_000)
    expect(page.every((line) => line.endsWith('} 2'))).to.equal(true)
  })
})
