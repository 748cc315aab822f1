import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'
import { excludeRequest, onExcludedRequest } from '../../src/model/http-exclusion'

describe('An excluded request', () => {
  it('is told to every listener until it ends listening', () => {
    const [first, second] = [{}, {}] as [IncomingMessage, IncomingMessage]
    const heard: [string, IncomingMessage][] = []
    const ends = ['a', 'b'].map((name) => onExcludedRequest((request) => heard.push([name, request])))
    excludeRequest(first)
    ends[0]?.()
    ends[0]?.()
    excludeRequest(second)
    ends[1]?.()
    excludeRequest(first)
    expect(heard).to.deep.equal([
      ['a', first],
      ['b', first],
      ['b', second],
    ])
  })
})
