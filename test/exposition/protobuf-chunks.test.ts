import { expect } from 'chai'
import { PROTOBUF } from '../../src/exposition/format'
import { ExpositionHouse } from '../support/exposition-house'
import { parseProtobuf } from '../support/protobuf-page'

/** A house whose page takes several chunks, one of them of a megabyte. */
function fullHouse(): ExpositionHouse {
  const house = new ExpositionHouse({ cardinalityLimit: 1e5 })
  const gauge = house.metrics.gauge({ name: 'g', labelNames: ['id'] })
  for (let id = 0; id < 20_000; id++) gauge.set(id, { id: `${id}${'x'.repeat(50)}` })
  house.metrics.counter({ name: 'z_total' }).add(1)
  return house
}

describe('exposition: the chunks of pages in delimited protobuf', () => {
  it('take no more memory for many families', () => {
    const house = new ExpositionHouse()
    const names = Array.from({ length: 2_000 }, (_, index) => `c${10_000 + index}_total`)
    for (const [index, name] of names.entries()) {
      house.metrics.counter({ name, help: 'x'.repeat(100 + (index % 300)) }).add(1)
    }
    const chunks = [...house.chunks(PROTOBUF)]
    expect(parseProtobuf(Buffer.concat(chunks)).map(({ name }) => name)).to.deep.equal(names)
    for (const chunk of chunks) expect(chunk.length).to.be.at.most(2 ** 16)
  })

  it('make pages at the same time each as one alone is, whichever is done first, and whichever is given up', () => {
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
