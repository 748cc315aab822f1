import { expect } from 'chai'
import { OPENMETRICS, PROTOBUF, TEXT } from '../../src/exposition/format'
import { ExpositionHouse } from '../support/exposition-house'

/** What steps come to, and how many they were. */
function counted(steps: Generator<void, number, void>): { readonly bytes: number; readonly steps: number } {
  for (let count = 1; ; count++) {
    const { done, value } = steps.next()
    if (done === true) return { bytes: value as number, steps: count }
  }
}

describe('exposition: the bytes that are kept between pages', () => {
  it('are counted in steps where there are many groups of series', async () => {
    const house = new ExpositionHouse()
    const counter = house.meter().createCounter('jobs')
    for (let id = 0; id < 2_000; id++) counter.add(1, { [`attribute_${id}`]: 'x' })
    await house.page(TEXT)
    expect(counted(house.cacheBytes()).steps).to.be.greaterThan(10)
  })

  it('are more for each kind of formats, and not for each page or each metric of the same labels', async () => {
    const house = new ExpositionHouse()
    const make = (name: string) => {
      const gauge = house.metrics.gauge({ name, labelNames: ['id'] })
      for (let id = 0; id < 1_000; id++) gauge.set(1, { id: `a text of some length ${id}` })
    }
    make('first')
    const after: number[] = []
    for (const format of [TEXT, TEXT, OPENMETRICS, PROTOBUF, PROTOBUF]) {
      await house.page(format)
      after.push(counted(house.cacheBytes()).bytes)
    }
    const [text = 0, again, openMetrics, protobuf = 0, last] = after
    expect([again, openMetrics, last]).to.deep.equal([text, text, protobuf])
    // The texts of the values alone.
    expect(text).to.be.greaterThan(25_000)
    expect(protobuf - text).to.be.greaterThan(25_000)
    make('second')
    await house.page(TEXT)
    expect(counted(house.cacheBytes()).bytes - protobuf).to.be.within(1, 10_000)
  })
})
