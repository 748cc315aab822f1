import { expect } from 'chai'
import { ExpositionHouse, samples } from '../support/exposition-house'

describe('exposition: attributes as labels', () => {
  const counterWith = async (...attributes: readonly Record<string, unknown>[]) => {
    const house = new ExpositionHouse()
    const counter = house.meter().createCounter('c')
    for (const each of attributes) counter.add(1, each as Record<string, string>)
    return samples(await house.text())
  }

  it('have valid names', async () => {
    expect(await counterWith({ 'http.route': '/', '1st': 'a', ü: 'b', __proto__x: 'c', 'a--b': 'd' })).to.deep.equal([
      'c_total{key_1st="a",_proto_x="c",a_b="d",http_route="/",key="b"} 1',
    ])
  })

  it('that come to one name are one label with the values joined, in the order of the attributes', async () => {
    expect(await counterWith({ a_b: 'second', 'a.b': 'first', 'a-b': 'before' })).to.deep.equal([
      'c_total{a_b="before;first;second"} 1',
    ])
  })

  it('are joined before they are escaped', async () => {
    expect(await counterWith({ 'a.b': '"', a_b: '\n' })).to.deep.equal(['c_total{a_b="\\";\\n"} 1'])
  })

  it('of any type are text', async () => {
    expect(
      await counterWith({ array: ['a', 1, null], big: 10n, no: false, number: 1.5, object: { a: 'b' }, zero: 0 }),
    ).to.deep.equal([
      'c_total{array="[\\"a\\",1,null]",big="10",no="false",number="1.5",object="{\\"a\\":\\"b\\"}",zero="0"} 1',
    ])
  })

  it('are in one order however they were given', async () => {
    expect(await counterWith({ b: '1', a: '2' }, { a: '2', b: '1' })).to.deep.equal(['c_total{a="2",b="1"} 2'])
  })

  it('called le make way for the label of the buckets', async () => {
    const house = new ExpositionHouse()
    const histogram = house.meter().createHistogram('h', { advice: { explicitBucketBoundaries: [1] } })
    histogram.record(0, { le: '5' })
    histogram.record(0, { exported_le: '5' })
    histogram.record(0, { le: '6', exported_le: '7' })
    house.meter().createCounter('c').add(1, { le: '5' })
    expect(samples(await house.text())).to.deep.equal([
      'c_total{le="5"} 1',
      'h_bucket{exported_le="5",le="1"} 2',
      'h_bucket{exported_le="5",le="+Inf"} 2',
      'h_sum{exported_le="5"} 0',
      'h_count{exported_le="5"} 2',
      'h_bucket{exported_le="7;6",le="1"} 1',
      'h_bucket{exported_le="7;6",le="+Inf"} 1',
      'h_sum{exported_le="7;6"} 0',
      'h_count{exported_le="7;6"} 1',
    ])
  })

  it('take the place of a constant label', async () => {
    const house = new ExpositionHouse({ constantLabels: { env: 'prod', zone: 'b' } })
    house.meter().createCounter('c').add(1, { env: 'test' })
    expect(samples(await house.text())).to.deep.equal(['c_total{zone="b",env="test"} 1'])
  })

  it('of different names are groups in the order of the names', async () => {
    expect(await counterWith({ b: '1' }, {}, { a: '2', b: '1' }, { a: '9' }, { a: '1' })).to.deep.equal([
      'c_total 1',
      'c_total{a="1"} 1',
      'c_total{a="9"} 1',
      'c_total{a="2",b="1"} 1',
      'c_total{b="1"} 1',
    ])
  })
})
