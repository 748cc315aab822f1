import { expect } from 'chai'
import fc from 'fast-check'
import { checkedBuckets, DEFAULT_BUCKETS, OTEL_DEFAULT_BUCKETS } from '../../src/model/buckets'

const bounds = fc
  .uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { comparator: (a, b) => a === b })
  .map((bounds) => bounds.sort((a, b) => a - b))

describe('checkedBuckets', () => {
  it('copies bounds that rise, and leaves a closing +Inf out', () => {
    fc.assert(
      fc.property(bounds, fc.boolean(), (bounds, closes) => {
        const given = closes ? [...bounds, Number.POSITIVE_INFINITY] : bounds
        const checked = checkedBuckets('Cannot:', given)
        expect(checked).to.not.equal(given)
        expect(checked).to.have.lengthOf(bounds.length)
        for (const [index, bound] of checked.entries())
          expect(Object.is(bound, (bounds[index] as number) + 0)).to.equal(true)
      }),
    )
  })

  it('refuses bounds in any other order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4], { minLength: 2 }), (bounds) => {
        const rises = bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] as number))
        if (rises) checkedBuckets('Cannot:', bounds)
        else expect(() => checkedBuckets('Cannot:', bounds)).to.throw('Cannot: buckets must be in rising order')
      }),
    )
  })

  it('refuses holes, NaN and infinities', () => {
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    for (const bounds of [[1, , 3], [Number.NaN], [Number.NEGATIVE_INFINITY, 1]]) {
      expect(() => checkedBuckets('Cannot:', bounds as number[])).to.throw('Cannot: buckets must be finite numbers')
    }
  })
})

describe('The default buckets', () => {
  it('are what they check for, and nobody can change them for others', () => {
    for (const buckets of [DEFAULT_BUCKETS, OTEL_DEFAULT_BUCKETS]) {
      expect(checkedBuckets('Cannot:', buckets)).to.deep.equal(buckets)
      expect(() => (buckets as number[]).push(1)).to.throw(TypeError)
    }
  })
})
