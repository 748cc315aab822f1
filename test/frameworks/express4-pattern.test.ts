import { expect } from 'chai'
import type { Layer } from '../../src/instrument/http/frameworks/express-layer'
import { express4Pattern } from '../../src/instrument/http/frameworks/express4-pattern'

type Router = { stack: Layer[]; use(path: unknown, handler: () => void): void }
const express4: { Router(options?: object): Router } = require('express4')

function patternOf(path: unknown, options?: object): string {
  const router = express4.Router(options)
  router.use(path, () => {})
  const [layer] = router.stack
  if (layer === undefined) throw new Error('The router has no layer.')
  return express4Pattern(layer)
}

describe('The path of an Express 4 layer', () => {
  const same = [
    '/org',
    '/org/:id',
    '/org/:id/users/:user',
    '/:lang?/docs',
    '/files/:name.:ext',
    '/files/:name.:ext?',
    '/:from-:to',
    '/a-b_c~d/v1.2',
    '/x/:id(\\d+)',
    '/x/:kind(cat|dog)/y',
    '/:all*',
    '/static/*',
    '*',
    '/user-:id',
  ]
  for (const path of same) {
    it(`comes back from its expression: ${path}`, () => {
      expect(patternOf(path)).to.equal(path)
      expect(patternOf(path, { caseSensitive: true })).to.equal(path)
    })
  }

  it('loses its closing slash, and keeps the names of several', () => {
    expect(patternOf('/org/')).to.equal('/org')
    expect(patternOf(['/v1', '/v2/:flavour'])).to.equal('/v1|/v2/:flavour')
  })

  it('is the text of an expression that was given as one, or that is like none that is known', () => {
    expect(patternOf(/^\/re[xg]/)).to.equal('/^\\/re[xg]/')
    expect(patternOf(/\/a/)).to.equal('/\\/a/')
    expect(patternOf('/(a|b)/c')).to.match(/^\/\^/)
  })
})
