import { expect } from 'chai'
import { joinPatterns, RouteNode } from '../../../src/instrument/http/frameworks/route-tree'
import { matchesEverything, Paths } from '../../../src/instrument/http/paths'

describe('HTTP: the values of the path label', () => {
  it('are few, even where routes are made for every request', () => {
    const paths = new Paths(10, () => {})
    const root = RouteNode.root(paths)
    const texts = new Set<string>()
    for (let i = 0; i < 20_000; i++) {
      texts.add(root.child(`/made-${i}`).path.text)
      texts.add(root.child(new RegExp(`made ${i}`)).child('/x').path.text)
    }
    expect(texts.size).to.equal(2001)
    expect(texts).to.include('(other)')
    expect(root.child('/one too many'), 'is not kept').to.not.equal(root.child('/one too many'))
    expect(root.child('/made-0').path).to.equal(paths.ofRoute('/made-0'))
  })

  it('are the same for a route and for a URL of the same text', () => {
    const paths = new Paths(10, () => {})
    const route = RouteNode.root(paths).child('/users/').child('/:id').path
    expect(route.text).to.equal('/users/:id')
    expect(paths.ofTarget('/users/7?x', 404)).to.equal(route)
  })

  it('never take the reserved ones from a URL', () => {
    const paths = new Paths(10, () => {})
    expect(paths.ofTarget('(unmatched)', 200)).to.equal(paths.other)
    expect(paths.ofTarget('/(unmatched)', 200).text).to.equal('/(unmatched)')
    expect(paths.ofTarget('', 200)).to.equal(paths.other)
  })
})

describe('matchesEverything', () => {
  const all =
    '* /* ** /** /**:rest *path /*path {*path} /{*path} {/*path} (.*) /(.*) /:path(.*) /:path* /:path+ /{any*}'
      .concat(' /[...slug] /[[...slug]] /:path(*) /:path(.+) /:path{.*} /:path{.+}')
      .split(' ')
      .concat(String(/.*/), String(/^\/(.*)$/i))
  const some = [
    '',
    '/',
    '/:id',
    '/files/*',
    '/*/x',
    '/a*',
    '/{id}',
    '/{any*2}',
    '/:id?',
    '/[id]',
    '/:id{[0-9]+}',
    String(/^\/a.*/),
  ]

  it('knows the patterns of all frameworks that do, and no others', () => {
    expect(all.filter((pattern) => !matchesEverything(pattern))).to.deep.equal([])
    expect(some.filter(matchesEverything)).to.deep.equal([])
  })
})

describe('joinPatterns', () => {
  it('writes no closing slash, and regular expressions as they are', () => {
    expect(joinPatterns('/org/:id', '/')).to.equal('/org/:id')
    expect(joinPatterns('', '/')).to.equal('')
    expect(joinPatterns('/org', '/users/')).to.equal('/org/users')
    expect(joinPatterns('/org', /^\/a\//)).to.equal('/org/^\\/a\\//')
  })
})
