import { createAllowListAttributesProcessor } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import fc from 'fast-check'
import { seriesOf, TestService, type TestServiceOptions } from '../support/test-service'

const OVERFLOW = 'otel.metric.overflow=true'

/** A service with an observable counter of `limit` series whose next collection observes `ids`. */
function observing(limit: number, options: TestServiceOptions = {}) {
  const service = new TestService(options)
  const current: { ids: readonly number[] } = { ids: [] }
  service.metrics.observableCounter({
    name: 'done_total',
    labelNames: ['id'],
    cardinalityLimit: limit,
    callback: (result) => {
      for (const id of current.ids) result.observe(10 ** id, { id })
    },
  })
  return { service, current }
}

describe('The cardinality limit of an observable', () => {
  it('is for the series of one collection; what is beyond adds up in the overflow series', async () => {
    const id = fc.nat({ max: 12 })
    const collections = fc.array(fc.uniqueArray(id), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), collections, async (limit, collections) => {
        const { service, current } = observing(limit)
        let overflowed = 0
        for (current.ids of collections) {
          const collected = await service.collect()
          const within = current.ids.slice(0, limit)
          const beyond = current.ids.slice(limit)
          overflowed += beyond.length
          expect(seriesOf(collected, 'done_total')).to.deep.equal({
            ...Object.fromEntries(within.map((id) => [`id=${id}`, 10 ** id])),
            ...(beyond.length > 0 && { [OVERFLOW]: beyond.reduce((sum, id) => sum + 10 ** id, 0) }),
          })
          expect(Object.values(seriesOf(collected, 'meterkit_overflowed_measurements_total'))).to.deep.equal(
            overflowed === 0 ? [] : [overflowed],
          )
        }
      }),
    )
  })

  it('lets all series of a collection change at once', async () => {
    const { service, current } = observing(3)
    for (current.ids of [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
      [0, 1, 2],
    ]) {
      expect(Object.keys(await service.series('done_total'))).to.deep.equal(current.ids.map((id) => `id=${id}`))
    }
    expect(await service.series('meterkit_overflowed_measurements_total')).to.deep.equal({})
  })

  it('holds against a flood within one collection', async () => {
    const { service, current } = observing(3)
    current.ids = Array.from({ length: 100 }, (_, index) => index / 1_000)
    expect(Object.keys(await service.series('done_total'))).to.have.lengthOf(3 + 1)
    expect(Object.keys(await service.series('done_total'))).to.have.lengthOf(3 + 1)
  })

  it('keeps the last value of gauges that are beyond it', async () => {
    const service = new TestService()
    service.metrics.observableGauge({
      name: 'depth',
      labelNames: ['id'],
      cardinalityLimit: 1,
      callback: (result) => {
        for (const id of [1, 2, 3]) result.observe(id, { id })
      },
    })
    expect(await service.series('depth')).to.deep.equal({ 'id=1': 1, [OVERFLOW]: 3 })
  })

  it('is after what a view took away: sums of label sets that meet are added up', async () => {
    const views = [{ instrumentName: 'done_total', attributesProcessors: [createAllowListAttributesProcessor([])] }]
    const { service, current } = observing(1, { views })
    current.ids = [0, 1, 2]
    expect(await service.series('done_total')).to.deep.equal({ '': 111 })
    expect(await service.series('done_total')).to.deep.equal({ '': 111 })
    expect(await service.series('meterkit_overflowed_measurements_total')).to.deep.equal({})
  })
})
