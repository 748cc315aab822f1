import { expect } from 'chai'
import type { ObservableCallback } from '../../src/model/definition'
import type { Stream } from '../../src/store/stream'
import { DeferredFunction, settled } from '../support/deferred'
import { TestService } from '../support/test-service'

/** A service whose observable gauges `a`, `b`, … tell what was called, in turn. */
function observing(...names: readonly string[]) {
  const service = new TestService()
  const calls: string[] = []
  const callback =
    (name: string): ObservableCallback =>
    (result) => {
      calls.push(name)
      result.observe(calls.length)
    }
  const gauges = names.map((name) => service.metrics.observableGauge({ name, callback: callback(name) }))
  return { service, calls, gauges }
}

function streamsOf({ registry }: TestService, ...names: readonly string[]): ReadonlySet<Stream> {
  return new Set(registry.streams.filter(({ identity }) => names.includes(identity.name)))
}

/** The value of each gauge as the last collection has left it. */
function values({ registry }: TestService): Record<string, number> {
  const shown: Record<string, number> = {}
  for (const { identity, table } of registry.streams) {
    for (const group of table.groups) {
      group.forEach((row) => {
        shown[identity.name] = group.cellAt(row, 0)
      })
    }
  }
  return shown
}

describe('A collection of some streams', () => {
  it('calls the callbacks of those alone, and leaves the others as they were', async () => {
    const { service, calls } = observing('a', 'b', 'c')
    await service.registry.collect()
    expect(calls).to.deep.equal(['a', 'b', 'c'])
    await service.registry.collect(1_000, streamsOf(service, 'b'))
    expect(calls).to.deep.equal(['a', 'b', 'c', 'b'])
    expect(values(service)).to.deep.equal({ a: 1, b: 4, c: 3 })
  })

  it('of none calls nothing', async () => {
    const { service, calls } = observing('a', 'b')
    expect(await service.registry.collect(1_000, new Set())).to.deep.equal([])
    expect(calls).to.deep.equal([])
  })

  it('calls all callbacks of what its callbacks observe, so that nothing is half observed', async () => {
    const { service, calls, gauges } = observing('a', 'b', 'c', 'd')
    const [a, b, c] = gauges as [(typeof gauges)[0], (typeof gauges)[0], (typeof gauges)[0]]
    const batch = (name: string) => () => void calls.push(name)
    service.metrics.addBatchCallback(batch('b+c'), [b, c])
    service.metrics.addBatchCallback(batch('a+b'), [a, b])
    service.metrics.addBatchCallback(batch('nothing'), [])
    await service.registry.collect(1_000, streamsOf(service, 'a'))
    expect(calls).to.have.members(['a', 'b', 'c', 'a+b', 'b+c'])
    expect(values(service)).to.have.all.keys('a', 'b', 'c')
  })

  it('says of failures among its own callbacks alone', async () => {
    const { service } = observing('well')
    for (const name of ['one', 'two']) {
      service.metrics.observableGauge({ name, callback: () => Promise.reject(new Error(name)) })
    }
    const failures = await service.registry.collect(1_000, streamsOf(service, 'well', 'two'))
    expect(failures.map(({ metric, reason }) => [metric, reason])).to.deep.equal([['two', 'error']])
  })
})

describe('Collections at the same time', () => {
  /** `slow` waits until the test ends its calls. */
  function withSlow(...names: readonly string[]) {
    const house = observing(...names)
    const slow = new DeferredFunction<void>()
    house.service.metrics.observableGauge({
      name: 'slow',
      callback: async (result) => {
        await slow.call()
        result.observe(slow.calls)
      },
    })
    return { ...house, slow }
  }

  it('are one, whichever of all and some came first', async () => {
    for (const firstIsAll of [true, false]) {
      const { service, calls, slow } = withSlow('a', 'b')
      const some = streamsOf(service, 'slow', 'a')
      const first = service.registry.collect(1_000, firstIsAll ? undefined : some)
      await settled()
      const second = service.registry.collect(1_000, firstIsAll ? some : undefined)
      await settled()
      expect([...calls].sort()).to.deep.equal(['a', 'b'])
      slow.resolve()
      expect(await first).to.deep.equal(await second)
      expect(slow.calls).to.equal(1)
      expect(values(service)).to.include({ slow: 1 }).and.to.have.all.keys('a', 'b', 'slow')
    }
  })

  it('that want different streams call each of their callbacks once', async () => {
    const { service, calls, slow } = withSlow('a', 'b', 'c')
    const first = service.registry.collect(1_000, streamsOf(service, 'slow', 'a'))
    const second = service.registry.collect(1_000, streamsOf(service, 'b', 'a'))
    await settled()
    expect(calls).to.deep.equal(['a', 'b'])
    slow.resolve()
    await Promise.all([first, second])
    expect(calls).to.deep.equal(['a', 'b'])
  })

  it('have the time of who waits the longest, and the others none of it', async () => {
    for (const [first, second] of [
      [5, 60_000],
      [60_000, 5],
    ]) {
      const { service, slow } = withSlow()
      const collections = [service.registry.collect(first), service.registry.collect(second)]
      // Longer than the shorter of the two.
      await new Promise((resolve) => setTimeout(resolve, 20))
      slow.resolve()
      for (const failures of await Promise.all(collections)) expect(failures).to.deep.equal([])
      expect(values(service)).to.deep.equal({ slow: 1 })
    }
  })

  it('do not have each other wait for a callback that hangs', async () => {
    const { service } = withSlow()
    const first = service.registry.collect(100)
    // Somebody always joins; if each brought time of its own, the first would wait for ever.
    const joining = setInterval(() => void service.registry.collect(100), 5)
    const failures = await first
    clearInterval(joining)
    expect(failures.map(({ reason }) => reason)).to.deep.equal(['timeout'])
  })

  it('are two where the first is over', async () => {
    const { service, calls } = observing('a')
    await Promise.all([service.registry.collect(), service.registry.collect()])
    expect(calls).to.deep.equal(['a', 'a'])
  })

  it('share what a callback asks for that collects itself', async () => {
    const service = new TestService()
    let calls = 0
    let inner: Promise<unknown> | undefined
    service.metrics.observableGauge({
      name: 'a',
      callback: (result) => {
        calls++
        result.observe(calls)
        inner = service.registry.collect()
      },
    })
    const outer = service.registry.collect()
    expect(await inner).to.equal(await outer)
    expect([calls, values(service)]).to.deep.equal([1, { a: 1 }])
  })
})
