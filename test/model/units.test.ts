import { expect } from 'chai'
import fc from 'fast-check'
import { perSecond, unitWords } from '../../src/model/units'

describe('unitWords', () => {
  for (const [unit, words] of [
    ['', ''],
    ['s', 'seconds'],
    ['ms', 'milliseconds'],
    ['By', 'bytes'],
    ['KiBy', 'kibibytes'],
    ['Cel', 'celsius'],
    ['%', 'percent'],
    ['{request}', ''],
    ['{request}/s', 'per_second'],
    ['By/s', 'bytes_per_second'],
    ['m/s', 'meters_per_second'],
    ['By/min', 'bytes_per_minute'],
    ['1/s', 'per_second'],
    ['By{used}', 'bytes'],
    ['By/{request}', 'bytes'],
    [' s ', 'seconds'],
    ['furlong', 'furlong'],
    ['a.b', 'a_b'],
    ['constructor', 'constructor'],
    ['__proto__', 'proto'],
    ['//', ''],
  ] as const) {
    it(`reads ${JSON.stringify(unit)} as ${JSON.stringify(words)}`, () => {
      expect(unitWords(unit, false)).to.equal(words)
      expect(unitWords(unit, true)).to.equal(words)
    })
  }

  it('reads 1 as a ratio, of gauges alone', () => {
    expect(unitWords('1', true)).to.equal('ratio')
    expect(unitWords('1', false)).to.equal('')
  })

  it('is fit for a name whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (unit, isGauge) => {
        expect(unitWords(unit, isGauge)).to.match(/^(?:[a-zA-Z0-9]\w*)?$/)
      }),
    )
  })
})

describe('perSecond', () => {
  it('agrees with the words of every unit of time', () => {
    const seconds = { d: 86_400, h: 3_600, min: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 }
    for (const [unit, inSeconds] of Object.entries(seconds)) {
      expect(perSecond(unit) * inSeconds, unit).to.be.closeTo(1, 1e-12)
      expect(unitWords(unit, false)).to.match(/^(?:days|hours|minutes|\w*seconds)$/)
    }
  })

  it('is seconds where the unit is none of time', () => {
    for (const unit of ['', 'By', '1', '{job}', 'constructor']) expect(perSecond(unit)).to.equal(1)
  })
})
