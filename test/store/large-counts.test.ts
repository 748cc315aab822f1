import { expect } from 'chai'
import type { HistogramStream } from '../../src/store/histogram'
import type { SeriesGroup } from '../../src/store/series-group'
import { TestService } from '../support/test-service'

const RANGE = 2 ** 32

/** A histogram whose series `id="0"` has counted `before` in its first bucket. */
function counted(before: number, series = 1) {
  const service = new TestService()
  const histogram = service.metrics.histogram({ name: 'h', labelNames: ['id'], buckets: [1, 2] })
  const bound = Array.from({ length: series }, (_, id) => histogram.bind({ id }))
  const stream = service.registry.streams.find(({ identity }) => identity.name === 'h') as HistogramStream
  stream.load(stream.table.groups[0] as SeriesGroup, 0, [before, 0, 0, 0])
  const counts = async () => {
    const { 'id=0': value } = await service.series('h')
    return typeof value === 'object' ? [value.count, ...value.buckets.counts] : []
  }
  return { histogram, bound, counts }
}

describe('A count of a histogram', () => {
  it('goes on past 32 bits, recorded with labels or bound', async () => {
    const { histogram, bound, counts } = counted(RANGE - 2)
    histogram.record(1, { id: 0 })
    expect(await counts()).to.deep.equal([RANGE - 1, RANGE - 1, 0, 0])
    bound[0]?.record(1)
    expect(await counts()).to.deep.equal([RANGE, RANGE, 0, 0])
    histogram.record(1, { id: 0 })
    bound[0]?.record(2)
    expect(await counts()).to.deep.equal([RANGE + 2, RANGE + 1, 1, 0])
  })

  it('goes on past 32 bits again and again', async () => {
    const { histogram, counts } = counted(5 * RANGE - 1)
    expect(await counts()).to.deep.equal([5 * RANGE - 1, 5 * RANGE - 1, 0, 0])
    histogram.record(1, { id: 0 })
    expect(await counts()).to.deep.equal([5 * RANGE, 5 * RANGE, 0, 0])
  })

  it('keeps what is past 32 bits when its group is packed, and loses it with its series', async () => {
    const { histogram, counts } = counted(3 * RANGE + 7, 200)
    for (let id = 1; id < 200; id++) histogram.remove({ id })
    expect(await counts()).to.deep.equal([3 * RANGE + 7, 3 * RANGE + 7, 0, 0])
    histogram.remove({ id: 0 })
    histogram.record(1, { id: 0 })
    expect(await counts()).to.deep.equal([1, 1, 0, 0])
  })
})
