import type { Meter, ObservableCallback, ObservableResult } from '@opentelemetry/api'
import { expect } from 'chai'
import { DeferredFunction } from '../support/deferred'
import { OtelStore } from './harness'

describe('observables of the OpenTelemetry API', () => {
  let store: OtelStore
  let meter: Meter

  beforeEach(() => {
    store = new OtelStore()
    meter = store.meterProvider.getMeter('lib')
  })

  /** The values of a metric by the attribute `at`, and the errors of the collection. */
  const collect = async (timeoutMillis?: number) => {
    const { resourceMetrics, errors } = await store.producer.collect(
      timeoutMillis === undefined ? undefined : { timeoutMillis },
    )
    const metrics = resourceMetrics.scopeMetrics.find(({ scope }) => scope.name === 'lib')?.metrics ?? []
    const values = metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      Object.fromEntries(dataPoints.map(({ attributes, value }) => [String(attributes.at ?? ''), value])),
    ])
    return { values: Object.fromEntries(values), errors: errors.map(String) }
  }

  it('call each callback once a collection', async () => {
    let calls = 0
    meter.createObservableCounter('ticks').addCallback((result) => result.observe(++calls))
    expect((await collect()).values).to.deep.equal({ ticks: { '': 1 } })
    expect((await collect()).values).to.deep.equal({ ticks: { '': 2 } })
  })

  it('take several callbacks, and each only once', async () => {
    const depth = meter.createObservableGauge('depth')
    let calls = 0
    const first: ObservableCallback = (result) => result.observe(++calls, { at: 'first' })
    depth.addCallback(first)
    depth.addCallback(first)
    depth.addCallback((result) => result.observe(10, { at: 'second' }))
    expect((await collect()).values).to.deep.equal({ depth: { first: 1, second: 10 } })
  })

  it('take the same callback for two instruments', async () => {
    const callback: ObservableCallback = (result) => result.observe(1)
    const a = meter.createObservableGauge('a')
    const b = meter.createObservableGauge('b')
    a.addCallback(callback)
    b.addCallback(callback)
    expect((await collect()).values).to.deep.equal({ a: { '': 1 }, b: { '': 1 } })
    a.removeCallback(callback)
    expect((await collect()).values).to.deep.equal({ b: { '': 1 } })
  })

  it('forget a callback that is removed, and do not mind one that is unknown', async () => {
    const depth = meter.createObservableGauge('depth')
    const callback: ObservableCallback = (result) => result.observe(1)
    depth.removeCallback(callback)
    depth.addCallback(callback)
    depth.removeCallback(callback)
    depth.removeCallback(callback)
    expect((await collect()).values).to.deep.equal({})
    depth.addCallback(callback)
    expect((await collect()).values).to.deep.equal({ depth: { '': 1 } })
  })

  it('share callbacks between all makings of an instrument', async () => {
    const callback: ObservableCallback = (result) => result.observe(1)
    meter.createObservableGauge('depth').addCallback(callback)
    meter.createObservableGauge('depth').removeCallback(callback)
    expect((await collect()).values).to.deep.equal({})
  })

  it('take the last of several values for the same attributes', async () => {
    meter.createObservableGauge('depth').addCallback((result) => {
      result.observe(1)
      result.observe(2)
    })
    meter.createObservableCounter('ticks').addCallback((result) => {
      result.observe(5)
      result.observe(3)
    })
    expect((await collect()).values).to.deep.equal({ depth: { '': 2 }, ticks: { '': 3 } })
  })

  it('hand out an observe that needs no `this`', async () => {
    meter.createObservableGauge('depth').addCallback((result) => {
      const { observe } = result as { observe: (value: number) => void }
      observe(4)
    })
    expect((await collect()).values).to.deep.equal({ depth: { '': 4 } })
  })

  it('wait for callbacks that are async', async () => {
    const read = new DeferredFunction<number>()
    meter.createObservableGauge('depth').addCallback(async (result) => result.observe(await read.call()))
    const collecting = collect()
    read.resolve(6)
    expect((await collecting).values).to.deep.equal({ depth: { '': 6 } })
  })

  for (const [what, fail] of [
    [
      'throws',
      () => {
        throw new Error('no depth')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no depth'))],
  ] as const) {
    it(`leave out nothing else where a callback ${what}`, async () => {
      meter.createObservableGauge('broken').addCallback(fail)
      meter.createObservableGauge('sound').addCallback((result) => result.observe(1))
      meter.createCounter('jobs').add(1)
      const { values, errors } = await collect()
      expect(values).to.deep.equal({ sound: { '': 1 }, jobs: { '': 1 } })
      expect(errors).to.deep.equal(['Error: no depth'])
      expect(store.warnings).to.deep.equal([
        'a callback of "broken" failed: no depth. Said once; meterkit_callback_failures_total counts them.',
      ])
    })
  }

  it('keep what a callback observed before it threw', async () => {
    meter.createObservableGauge('depth').addCallback((result) => {
      result.observe(1, { at: 'a' })
      throw new Error('no more')
    })
    expect((await collect()).values).to.deep.equal({ depth: { a: 1 } })
  })

  for (const thrown of [undefined, null, 'text', 5n, Symbol('s'), Object.create(null), [[]]]) {
    it(`survive a callback that throws ${typeof thrown === 'object' ? JSON.stringify(thrown) : String(thrown)}`, async () => {
      meter.createObservableGauge('broken').addCallback(() => {
        throw thrown
      })
      meter.createObservableGauge('sound').addCallback((result) => result.observe(1))
      const { values, errors } = await collect()
      expect(values).to.deep.equal({ sound: { '': 1 } })
      expect(errors).to.have.length(1)
    })
  }

  it('survive a callback that throws what cannot be read', async () => {
    const itself: unknown[] = []
    itself.push(itself)
    const unreadable = Object.defineProperty(new Error(), 'message', {
      get() {
        throw new Error('no message')
      },
    })
    for (const thrown of [itself, unreadable]) {
      meter.createObservableGauge('broken').addCallback(() => {
        throw thrown
      })
    }
    meter.createObservableGauge('sound').addCallback((result) => result.observe(1))
    const { resourceMetrics, errors } = await store.producer.collect()
    expect(errors).to.have.length(2)
    expect(resourceMetrics.scopeMetrics.map(({ scope }) => scope.name)).to.include('lib')
  })

  describe('a callback that hangs', () => {
    it('is given up at the deadline, alone', async () => {
      const read = new DeferredFunction<void>()
      meter.createObservableGauge('hung').addCallback(async (result) => {
        result.observe(1, { at: 'in time' })
        await read.call()
        result.observe(2, { at: 'too late' })
      })
      meter.createObservableGauge('sound').addCallback((result) => result.observe(1))
      const { values, errors } = await collect(20)
      expect(values).to.deep.equal({ hung: { 'in time': 1 }, sound: { '': 1 } })
      expect(errors).to.deep.equal(['Error: the callback did not finish within 20 ms'])
      read.resolve()
    })

    it('is not called again before it has come back, and does not hold the next collections up', async () => {
      const read = new DeferredFunction<number>()
      meter.createObservableGauge('hung').addCallback(async (result) => result.observe(await read.call()))
      await collect(20)
      const { values, errors } = await collect(60_000)
      expect(read.calls).to.equal(1)
      expect(values).to.deep.equal({})
      expect(errors).to.have.length(1)

      read.resolve(5)
      await new Promise(setImmediate)
      const collecting = collect()
      read.resolve(6)
      expect((await collecting).values).to.deep.equal({ hung: { '': 6 } })
    })

    it('gets no more time than callbacks have, however long the reader would wait', async () => {
      const timeouts: unknown[] = []
      store.registry.collect = async (timeoutMs) => {
        timeouts.push(timeoutMs)
        return []
      }
      await store.producer.collect({ timeoutMillis: 30_000 })
      await store.producer.collect({ timeoutMillis: 100 })
      await store.producer.collect({})
      await store.producer.collect()
      expect(timeouts).to.deep.equal([5_000, 100, 5_000, 5_000])
    })
  })

  it('ignore what is observed after the collection', async () => {
    let kept: ObservableResult | undefined
    meter.createObservableGauge('depth').addCallback((result) => {
      kept = result
    })
    await collect()
    kept?.observe(1)
    const { resourceMetrics } = await store.producer.collect()
    expect(resourceMetrics.scopeMetrics).to.deep.equal([])
  })

  it('turn away values that cannot be, and keep the others', async () => {
    meter.createObservableCounter('ticks').addCallback((result) => {
      result.observe(-1, { at: 'a' })
      result.observe(Number.NaN, { at: 'b' })
      result.observe('1' as unknown as number, { at: 'c' })
      result.observe(4, { at: 'd' })
    })
    expect((await collect()).values).to.deep.equal({ ticks: { d: 4 } })
  })

  it('warn of a callback that is no function, and leave it out', async () => {
    const depth = meter.createObservableGauge('depth')
    for (const callback of [undefined, null, 'f', {}]) depth.addCallback(callback as unknown as ObservableCallback)
    expect(store.warnings).to.have.length(4)
    expect(store.warnings[0]).to.equal(
      'Cannot observe "depth": callback must be a function, got undefined. It is left out.',
    )
    expect((await collect()).errors).to.deep.equal([])
  })
})
