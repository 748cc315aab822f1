import { expect } from 'chai'
import { groupingPath } from '../../src/push/grouping-path'

const CASES: readonly (readonly [value: string, segments: string])[] = [
  ['nightly', '/job/nightly'],
  ['näch tlich?', '/job/n%C3%A4ch%20tlich%3F'],
  ['a/b', '/job@base64/YS9i'],
  ['', '/job@base64/='],
  ['.', '/job@base64/Lg'],
  ['..', '/job@base64/Li4'],
  ['%2e', '/job/%252e'],
]

describe('The path of a group of the Pushgateway', () => {
  for (const [value, segments] of CASES) {
    it(`has ${JSON.stringify(value)} as ${segments}, which a URL leaves as it is`, () => {
      const path = groupingPath([['job', value]])
      expect(path).to.equal(`/metrics${segments}`)
      expect(new URL(`http://gateway${path}`).pathname).to.equal(path)
    })
  }
})
