import { expect } from 'chai'
import { isTopicPattern, topicMatcher } from '../../../src/instrument/bus/topic-patterns'

describe('topic patterns', () => {
  for (const [pattern, fitting, others] of [
    ['orders.*', ['orders.placed', 'orders.'], ['orders', 'orders.placed.eu', 'order.placed']],
    ['orders.>', ['orders.placed', 'orders.placed.eu'], ['orders', 'order.placed']],
    ['user/+/status', ['user/7/status', 'user//status'], ['user/status', 'user/7/8/status', 'user/7/state']],
    ['user/#', ['user', 'user/7', 'user/7/status'], ['users/7', 'use']],
    ['#.error', ['error', 'a.error', 'a.b.error'], ['a.errors', 'error.a']],
    ['a.#.z.#', ['a.z', 'a.b.z', 'a.b.z.c.d'], ['a', 'a.b', 'z']],
    ['**', ['', 'a', 'a.b'], []],
    ['cache:*', ['cache:17'], ['cache', 'cache:17:18', 'caches:1']],
    ['job-?', ['job-1'], ['job-', 'job-12']],
    ['order-*-eu', ['order-17-eu', 'order--eu'], ['order-eu', 'order-17-us']],
    ['orders.v*.placed', ['orders.v1.placed', 'orders.v.placed'], ['orders.placed', 'orders.v1.x.placed']],
    ['plain.topic', ['plain.topic'], ['plain.topics', 'plain', 'plainxtopic']],
    ['', [''], ['a']],
  ] as const) {
    it(`${JSON.stringify(pattern)} is fit by what it should be`, () => {
      const fits = topicMatcher(pattern)
      expect([...fitting, ...others].filter(fits)).to.deep.equal([...fitting])
    })
  }

  it('take no time exponential in their wildcards', () => {
    const fits = topicMatcher(`${'#.a.'.repeat(50)}b`)
    expect(fits('a.'.repeat(2_000))).to.equal(false)
    expect(topicMatcher(`${'*a'.repeat(50)}b`)('a'.repeat(5_000))).to.equal(false)
  })

  it('are told from topics', () => {
    const patterns = ['orders.*', 'a/+/b', 'a/#', 'a.>', '>', '#', 'user:?', 'h[ae]llo', '**']
    const topics = ['orders.placed', 'c++', 'issue#7', 'a>b', '', 'a/b', 'user:17']
    expect([...patterns, ...topics].filter(isTopicPattern)).to.deep.equal(patterns)
  })
})
