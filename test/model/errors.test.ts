import { expect } from 'chai'
import fc from 'fast-check'
import { DefinitionConflictError, DefinitionError, errorOf, errorText, received } from '../../src/model/errors'

const circular: unknown[] = [1]
circular.push(circular)

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

describe('received', () => {
  for (const [value, text] of [
    ['a "b"\n', '"a \\"b\\"\\n"'],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    [7, '7'],
    [Number.NaN, 'NaN'],
    [7n, '7n'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('a'), 'Symbol(a)'],
    [{ a: 1 }, 'an object'],
    [new Date(0), 'an object'],
    [() => 1, 'a function'],
    [[1, 'a', { b: 2 }, [3]], '[1, "a", an object, an array]'],
    [circular, '[1, an array]'],
    [Array.from({ length: 25 }, () => 0), `[${'0, '.repeat(20)}…]`],
  ] as const) {
    it(`shows ${text.slice(0, 30)}`, () => expect(received(value)).to.equal(text))
  }

  it('is short and never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (value) => {
        expect(received(value).length).to.be.below(2_000)
      }),
    )
    for (const value of [revoked({}), revoked([]), revoked(() => 1)]) expect(received(value)).to.match(/^an? /)
  })
})

describe('errorText', () => {
  it('is the message of an error, its name where there is none, and what was thrown otherwise', () => {
    expect(errorText(new Error('no'))).to.equal('no')
    expect(errorText(new RangeError(''))).to.equal('RangeError')
    expect(errorText('no')).to.equal('"no"')
    expect(errorText(undefined)).to.equal('undefined')
  })

  it('never throws', () => {
    const unreadable = Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('no')
      },
    })
    for (const error of [unreadable, revoked(new Error('x'))]) {
      expect(errorText(error)).to.be.a('string')
      expect(errorOf(error)).to.be.instanceOf(Error)
    }
  })
})

describe('errorOf', () => {
  it('is the error that was thrown, or one that tells what was', () => {
    const error = new TypeError('no')
    expect(errorOf(error)).to.equal(error)
    expect(errorOf('no')).to.be.instanceOf(Error).with.property('message', '"no"')
  })
})

describe('A definition error', () => {
  it('can be told from others by its class and its name', () => {
    const conflict = new DefinitionConflictError('text', 'old', 'new')
    expect(conflict).to.be.instanceOf(DefinitionError)
    expect(conflict).to.deep.include({
      name: 'DefinitionConflictError',
      message: 'text',
      existing: 'old',
      requested: 'new',
    })
    expect(new DefinitionError('text').name).to.equal('DefinitionError')
    expect(String(conflict)).to.equal('DefinitionConflictError: text')
  })
})
