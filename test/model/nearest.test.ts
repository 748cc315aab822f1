import { expect } from 'chai'
import fc from 'fast-check'
import { nearest } from '../../src/model/nearest'

describe('nearest', () => {
  const known = ['port', 'path', 'host', 'timeoutMs', 'translationStrategy']
  for (const [given, meant] of [
    ['prot', 'port'],
    ['PORT', 'port'],
    ['timeout', 'timeoutMs'],
    ['timeouMts', 'timeoutMs'],
    ['translationStratgey', 'translationStrategy'],
    ['x', undefined],
    ['', undefined],
    ['something', undefined],
  ] as const) {
    it(`takes ${given} for ${meant}`, () => expect(nearest(given, known)).to.equal(meant))
  }

  it('finds what is there, and is quick with what is long', () => {
    fc.assert(fc.property(fc.constantFrom(...known), (name) => nearest(name, known) === name))
    expect(nearest('x'.repeat(100_000), ['x'.repeat(99_999)])).to.equal(undefined)
  })
})
