import { expect } from 'chai'
import { ExpositionHouse, samples } from '../support/exposition-house'

/** Time series as lines of a page. */
async function storedLines(house: ExpositionHouse): Promise<string[]> {
  return (await house.timeSeries()).flatMap(({ series }) =>
    series.map(({ labels, value }) => {
      const name = labels.find(([label]) => label === '__name__')?.[1]
      const others = labels.filter(([label]) => label !== '__name__').map(([label, text]) => `${label}="${text}"`)
      return `${name}${others.length === 0 ? '' : `{${others.join(',')}}`} ${value}`
    }),
  )
}

describe('exposition: time series', () => {
  it('are those of a text page, where several labels come to one name and one is called as that of the buckets, too', async () => {
    const house = new ExpositionHouse({ constantLabels: { env: 'prod' } })
    const histogram = house.meter().createHistogram('h', { advice: { explicitBucketBoundaries: [1] } })
    histogram.record(0, { le: '5' })
    histogram.record(0, { exported_le: '5' })
    histogram.record(0, { exported_le: '7', le: '6', 'exported.le': '8' })
    house.meter().createCounter('c').add(1, { le: '5', 'le.': '6', le_: '7' })
    expect(await storedLines(house)).to.have.members(samples(await house.text()))
  })
})
