// biome-ignore-all lint/suspicious/noThenProperty: thenables are what is tested
import { expect } from 'chai'
import { DeferredFunction } from '../support/deferred'
import { TestService } from '../support/test-service'

/** A query as database libraries build it: its work starts when `then` is called, and again with each further call. */
class LazyQuery implements PromiseLike<string> {
  readonly execution = new DeferredFunction<string>()

  then<A = string, B = never>(
    fulfilled?: ((value: string) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.execution.call().then(fulfilled, rejected)
  }
}

describe('Timing a thenable that is no native promise', () => {
  function stopwatch() {
    const { metrics, clock, series } = bound(new TestService())
    const histogram = metrics.histogram({ name: 'query_seconds', buckets: [] })
    return { histogram, clock, recorded: () => series('query_seconds') }
  }

  const reading = (count: number, sum: number) => ({ '': { buckets: { boundaries: [], counts: [count] }, count, sum } })

  it('does not start its work, and lets it run once', async () => {
    const { histogram, clock, recorded } = stopwatch()
    const query = new LazyQuery()
    expect(histogram.time(() => query)).to.equal(query)
    expect(query.execution.calls).to.equal(0)
    const rows = Promise.resolve(query)
    await Promise.resolve()
    clock.advance(750)
    query.execution.resolve('rows')
    expect(await rows).to.equal('rows')
    expect(query.execution.calls).to.equal(1)
    expect(await recorded()).to.deep.equal(reading(1, 0.75))
  })

  it('passes its rejection on, and records it', async () => {
    const { histogram, clock, recorded } = stopwatch()
    const query = new LazyQuery()
    const failure = new Error('syntax')
    const caught = histogram.time(() => query).then(undefined, (error: unknown) => error)
    clock.advance(250)
    query.execution.reject(failure)
    expect(await caught).to.equal(failure)
    expect(await recorded()).to.deep.equal(reading(1, 0.25))
  })

  it('keeps reactions that are not given as they are: values and reasons pass through', async () => {
    const { histogram } = stopwatch()
    const fulfilled = new LazyQuery()
    const chained = histogram.time(() => fulfilled).then()
    fulfilled.execution.resolve('rows')
    expect(await chained).to.equal('rows')
    const rejected = new LazyQuery()
    const failing = histogram.time(() => rejected).then((rows) => rows)
    rejected.execution.reject(new Error('syntax'))
    expect(await failing.catch((error: Error) => error.message)).to.equal('syntax')
  })

  it('records once where it is awaited twice, and leaves the object as it was', async () => {
    const { histogram, recorded } = stopwatch()
    const query = new LazyQuery()
    const own = () => 'settled by itself'
    const odd = Object.defineProperty({}, 'then', { value: own, configurable: true, enumerable: true }) as LazyQuery
    for (const thenable of [query, odd]) {
      const before = Object.getOwnPropertyDescriptor(thenable, 'then')
      histogram.time(() => thenable)
      void thenable.then(() => undefined)
      expect(Object.getOwnPropertyDescriptor(thenable, 'then')).to.deep.equal(before)
    }
    const again = Promise.resolve(query)
    await Promise.resolve()
    query.execution.resolve('first')
    query.execution.resolve('second')
    expect(await again).to.equal('second')
    expect(await recorded()).to.deep.equal(reading(1, 0))
  })

  it('settles for the time until fn returns where it cannot listen', async () => {
    const { histogram, clock, recorded } = stopwatch()
    const refusing = new Proxy({}, { get: refuse, getOwnPropertyDescriptor: refuse, defineProperty: refuse })
    for (const value of [
      Object.freeze(new LazyQuery()),
      refusing,
      {
        get then() {
          return refuse()
        },
      },
      { then: 'no function' },
    ]) {
      const returned = histogram.time(() => {
        clock.advance(125)
        return value
      })
      expect(returned === value).to.equal(true)
    }
    expect(await recorded()).to.deep.equal(reading(4, 0.5))
  })

  it('waits for a subclass of Promise that overrides then, and never calls it itself', async () => {
    class LazyPromise extends Promise<string> {
      started = 0

      override then<A = string, B = never>(
        fulfilled?: ((value: string) => A | PromiseLike<A>) | null,
        rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
      ): Promise<A | B> {
        this.started++
        return super.then(fulfilled, rejected)
      }
    }
    const { histogram, recorded } = stopwatch()
    const lazy = new LazyPromise((resolve) => resolve('done'))
    expect(histogram.time(() => lazy)).to.equal(lazy)
    expect(lazy.started).to.equal(0)
    expect(await lazy).to.equal('done')
    expect(lazy.started).to.equal(1)
    expect(await recorded()).to.deep.equal(reading(1, 0))
  })
})

function refuse(): never {
  throw new Error('no')
}

function bound(service: TestService) {
  return { metrics: service.metrics, clock: service.clock, series: (name: string) => service.series(name) }
}
