import { expect } from 'chai'
import { errorOf, errorText, received } from '../../src/model/errors'

/** A value that throws whatever is asked of it. */
function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

describe('what error texts show of a value', () => {
  const itself: unknown[] = [1]
  itself.push(itself)

  for (const [value, text] of [
    ['a "quoted"\nline', '"a \\"quoted\\"\\nline"'],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    [5n, '5n'],
    [-0.5, '-0.5'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [['a', 1, [2]], '["a", 1, an array]'],
    [Array.from({ length: 21 }, () => 0), `[${'0, '.repeat(20)}…]`],
    [itself, '[1, an array]'],
    [{ a: 1 }, 'an object'],
    [Object.create(null), 'an object'],
    [revoked({}), 'an object'],
    [revoked([]), 'an object'],
    [() => 1, 'a function'],
  ] as const) {
    it(text.slice(0, 40), () => {
      expect(received(value)).to.equal(text)
    })
  }
})

describe('what error texts show of something thrown', () => {
  const unreadable = Object.defineProperty(new Error(), 'message', {
    get() {
      throw new Error('no message')
    },
  })

  for (const [what, thrown, text] of [
    ['an error', new TypeError('no such thing'), 'no such thing'],
    ['an error without a message', new TypeError(), 'TypeError'],
    ['an error that cannot be read', unreadable, 'an error that cannot be read'],
    ['text', 'broken', '"broken"'],
    ['nothing', undefined, 'undefined'],
    ['a revoked proxy', revoked({}), 'an error that cannot be read'],
  ] as const) {
    it(what, () => {
      expect(errorText(thrown)).to.equal(text)
    })
  }

  it('errorOf gives an error as it is, and anything else in an error', () => {
    const error = new TypeError('no such thing')
    expect(errorOf(error)).to.equal(error)
    expect(errorOf('broken')).to.be.instanceOf(Error).with.property('message', '"broken"')
    expect(errorOf(revoked({}))).to.be.instanceOf(Error)
  })
})
