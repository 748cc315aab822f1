import { expect } from 'chai'
import type { ObservableResult } from '../../src/model/definition'
import { DeferredFunction, settled } from '../support/deferred'
import { TestService } from '../support/test-service'

/** The deadline of collections in which a callback hangs. */
const DEADLINE_MS = 5

/** Everything that a callback may throw, with what the log says of it. */
const THROWN: readonly (readonly [thrown: unknown, text: string])[] = [
  [new Error('no socket'), 'no socket'],
  [new TypeError(''), 'TypeError'],
  ['no socket', '"no socket"'],
  [undefined, 'undefined'],
  [null, 'null'],
  [{ message: 'no socket' }, 'an object'],
  [Symbol('no'), 'Symbol(no)'],
  [Object.create(null), 'an object'],
]

describe('A callback that fails', () => {
  for (const [thrown, text] of THROWN) {
    for (const how of ['throws', 'rejects with'] as const) {
      it(`leaves the others alone, is counted, and is logged once: ${how} ${text}`, async () => {
        const service = new TestService()
        const failing = () => {
          if (how === 'throws') throw thrown
          return Promise.reject(thrown)
        }
        service.metrics.observableGauge({ name: 'before', callback: (result) => result.observe(1) })
        service.metrics.observableGauge({ name: 'broken', callback: failing })
        service.metrics.observableGauge({ name: 'after', callback: async (result) => result.observe(2) })
        await service.collect()
        expect(await service.series('before')).to.deep.equal({ '': 1 })
        expect(await service.series('after')).to.deep.equal({ '': 2 })
        expect(await service.series('meterkit_callback_failures_total')).to.deep.equal({
          'metric=broken,reason=error': 4,
        })
        expect(service.log.lines).to.deep.equal([
          `warn: a callback of "broken" failed: ${text}. Said once; meterkit_callback_failures_total counts them.`,
        ])
      })
    }
  }

  it('keeps what it had observed before', async () => {
    const service = new TestService()
    service.metrics.observableGauge({
      name: 'depth',
      labelNames: ['queue'],
      callback: (result) => {
        result.observe(1, { queue: 'in' })
        throw new Error('out is gone')
      },
    })
    expect(await service.series('depth')).to.deep.equal({ 'queue=in': 1 })
  })

  it('is told to whoever collects', async () => {
    const service = new TestService()
    const failure = new Error('no socket')
    service.metrics.observableGauge({ name: 'depth', callback: () => Promise.reject(failure) })
    expect(await service.registry.collect()).to.deep.equal([{ metric: 'depth', reason: 'error', error: failure }])
  })

  it('makes no rejection that nobody handles, not even after the deadline', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listener)
    try {
      const service = new TestService()
      const slow = new DeferredFunction<void>()
      service.metrics.observableGauge({ name: 'depth', callback: slow.call })
      await service.collect(DEADLINE_MS)
      slow.reject(new Error('too late'))
      await settled()
      await settled()
    } finally {
      process.off('unhandledRejection', listener)
    }
    expect(unhandled).to.deep.equal([])
  })
})

describe('A callback that hangs', () => {
  /** A service with one callback that hangs until told, and one that is well. */
  function hanging() {
    const service = new TestService()
    const slow = new DeferredFunction<void>()
    const results: ObservableResult[] = []
    service.metrics.observableGauge({
      name: 'slow',
      callback: (result) => {
        results.push(result)
        result.observe(results.length)
        return slow.call()
      },
    })
    service.metrics.observableGauge({ name: 'well', callback: (result) => result.observe(7) })
    return { service, slow, results }
  }

  it('is waited for until the deadline only; what it observed by then counts', async () => {
    const { service } = hanging()
    expect(await service.registry.collect(DEADLINE_MS)).to.have.lengthOf(1)
    const metrics = await service.collect(DEADLINE_MS)
    expect(metrics.map(({ descriptor }) => descriptor.name))
      .to.include('well')
      .and.not.include('slow')
  })

  it('counts what it observed in time, and ignores what it observes later', async () => {
    const { service, slow, results } = hanging()
    const first = await service.collect(DEADLINE_MS)
    expect(firstValue(first, 'slow')).to.equal(1)
    results[0]?.observe(99)
    expect(firstValue(await service.collect(DEADLINE_MS), 'slow')).to.equal(undefined)
    slow.resolve()
    await settled()
    results[0]?.observe(99)
    expect(firstValue(await service.collect(DEADLINE_MS), 'slow')).to.equal(2)
  })

  it('is not called again on top of itself, and is counted each time', async () => {
    const { service, slow } = hanging()
    for (let collection = 1; collection <= 3; collection++) {
      const collected = await service.collect(DEADLINE_MS)
      expect(slow.calls).to.equal(1)
      expect(firstValue(collected, 'meterkit_callback_failures_total')).to.equal(collection)
      expect(firstValue(collected, 'well')).to.equal(7)
    }
    expect(service.log.lines).to.deep.equal([
      `warn: a callback of "slow" failed: the callback did not finish within ${DEADLINE_MS} ms. Said once; meterkit_callback_failures_total counts them.`,
    ])
  })

  it('is called again once it has come back', async () => {
    const { service, slow } = hanging()
    await service.collect(DEADLINE_MS)
    slow.resolve()
    await settled()
    const collection = service.collect()
    expect(slow.calls).to.equal(2)
    slow.resolve()
    expect(firstValue(await collection, 'slow')).to.equal(2)
  })

  it('is counted also where it comes back during a collection that did not call it', async () => {
    const { service, slow } = hanging()
    await service.collect(DEADLINE_MS)
    const other = new DeferredFunction<void>()
    service.metrics.observableGauge({ name: 'other', callback: other.call })
    const collection = service.collect()
    slow.resolve()
    await settled()
    other.resolve()
    const collected = await collection
    expect(firstValue(collected, 'slow')).to.equal(undefined)
    expect(firstValue(collected, 'meterkit_callback_failures_total')).to.equal(2)
  })

  it('is neither waited for nor counted once it was removed', async () => {
    const service = new TestService()
    const slow = new DeferredFunction<void>()
    const depth = service.metrics.observableGauge({ name: 'depth', callback: slow.call })
    await service.collect(DEADLINE_MS)
    depth.removeCallback(slow.call)
    const collected = await service.collect()
    expect(firstValue(collected, 'meterkit_callback_failures_total')).to.equal(1)
  })
})

function firstValue(collected: Awaited<ReturnType<TestService['collect']>>, name: string): unknown {
  return collected.find(({ descriptor }) => descriptor.name === name)?.dataPoints[0]?.value
}
