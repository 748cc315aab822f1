import { expect } from 'chai'
import * as fc from 'fast-check'
import { boundText, escapeLabelValue, MAX_NUMBER_BYTES, numberText, writeNumber } from '../../src/exposition/bytes'

describe('exposition: bytes', () => {
  const written = (value: number) => {
    const target = Buffer.alloc(MAX_NUMBER_BYTES + 2, '#')
    const end = writeNumber(target, 1, value)
    expect(target[0]).to.equal('#'.charCodeAt(0))
    expect(target.subarray(end).toString()).to.match(/^#+$/)
    return target.subarray(1, end).toString()
  }

  it('writes every number as its shortest text, in the room it says', () => {
    const numbers = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.nat(20).map((power) => 10 ** power - 1),
    )
    fc.assert(
      fc.property(numbers, (value) => {
        expect(written(value)).to.equal(numberText(value))
      }),
    )
    for (const value of [
      0,
      -0,
      9,
      10,
      99,
      100,
      999_999_999,
      1e9,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32,
      -1,
      0.5,
      1e21,
      5e-324,
      -1.7976931348623157e308,
    ]) {
      expect(written(value)).to.equal(String(value))
    }
  })

  it('writes what is no finite number as the formats do', () => {
    expect([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map(written)).to.deep.equal([
      '+Inf',
      '-Inf',
      'NaN',
    ])
  })

  it('writes bounds for OpenMetrics as its section "Canonical Numbers" shows them', () => {
    const shown =
      '0.0 0.001 0.002 0.01 0.1 0.9 0.95 0.99 0.999 1.0 1.7 10.0 1e-10 1e-09 1e-05 0.0001 100000.0 1e+06 1e+10 1e+23 1.1e+23 +Inf'
    expect(
      [
        0,
        0.001,
        0.002,
        0.01,
        0.1,
        0.9,
        0.95,
        0.99,
        0.999,
        1,
        1.7,
        10,
        1e-10,
        1e-9,
        1e-5,
        1e-4,
        1e5,
        1e6,
        1e10,
        1e23,
        1.1e23,
        Number.POSITIVE_INFINITY,
      ]
        .map((bound) => boundText(bound, true))
        .join(' '),
    ).to.equal(shown)
    expect(boundText(-2.5, true)).to.equal('-2.5')
    expect(boundText(-1_048_576, true)).to.equal('-1.048576e+06')
  })

  it('writes bounds so that they read back the same in both formats', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (bound) => {
        expect(Number(boundText(bound, true))).to.equal(bound + 0)
        expect(Number(boundText(bound, false))).to.equal(bound + 0)
        expect(boundText(bound, true)).to.match(/[.e]/)
      }),
    )
  })

  it('escapes what ends a label or a line, and nothing else', () => {
    expect(escapeLabelValue('a\\b"c\nd\re\tf')).to.equal('a\\\\b\\"c\\nd\re\tf')
    expect(escapeLabelValue('\\n')).to.equal('\\\\n')
  })
})
