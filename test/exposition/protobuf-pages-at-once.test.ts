import { expect } from 'chai'
import { PROTOBUF } from '../../src/exposition/format'
import { ExpositionHouse } from '../support/exposition-house'

/** A house whose page takes several chunks, one of them of a megabyte. */
function fullHouse(): ExpositionHouse {
  const house = new ExpositionHouse({ cardinalityLimit: 1e5 })
  const gauge = house.metrics.gauge({ name: 'g', labelNames: ['id'] })
  for (let id = 0; id < 20_000; id++) gauge.set(id, { id: `${id}${'x'.repeat(50)}` })
  house.metrics.counter({ name: 'z_total' }).add(1)
  return house
}

describe('exposition: pages in delimited protobuf at the same time', () => {
  it('are each as one alone is, whichever is done first, and whichever is given up', () => {
    const alone = Buffer.concat([...fullHouse().chunks(PROTOBUF)])
    const house = fullHouse()
    for (let round = 0; round < 2; round++) {
      const pages = Array.from({ length: 3 }, () => ({ chunks: house.chunks(PROTOBUF), parts: [] as Buffer[] }))
      const givenUp = house.chunks(PROTOBUF)
      givenUp.next()
      for (let left = pages; left.length > 0; ) {
        left = left.filter(({ chunks, parts }) => {
          const { value, done } = chunks.next()
          if (value !== undefined) parts.push(value)
          return done !== true
        })
      }
      givenUp.return()
      for (const { parts } of pages) expect(Buffer.concat(parts).equals(alone)).to.equal(true)
    }
  })
})
