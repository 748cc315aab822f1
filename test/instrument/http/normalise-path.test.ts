import { expect } from 'chai'
import fc from 'fast-check'
import { normalisePath, pathOfTarget } from '../../../src/instrument/http/normalise-path'

describe('normalisePath', () => {
  const kept = [
    '/',
    '/users',
    '/api/v1/users',
    '/api/v2.1/order-items',
    '/oauth2/token',
    '/static/app.min.js',
    '/get-user-by-name-v2x',
    '/.well-known/openid-configuration',
    '/users/:id/orders/:id',
    '/decade/facade',
    '/a/*',
  ]
  for (const path of kept) {
    it(`keeps ${path}`, () => expect(normalisePath(path)).to.equal(path))
  }

  const changed: Record<string, string> = {
    '': '/',
    '/users/42': '/users/:id',
    '/users/42/': '/users/:id',
    '//users///42': '/users/:id',
    '/users/-7': '/users/:id',
    '/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301': '/users/:id',
    '/users/3F2504E0-4F89-11D3-9A0C-0305E82C3301/orders': '/users/:id/orders',
    '/commit/d6cd1e2bd19e03a81132a23b2025920577f84e37': '/commit/:id',
    '/commit/deadbeefdeadbeef': '/commit/:id',
    '/commit/d6cd1e2b': '/commit/:id',
    '/doc/507f1f77bcf86cd799439011': '/doc/:id',
    '/doc/01ARZ3NDEKTSV4RRFFQ69G5FAV': '/doc/:id',
    '/doc/V1StGXR8_Z5jdHi6B-myT': '/doc/:id',
    '/doc/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0': '/doc/:id',
    '/day/2024-02-29': '/day/:id',
    '/order/order-123': '/order/:id',
    '/order/ABC12345': '/order/:id',
    '/assets/app.3f2a9c1b.js': '/assets/:id',
    '/mail/ann@example.org': '/mail/:id',
    '/name/J%C3%BCrgen': '/name/:id',
    '/name/Jürgen': '/name/:id',
    '/x/"quoted"': '/x/:id',
    [`/x/${'word-'.repeat(10)}`]: '/x/:id',
    '/a/b/c/d/e/f/g/h/i/j/k/l': '/a/b/c/d/e/f/g/h/i/j/*',
  }
  for (const [path, wanted] of Object.entries(changed)) {
    it(`writes ${path} as ${wanted}`, () => expect(normalisePath(path)).to.equal(wanted))
  }

  it('leaves what it has made as it is, and never makes a long text', () => {
    const anyUnit = fc.integer({ max: 0xffff, min: 0 }).map((code) => String.fromCharCode(code))
    const path = fc.oneof(
      fc.string({ unit: anyUnit, maxLength: 300 }),
      fc.string({ maxLength: 300 }),
      fc
        .array(fc.oneof(fc.uuid(), fc.base64String(), fc.constantFrom(':id', '*', '..', 'v1', 'a')))
        .map((parts) => parts.join('/')),
    )
    fc.assert(
      fc.property(path, (text) => {
        const normal = normalisePath(text)
        expect(normalisePath(normal)).to.equal(normal)
        expect(normal.length).to.be.below(420)
        expect(normal).to.match(/^\/[\x20-\x7e]*$/)
      }),
    )
  })
})

describe('pathOfTarget', () => {
  const cases: Record<string, string | undefined> = {
    '/users?id=1': '/users',
    '/?': '/',
    '*': '*',
    'http://example.org/users?x=/y': '/users',
    'http://example.org': '/',
    'http://example.org?x=1': '/',
    'example.org:443': undefined,
    '': undefined,
  }
  for (const [target, wanted] of Object.entries(cases)) {
    it(`reads "${target}" as ${wanted}`, () => expect(pathOfTarget(target)).to.equal(wanted))
  }
})
