import { expect } from 'chai'
import fc from 'fast-check'
import { namesAsked, QueryError } from '../../src/endpoint/name-parameters'

function asked(query: string): string[] | undefined {
  const names = namesAsked(query)
  return names && [...names]
}

describe('endpoint: the name[] parameters of a query', () => {
  it('are the names, as Prometheus and people write them', () => {
    expect(asked('name[]=a')).to.deep.equal(['a'])
    expect(asked('name%5B%5D=a&name%5b%5d=b')).to.deep.equal(['a', 'b'])
    expect(asked('name[]=a&x=1&name[]=b&name[]=a')).to.deep.equal(['a', 'b'])
    expect(asked('name[]=gr%C3%B6%C3%9Fe')).to.deep.equal(['größe'])
    expect(asked('name[]=a%26b%3Dc%2Bd&name[]=two+words&name[]=a=b')).to.deep.equal(['a&b=c+d', 'two words', 'a=b'])
    expect(asked('name[]=')).to.deep.equal([''])
    expect(asked('name[]=__proto__')).to.deep.equal(['__proto__'])
  })

  it('are none where no parameter is called so', () => {
    for (const query of [
      '',
      '&',
      '&&=&',
      'name=a',
      'name[',
      'name[]',
      'names[]=a',
      'NAME[]=a',
      'x=name[]=a',
      '%=a',
      'x=%',
    ]) {
      expect(asked(query), query).to.equal(undefined)
    }
  })

  it('are refused where they are not percent-encoded UTF-8', () => {
    for (const value of ['%', '%zz', '%C3', '%ff', 'a%2']) {
      expect(() => namesAsked(`x=1&name[]=${value}`), value).to.throw(
        QueryError,
        `Cannot read "name[]": the name must be percent-encoded UTF-8, got "${value}". Write name[]=http_requests_total.`,
      )
    }
  })

  it('are refused where there are too many, or the query is too long, whatever it has', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `name[]=${index}`).join('&')
    expect(asked(many(1_000))).to.have.length(1_000)
    expect(() => namesAsked(many(1_001))).to.throw(
      QueryError,
      'Cannot read "query": it must be of 1000 parameters or less, got more.',
    )
    expect(() => namesAsked('&'.repeat(1_000))).to.throw(QueryError)
    expect(asked(`name[]=${'a'.repeat(32_761)}`)).to.have.length(1)
    expect(() => namesAsked(`name[]=${'a'.repeat(32_762)}`)).to.throw(
      QueryError,
      'Cannot read "query": it must be 32768 characters or less, got 32769.',
    )
  })

  it('are what URLSearchParams wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { minLength: 1, maxLength: 5 }), (names) => {
        const query = new URLSearchParams(names.map((name): [string, string] => ['name[]', name])).toString()
        expect(asked(query)).to.deep.equal([...new Set(names.map((name) => name.toWellFormed()))])
      }),
    )
  })

  it('are a set or an error, whatever comes', () => {
    const piece = fc.constantFrom('name[]=', 'name%5B%5D=', '&', '=', '%', '%C3', '+', '\0', 'ÿ', 'a', '#', '?')
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
        try {
          namesAsked(pieces.join(''))
        } catch (error) {
          expect(error).to.be.instanceOf(QueryError)
        }
      }),
    )
  })
})
