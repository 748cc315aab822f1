import type { BatchObservableCallback, Meter, Observable } from '@opentelemetry/api'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { metricsOf, OtelStore } from './harness'

describe('batch callbacks of the OpenTelemetry API', () => {
  let store: OtelStore
  let meter: Meter
  let a: Observable
  let b: Observable
  let c: Observable

  beforeEach(() => {
    store = new OtelStore()
    meter = store.meterProvider.getMeter('lib')
    a = meter.createObservableGauge('a')
    b = meter.createObservableCounter('b')
    c = meter.createObservableUpDownCounter('c')
  })

  const values = async () =>
    Object.fromEntries(
      (await store.metrics()).map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0]?.value]),
    )

  const observeAll: BatchObservableCallback = (result) => {
    result.observe(a, 1)
    result.observe(b, 2)
    result.observe(c, 3)
  }

  it('observe the observables they were added for, and no others', async () => {
    meter.addBatchObservableCallback(observeAll, [a, b])
    expect(await values()).to.deep.equal({ a: 1, b: 2 })
  })

  it('are called once a collection, however often they were added for the same set', async () => {
    let calls = 0
    const callback: BatchObservableCallback = (result) => result.observe(a, ++calls)
    meter.addBatchObservableCallback(callback, [a, b])
    meter.addBatchObservableCallback(callback, [b, a])
    meter.addBatchObservableCallback(callback, [a, b, a])
    expect(await values()).to.deep.equal({ a: 1 })
  })

  it('are known by callback and set: another set is another registration', async () => {
    meter.addBatchObservableCallback(observeAll, [a])
    meter.addBatchObservableCallback(observeAll, [b])
    expect(await values()).to.deep.equal({ a: 1, b: 2 })
    meter.removeBatchObservableCallback(observeAll, [a])
    expect(await values()).to.deep.equal({ b: 2 })
  })

  it('are removed by callback and set, in any order; nothing else removes them', async () => {
    meter.addBatchObservableCallback(observeAll, [a, b])
    meter.removeBatchObservableCallback(observeAll, [a])
    meter.removeBatchObservableCallback(observeAll, [a, b, c])
    meter.removeBatchObservableCallback(() => {}, [a, b])
    store.meterProvider.getMeter('other').removeBatchObservableCallback(observeAll, [a, b])
    expect(await values()).to.deep.equal({ a: 1, b: 2 })
    meter.removeBatchObservableCallback(observeAll, [b, a, b])
    expect(await values()).to.deep.equal({})
  })

  it('may be async, and use observe without `this`', async () => {
    meter.addBatchObservableCallback(
      async (result) => {
        const { observe } = result as unknown as { observe(metric: Observable, value: number): void }
        await Promise.resolve()
        observe(a, 5)
      },
      [a],
    )
    expect(await values()).to.deep.equal({ a: 5 })
  })

  it('reach observables of another meter of the provider', async () => {
    const other = store.meterProvider.getMeter('other').createObservableGauge('d')
    meter.addBatchObservableCallback((result) => result.observe(other, 4), [other])
    expect(await values()).to.deep.equal({ d: 4 })
  })

  it('cannot write to the observables of another provider', async () => {
    const foreignStore = new OtelStore()
    const foreign = foreignStore.meterProvider.getMeter('lib').createObservableGauge('foreign')
    const stock = new MeterProvider().getMeter('stock').createObservableGauge('stock')
    meter.addBatchObservableCallback(
      (result) => {
        result.observe(a, 1)
        result.observe(foreign, 2)
        result.observe(stock, 3)
        result.observe({} as Observable, 4)
        result.observe(null as unknown as Observable, 5)
      },
      [a, foreign, stock, null as unknown as Observable],
    )
    expect(await values()).to.deep.equal({ a: 1 })
    expect(await metricsOf(foreignStore.producer)).to.deep.equal([])
  })

  it('are warned of and left out where there is nothing to call or to observe', async () => {
    const foreign = new OtelStore().meterProvider.getMeter('lib').createObservableGauge('foreign')
    let calls = 0
    const counting = () => void calls++
    meter.addBatchObservableCallback(counting, [])
    meter.addBatchObservableCallback(counting, [foreign])
    meter.addBatchObservableCallback(counting, undefined as unknown as Observable[])
    meter.addBatchObservableCallback(counting, 5 as unknown as Observable[])
    meter.addBatchObservableCallback(undefined as unknown as BatchObservableCallback, [a])
    meter.removeBatchObservableCallback(counting, undefined as unknown as Observable[])
    await store.metrics()
    expect(calls).to.equal(0)
    expect(store.warnings).to.have.length(5)
  })

  it('that throw are one error, and a failure of each of their metrics', async () => {
    meter.addBatchObservableCallback(() => {
      throw new Error('no batch')
    }, [a, b])
    const { errors, resourceMetrics } = await store.producer.collect()
    expect(errors.map(String)).to.deep.equal(['Error: no batch'])
    const failures = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)[0]
    expect(failures?.descriptor.name).to.equal('meterkit_callback_failures_total')
    expect(failures?.dataPoints.map(({ attributes }) => attributes.metric)).to.deep.equal(['a', 'b'])
  })
})
