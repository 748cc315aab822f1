import { expect } from 'chai'
import fc from 'fast-check'
import { ExponentialIndex } from '../../src/store/exponential-index'

const shared = ExponentialIndex.shared()
const index = {
  indexAt(value: number, scale: number): number {
    shared.hold(value)
    return shared.bucketAt(scale)
  },
}
const SMALLEST_NORMAL = 2 ** -1_022

/**
 * Whether `value <= 2 ** (bound / 2 ** scale)`, without rounding: `value ** (2 ** scale) <= 2 ** bound`, both sides
 * whole numbers. Only for small scales, as the numbers grow with them.
 */
function isAtMost(value: number, bound: number, scale: number): boolean {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  // value = mantissa * 2 ** exponent
  const mantissa = (raw & (2n ** 52n - 1n)) | (1n << 52n)
  const exponent = BigInt(((raw >> 52n) & 0x7ffn) - 1_023n - 52n)
  const power = 2n ** BigInt(scale)
  const shift = exponent * power - BigInt(bound)
  const left = mantissa ** power
  return shift >= 0n ? left << shift <= 1n : left <= 1n << -shift
}

const scale = fc.integer({ min: 0, max: 5 })
const bitsOf = (value: number) => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}
const numberOf = (bits: bigint) => {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}
const positive = fc.bigInt({ min: bitsOf(SMALLEST_NORMAL), max: bitsOf(Number.MAX_VALUE) }).map(numberOf)

describe('The bucket of a value in an exponential histogram', () => {
  it('holds the value: above its lower bound, not above its upper one, by exact arithmetic', () => {
    fc.assert(
      fc.property(positive, scale, (value, scale) => {
        const bucket = index.indexAt(value, scale)
        expect(isAtMost(value, bucket + 1, scale)).to.equal(true)
        expect(isAtMost(value, bucket, scale)).to.equal(false)
      }),
      { numRuns: 500 },
    )
  })

  it('is right next to its bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -300, max: 300 }), scale, fc.integer({ min: -2, max: 2 }), (bound, scale, ulps) => {
        const value = numberOf(bitsOf(2 ** (bound / 2 ** scale)) + BigInt(ulps))
        const bucket = index.indexAt(value, scale)
        expect(isAtMost(value, bucket + 1, scale)).to.equal(true)
        expect(isAtMost(value, bucket, scale)).to.equal(false)
      }),
      { numRuns: 500 },
    )
  })

  it('has powers of two as upper bounds at every scale', () => {
    for (let scale = -10; scale <= 20; scale++) {
      for (const exponent of [-1_022, -1_021, -3, -1, 0, 1, 2, 52, 1_023]) {
        const expected = scale >= 0 ? exponent * 2 ** scale - 1 : Math.ceil(exponent / 2 ** -scale) - 1
        expect(index.indexAt(2 ** exponent, scale), `2 ** ${exponent} at ${scale}`).to.equal(expected)
      }
    }
  })

  it('of a coarser scale is that of a finer one, halved', () => {
    fc.assert(
      fc.property(positive, fc.integer({ min: -9, max: 20 }), (value, scale) => {
        expect(index.indexAt(value, scale - 1)).to.equal(index.indexAt(value, scale) >> 1)
      }),
      { numRuns: 2_000 },
    )
  })

  it('of the numbers below the normal ones is that of the smallest normal one', () => {
    for (const scale of [-10, 0, 8, 20]) {
      const smallest = index.indexAt(SMALLEST_NORMAL, scale)
      expect(index.indexAt(Number.MIN_VALUE, scale)).to.equal(smallest)
      expect(index.indexAt(SMALLEST_NORMAL / 3, scale)).to.equal(smallest)
    }
  })
})
