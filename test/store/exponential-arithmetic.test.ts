import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import fc from 'fast-check'
import { exponentialDifference, exponentialSum, withoutExponentialDebts } from '../../src/store/exponential-arithmetic'

type Buckets = ExponentialHistogram['positive']

/** A histogram of values at a scale, by the definition of its buckets. */
function histogramOf(values: readonly number[], scale: number): ExponentialHistogram {
  const base = 2 ** (2 ** -scale)
  const side = (sign: number): Buckets => {
    const indexes = values
      .filter((value) => Math.sign(value) === sign)
      .map((value) => Math.ceil(Math.log(Math.abs(value)) / Math.log(base) - 1e-9) - 1)
    if (indexes.length === 0) return { offset: 0, bucketCounts: [] }
    const offset = Math.min(...indexes)
    const bucketCounts = new Array<number>(Math.max(...indexes) - offset + 1).fill(0)
    for (const index of indexes) (bucketCounts[index - offset] as number) += 1
    return { offset, bucketCounts }
  }
  return {
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    scale,
    zeroCount: values.filter((value) => value === 0).length,
    positive: side(1),
    negative: side(-1),
  }
}

// Far enough from the bounds of buckets that no rounding decides.
const value = fc.integer({ min: -50, max: 50 }).map((number) => number * 1.3)
const values = fc.array(value, { maxLength: 30 })

describe('exponentialDifference', () => {
  it('is what the values that came have by themselves, at the scale there is now', () => {
    const scales = fc.tuple(fc.integer({ min: -1, max: 3 }), fc.integer({ min: 0, max: 3 }))
    fc.assert(
      fc.property(values, fc.array(value, { minLength: 1, maxLength: 30 }), scales, (before, more, [scale, fallen]) => {
        const all = histogramOf([...before, ...more], scale)
        const difference = exponentialDifference(all, histogramOf(before, scale + fallen))
        const { sum, ...rest } = difference ?? all
        const { sum: expectedSum, ...expected } = histogramOf(more, scale)
        expect(rest).to.deep.equal(expected)
        expect(sum).to.be.closeTo(expectedSum as number, 1e-9)
      }),
    )
  })

  it('is nothing where nothing came', () => {
    fc.assert(
      fc.property(values, (given) => exponentialDifference(histogramOf(given, 1), histogramOf(given, 3)) === undefined),
    )
  })
})

describe('withoutExponentialDebts', () => {
  it('has as many measurements, and none below nothing, where some were in other buckets before', () => {
    const given = fc.array(value, { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(given, values, values, (more, before, placedElsewhere) => {
        const now = histogramOf([...placedElsewhere.slice(0, before.length), ...more], 1)
        const known = histogramOf(before.slice(0, placedElsewhere.length), 1)
        const difference = exponentialDifference(now, known)
        if (difference === undefined) throw new Error('nothing came')
        const { count, zeroCount, positive, negative } = withoutExponentialDebts(difference)
        const counts = [zeroCount, ...positive.bucketCounts, ...negative.bucketCounts]
        expect(count).to.equal(more.length)
        expect(counts.reduce((sum, each) => sum + each, 0)).to.equal(count)
        expect(counts.every((each) => each >= 0)).to.equal(true)
      }),
    )
  })

  it('leaves a histogram as it is where nothing is missing', () => {
    fc.assert(
      fc.property(values, (given) => {
        expect(withoutExponentialDebts(histogramOf(given, 1))).to.deep.equal(histogramOf(given, 1))
      }),
    )
  })

  it('takes what is missing from neighbours', () => {
    const histogram = (negative: number[], zeroCount: number, positive: number[]): ExponentialHistogram => ({
      count: 3,
      sum: 0,
      scale: 0,
      negative: { offset: 2, bucketCounts: negative },
      zeroCount,
      positive: { offset: 5, bucketCounts: positive },
    })
    expect(withoutExponentialDebts(histogram([3, -1], -1, [4, 0, -2]))).to.deep.equal({
      ...histogram([2], 0, [1]),
    })
  })
})

describe('exponentialSum', () => {
  it('is what all values have together, at the lower scale', () => {
    const scales = fc.tuple(fc.integer({ min: -1, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.boolean())
    fc.assert(
      fc.property(values, values, scales, (some, others, [scale, higher, isFirst]) => {
        const [a, b] = isFirst ? [scale, scale + higher] : [scale + higher, scale]
        const { sum, ...rest } = exponentialSum(histogramOf(some, a), histogramOf(others, b))
        // Where one has no buckets, the other's scale stands.
        const has = (list: readonly number[]) => list.some((each) => each !== 0)
        const lower = has(some) && has(others) ? scale : has(some) ? a : has(others) ? b : rest.scale
        const { sum: expectedSum, ...expected } = histogramOf([...some, ...others], lower)
        expect(rest).to.deep.equal(expected)
        expect(sum).to.be.closeTo(expectedSum as number, 1e-9)
      }),
    )
  })

  it('has few buckets, however far apart the values are', () => {
    for (const [some, others] of [
      [[1.3e-300], [1.3e300]],
      [
        [-1.3e300, 2.6],
        [-1.3e-300, 5.2],
      ],
    ] as const) {
      const { sum: _sum, ...rest } = exponentialSum(histogramOf(some, 20), histogramOf(others, 18))
      expect(rest.scale).to.equal(-4)
      const { sum: _expectedSum, ...expected } = histogramOf([...some, ...others], -4)
      expect(rest).to.deep.equal(expected)
    }
  })
})
