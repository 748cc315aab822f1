import { expect } from 'chai'
import { DefinitionError } from '../../src/model/errors'
import { checkEndpoints, checkSelection } from '../../src/model/selection'

const OBJECT = 'must be an object of include and exclude'
const MEND = "Write { include: ['http_*'] }."

function faultOf(check: () => void): string | undefined {
  try {
    check()
  } catch (error) {
    expect(error).to.be.instanceOf(DefinitionError)
    return (error as Error).message
  }
  return undefined
}

describe('A selection', () => {
  const fault = (selection: unknown) =>
    faultOf(() => checkSelection('Cannot make "handler":', 'the selection', selection))

  it('may have either list, both, or none', () => {
    for (const selection of [{}, { include: ['a'] }, { exclude: ['*'] }, { include: ['a', '?'], exclude: undefined }]) {
      expect(fault(selection)).to.equal(undefined)
    }
  })

  it('is refused where it is something else', () => {
    expect(fault(['a'])).to.equal(`Cannot make "handler": the selection ${OBJECT}, got ["a"]. ${MEND}`)
    expect(fault(null)).to.equal(`Cannot make "handler": the selection ${OBJECT}, got null. ${MEND}`)
    expect(fault('http_*')).to.equal(`Cannot make "handler": the selection ${OBJECT}, got "http_*". ${MEND}`)
    expect(fault({ includes: ['a'] })).to.equal(
      'Cannot make "handler": what the selection has must be one of include, exclude, got "includes". Remove it or correct its name.',
    )
  })

  it('is refused where a list is none, or selects nothing', () => {
    for (const [list, shown] of [
      ['http_*', '"http_*"'],
      [[], '[]'],
      [['a', ''], '["a", ""]'],
      [[/a/], '[an object]'],
      [null, 'null'],
    ]) {
      expect(fault({ exclude: list })).to.equal(
        `Cannot make "handler": exclude of the selection must be a list of names, at least one, got ${shown}. Write exclude: ['http_*'], or leave it out.`,
      )
    }
  })
})

describe('Endpoints', () => {
  const fault = (endpoints: unknown) =>
    faultOf(() => checkEndpoints('Cannot start "metrics":', 'prometheus.endpoints', endpoints))

  it('are paths with selections', () => {
    expect(fault({})).to.equal(undefined)
    expect(fault({ '/': {}, '/metrics/http': { include: ['http_*'] }, '/a%20b': {} })).to.equal(undefined)
  })

  it('are refused where they are something else', () => {
    expect(fault(['/a'])).to.equal(
      `Cannot start "metrics": prometheus.endpoints must be an object of paths, got ["/a"]. Write { '/metrics/http': { include: ['http_*'] } }.`,
    )
    expect(fault({ '/metrics/http': 'http_*' })).to.equal(
      `Cannot start "metrics": prometheus.endpoints["/metrics/http"] ${OBJECT}, got "http_*". ${MEND}`,
    )
    expect(fault({ '/metrics/http': { include: 'http_*' } })).to.equal(
      `Cannot start "metrics": include of prometheus.endpoints["/metrics/http"] must be a list of names, at least one, got "http_*". Write include: ['http_*'], or leave it out.`,
    )
  })

  it('are refused where no request can have the path', () => {
    for (const path of ['', 'http', '/a?b', '/a#b', '/a b', '/größe', '/a\n', 'http://a/b', '__proto__x']) {
      expect(fault({ [path]: {} }), path).to.equal(
        `Cannot start "metrics": a path of prometheus.endpoints must be one that starts with "/", written as in a URL, got ${JSON.stringify(path)}. Write "/metrics/http".`,
      )
    }
  })
})
