import { expect } from 'chai'
import { errorClass } from '../../src/instrument/error-class'

describe('errorClass', () => {
  it('is the name of the constructor, never the message', () => {
    class PaymentError extends Error {}
    const renamed = Object.assign(new Error('a'), { name: 'b' })
    expect([new PaymentError('x'), new TypeError('y'), renamed, new DOMException('z', 'AbortError')].map(errorClass)) //
      .to.deep.equal(['PaymentError', 'TypeError', 'Error', 'DOMException'])
  })

  it('is the type of what is no object', () => {
    expect(['text', 7, 7n, true, undefined, null, Symbol('s')].map(errorClass)) //
      .to.deep.equal(['string', 'number', 'bigint', 'boolean', 'undefined', 'null', 'symbol'])
  })

  it('is a word of its own where there is no class', () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('no')
        },
      },
    )
    const numbered = { constructor: { name: 7 } }
    expect([Object.create(null), new (class extends Error {})(), hostile, numbered].map(errorClass)) //
      .to.deep.equal(['(anonymous)', '(anonymous)', '(anonymous)', '(anonymous)'])
  })
})
