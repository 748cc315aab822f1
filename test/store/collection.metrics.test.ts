import { expect } from 'chai'
import { TEXT } from '../../src/exposition/format'
import { expositionComment, pageOf } from '../support/exposition-comment'
import { ExpositionHouse } from '../support/exposition-house'

describe('collection.metrics', () => {
  it('produces the exposition that its comment shows', async () => {
    const house = new ExpositionHouse({ selfMetrics: true })
    const placed = house.metrics.counter({ name: 'orders_placed_total', labelNames: ['region'] })
    placed.add(1, { region: 'eu' })
    placed.add(1, { region: 'us' })
    house.metrics.observableGauge({
      name: 'queue_depth',
      callback: () => {
        house.nowMs += 2.5
      },
    })
    expect(pageOf(await house.text(), 'meterkit_')).to.equal(expositionComment('src/store/collection.metrics.ts'))
  })

  it('is there only where it is asked for', async () => {
    expect(await new ExpositionHouse().text()).to.equal('')
  })

  it('measures each collection once, whoever shares it, and one of some streams too', async () => {
    const house = new ExpositionHouse({ selfMetrics: true })
    house.metrics.observableGauge({ name: 'depth', callback: async (result) => result.observe(1) })
    await Promise.all([house.page(TEXT), house.page(TEXT)])
    await house.page(TEXT, () => false)
    expect(await house.text()).to.contain('\nmeterkit_collection_duration_seconds_count 3\n')
  })
})

describe('meterkit_series', () => {
  /** The series that the page says each metric has, in the order of the page. */
  async function told(house: ExpositionHouse): Promise<Record<string, number>> {
    const lines = (await house.text()).matchAll(/^meterkit_series\{metric="(.*?)"\} (\d+)$/gm)
    const all = [...lines].map(([, metric = '', count]) => [metric, Number(count)] as const)
    return Object.fromEntries(all.filter(([metric]) => !metric.startsWith('meterkit_')))
  }

  it('counts what the page has, whatever came, went and expired', async () => {
    const house = new ExpositionHouse({ selfMetrics: true, cardinalityLimit: 3 })
    const gauge = house.metrics.gauge({ name: 'level', labelNames: ['id'] })
    for (const id of ['a', 'b', 'c']) gauge.set(1, { id })
    house.metrics.gauge({ name: 'short_lived', labelNames: ['id'], expireAfterMs: 1_000 }).set(1, { id: 'a' })
    const histogram = house.metrics.histogram({ name: 'wait', buckets: [1, 2, 3], labelNames: ['id'] })
    histogram.record(1, { id: 'a' })
    house.metrics.gauge({ name: 'unused', labelNames: ['id'] })
    let ids = ['x', 'y']
    house.metrics.observableGauge({
      name: 'observed',
      labelNames: ['id'],
      callback: (result) => {
        for (const id of ids) result.observe(1, { id })
      },
    })
    expect(await told(house)).to.deep.equal({ level: 3, observed: 2, short_lived: 1, wait: 1 })
    gauge.remove({ id: 'a' })
    ids = ['z']
    expect(await told(house)).to.deep.equal({ level: 2, observed: 1, short_lived: 1, wait: 1 })
    gauge.set(1, { id: 'd' })
    gauge.set(1, { id: 'overflow' })
    house.nowMs += 2_000
    histogram.clear()
    ids = []
    expect(await told(house)).to.deep.equal({ level: 4 })
  })

  it('adds up the metrics of one name', async () => {
    const house = new ExpositionHouse({ selfMetrics: true })
    for (const library of ['one', 'two']) house.meter(library).createCounter('calls').add(1, { library })
    expect(await told(house)).to.deep.equal({ calls: 2 })
  })

  it('is for the 20 metrics that have the most, the first by name where others have as many', async () => {
    const house = new ExpositionHouse({ selfMetrics: true })
    const name = (index: number) => `m${String(index).padStart(2, '0')}`
    const gauges = Array.from({ length: 60 }, (_, index) => {
      const gauge = house.metrics.gauge({ name: name(index), labelNames: ['id'] })
      for (let id = 0; id <= index % 30; id++) gauge.set(1, { id })
      return gauge
    })
    const expected = Array.from({ length: 60 }, (_, index) => ({ metric: name(index), count: (index % 30) + 1 }))
      .sort((a, b) => b.count - a.count || (a.metric < b.metric ? -1 : 1))
      .slice(0, 20)
    expect(await told(house)).to.deep.equal(Object.fromEntries(expected.map(({ metric, count }) => [metric, count])))
    // Another order: those that are no longer among them have no series any more.
    for (const gauge of gauges.slice(20)) gauge.clear()
    expect(Object.keys(await told(house))).to.deep.equal(Array.from({ length: 20 }, (_, index) => name(index)))
  })

  it('is not overflowed by any limit', async () => {
    const house = new ExpositionHouse({ selfMetrics: true, cardinalityLimit: 1 })
    for (let index = 0; index < 100; index++) house.metrics.gauge({ name: `m${index}` }).set(1)
    for (let round = 0; round < 3; round++) {
      const page = await house.text()
      expect(page.match(/^meterkit_series\{/gm)).to.have.length(20)
      expect(page).not.to.contain('overflow')
    }
    expect(house.logged).to.deep.equal([])
  })
})
