import { expect } from 'chai'
import fc from 'fast-check'
import { DEFAULT_BUCKETS, OTEL_DEFAULT_BUCKETS } from '../../src/model/buckets'
import { BucketSearch } from '../../src/store/bucket-search'

/** The first bucket whose bound is not below the value, the slow and obvious way. */
function bucketOf(bounds: readonly number[], value: number): number {
  const index = bounds.findIndex((bound) => value <= bound)
  return index < 0 ? bounds.length : index
}

/** The doubles next to a number. */
function neighbours(value: number): number[] {
  const bits = new BigInt64Array(1)
  const double = new Float64Array(bits.buffer)
  return [-1n, 0n, 1n].map((step) => {
    double[0] = value
    bits[0] = (bits[0] as bigint) + step
    return double[0] as number
  })
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const everyday = fc.oneof(
  fc.integer({ min: -100, max: 10_000 }),
  fc.integer({ min: 1, max: 10_000 }).map((n) => n / 1_000),
)
const someBounds = fc
  .uniqueArray(fc.oneof(finite, everyday), { comparator: (a, b) => a === b, maxLength: 40 })
  .map((bounds) => bounds.map((bound) => bound + 0).sort((a, b) => a - b))
const bounds = fc.oneof(someBounds, fc.constantFrom(DEFAULT_BUCKETS, OTEL_DEFAULT_BUCKETS, [], [0], [-1], [-0.5, 0.5]))

describe('The search for a bucket', () => {
  it('finds the first bound that is not below the value', () => {
    fc.assert(
      fc.property(bounds, fc.array(fc.oneof(finite, everyday)), (bounds, values) => {
        const search = new BucketSearch(bounds)
        for (const value of values) expect(search.find(value)).to.equal(bucketOf(bounds, value))
      }),
      { numRuns: 500 },
    )
  })

  it('tells a bound, which is inclusive, from the numbers next to it', () => {
    fc.assert(
      fc.property(bounds, (bounds) => {
        const search = new BucketSearch(bounds)
        const values = bounds.flatMap(neighbours).filter(Number.isFinite)
        for (const value of values) expect(search.find(value), String(value)).to.equal(bucketOf(bounds, value))
      }),
      { numRuns: 500 },
    )
  })

  it('finds its way at the ends of what a number can be, and among many bounds', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => 1.005 ** index)
    const extremes = [0, -0, Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE, 2.2e-308]
    for (const bounds of [many, [Number.MIN_VALUE, Number.MAX_VALUE], [-Number.MAX_VALUE], DEFAULT_BUCKETS]) {
      const search = new BucketSearch(bounds)
      for (const value of [...extremes, ...bounds]) expect(search.find(value)).to.equal(bucketOf(bounds, value))
    }
  })
})
