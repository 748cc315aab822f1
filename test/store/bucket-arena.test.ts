import { expect } from 'chai'
import { BucketArena, NOWHERE } from '../../src/store/bucket-arena'
import { collectGarbage } from '../support/garbage'

describe('The arena of buckets', () => {
  it('gives each its own room, all zeros, also where that was given back', () => {
    const arena = new BucketArena()
    const lengths = [8, 16, 160, 4_096, 8, 16, 160]
    const taken = lengths.map((length) => ({ address: arena.take(length), length }))
    taken.forEach(({ address, length }, index) => void arena.at(address, length).fill(index + 1))
    const [first, , third] = taken
    for (const { address = NOWHERE, length = 0 } of [first ?? {}, third ?? {}]) {
      arena.give(address, length)
      expect(arena.take(length)).to.equal(address)
    }
    const sums = taken.map(({ address, length }) => arena.at(address, length).reduce((sum, count) => sum + count, 0))
    expect(sums).to.deep.equal([0, 16 * 2, 0, 4_096 * 4, 8 * 5, 16 * 6, 160 * 7])
  })

  it('has no room for more than a chunk holds', () => {
    expect(new BucketArena().take(4_097)).to.equal(NOWHERE)
  })

  it('holds no memory when all was given back', async () => {
    const arena = new BucketArena()
    const taken = Array.from({ length: 100 }, () => arena.take(160))
    const buffers = taken.map((address) => new WeakRef(arena.at(address, 160).buffer))
    for (const address of taken) arena.give(address, 160)
    await new Promise(setImmediate)
    collectGarbage()
    expect(buffers.filter((buffer) => buffer.deref() !== undefined)).to.be.empty
    const address = arena.take(160)
    expect(arena.increment(address + 159)).to.equal(true)
    expect(arena.at(address, 160).at(-1)).to.equal(1)
  })
})
