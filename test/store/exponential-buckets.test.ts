import { expect } from 'chai'
import { BucketArena } from '../../src/store/bucket-arena'
import { ExponentialBuckets } from '../../src/store/exponential-buckets'
import { ExponentialIndex } from '../../src/store/exponential-index'

const RANGE = 2 ** 32
const index = ExponentialIndex.shared()

/** Buckets at scale 0 in which 1.5 and 3 were measured, `count` times each. */
function counted(count: number) {
  const buckets = new ExponentialBuckets({ maxBuckets: 4, scale: 0 }, new BucketArena())
  const record = (value: number) => {
    index.hold(value)
    if (buckets.addQuickly(value > 0, index)) return
    index.hold(value)
    buckets.add(value > 0, index, 1)
  }
  record(1.5)
  record(3)
  const { positive } = buckets
  positive.counts.forEach((once, place) => {
    if (once > 0) positive.add(place, count - 1)
  })
  const counts = () => [...positive.counts].filter((each) => each > 0)
  return { buckets, record, counts }
}

describe('The counts of exponential buckets', () => {
  it('go on past 32 bits', () => {
    const { record, counts } = counted(RANGE - 2)
    for (const expected of [RANGE - 1, RANGE, RANGE + 1]) {
      record(1.5)
      expect(counts()).to.deep.equal([expected, RANGE - 2])
    }
    for (const expected of [RANGE - 1, RANGE, RANGE + 1]) {
      record(3)
      expect(counts()).to.deep.equal([RANGE + 1, expected])
    }
  })

  it('pass 32 bits where buckets are joined, and keep what they hold where others are added', () => {
    const { buckets, record, counts } = counted(RANGE - 1)
    record(1_000)
    expect(buckets.scale).to.equal(-2)
    expect(counts()).to.deep.equal([2 * (RANGE - 1), 1])
    record(1.5)
    record(-1.5)
    expect(counts()).to.deep.equal([2 * RANGE - 1, 1])
    expect([...(buckets.negative?.counts ?? [])].filter((each) => each > 0)).to.deep.equal([1])
  })
})
