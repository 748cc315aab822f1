import {
  AggregationType,
  createDenyListAttributesProcessor,
  type ExponentialHistogram,
  type Histogram,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { DeferredFunction, settled } from '../support/deferred'
import { inSlowMotion } from '../support/slow-motion'
import { seriesOf, TestService } from '../support/test-service'
import { allow, explicit, exponential } from './support/views'

describe('Other views while instruments are in use', () => {
  let service: TestService

  beforeEach(() => {
    service = new TestService()
  })

  function have(views: readonly ViewOptions[], cardinalityLimit = 2_000): readonly string[] {
    return service.registry.reconfigure({ views, cardinalityLimit, exemplars: undefined })()
  }

  describe('counters', () => {
    it('go on with the sums of the series that other attributes bring together, by every way to record', async () => {
      const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['region', 'tier'] })
      const gold = orders.bind({ region: 'eu', tier: 'gold' })
      const silver = orders.bind({ region: 'eu', tier: 'silver' })
      const us = orders.bind({ region: 'us', tier: 'gold' })
      gold.add()
      silver.add(2)
      us.add(4)
      orders.add(8, { region: 'us', tier: 'silver' })
      have([{ instrumentName: 'orders_total', attributesProcessors: allow('region') }])
      expect(await service.series('orders_total')).to.deep.equal({ 'region=eu': 3, 'region=us': 12 })
      for (const bound of [gold, silver, us]) {
        bound.add()
        bound.add(10)
      }
      orders.add(100, { region: 'eu', tier: 'other' })
      expect(await service.series('orders_total')).to.deep.equal({ 'region=eu': 125, 'region=us': 23 })
    })

    it('keep what was counted without an attribute when there is one again', async () => {
      have([{ instrumentName: 'orders_total', attributesProcessors: allow('region') }])
      const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['region', 'tier'] })
      const gold = orders.bind({ region: 'eu', tier: 'gold' })
      gold.add(5)
      have([])
      gold.add(1)
      expect(await service.series('orders_total')).to.deep.equal({ 'region=eu,tier=': 5, 'region=eu,tier=gold': 1 })
    })

    it('began when the first of their series began', async () => {
      const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['tier'] })
      orders.add(1, { tier: 'gold' })
      const startMs = service.clock.nowMs()
      service.clock.advance(5_000)
      orders.add(1, { tier: 'silver' })
      have([{ instrumentName: 'orders_total', attributesProcessors: allow() }])
      const [metric] = (await service.collect()).filter(({ descriptor }) => descriptor.name === 'orders_total')
      expect(metric?.dataPoints).to.have.length(1)
      expect((metric?.dataPoints[0]?.startTime[0] as number) * 1_000).to.equal(Math.floor(startMs / 1_000) * 1_000)
    })

    it('are recorded through many views, and one again', async () => {
      const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['tier'] })
      const gold = orders.bind({ tier: 'gold' })
      gold.add(1)
      have([
        { instrumentName: 'orders_total' },
        { instrumentName: 'orders_total', name: 'all_total', attributesProcessors: allow() },
      ])
      gold.add(2)
      orders.add(4, { tier: 'gold' })
      expect(await service.series('orders_total')).to.deep.equal({ 'tier=gold': 7 })
      expect(await service.series('all_total')).to.deep.equal({ '': 7 })
      have([{ instrumentName: 'orders_total', name: 'sum_total', attributesProcessors: allow() }])
      gold.add(8)
      orders.add(16, { tier: 'silver' })
      expect(await service.series('sum_total')).to.deep.equal({ '': 31 })
      expect(await service.series('orders_total')).to.deep.equal({})
      have([])
      gold.add(32)
      expect(await service.series('orders_total')).to.deep.equal({ 'tier=gold': 47, 'tier=silver': 16 })
    })

    it('of OpenTelemetry follow as well, and so does their overflow', async () => {
      service = new TestService({ cardinalityLimit: 2 })
      const counter = service.meterProvider.getMeter('m').createCounter('hits')
      for (const path of ['/a', '/b', '/c', '/d']) counter.add(1, { path, host: 'h' })
      have([{ instrumentName: 'hits', attributesProcessors: [createDenyListAttributesProcessor(['path'])] }], 2)
      counter.add(10, { path: '/e', host: 'h' })
      expect(await service.series('hits')).to.deep.equal({ 'host=h': 12, 'otel.metric.overflow=true': 2 })
    })

    it('that are not shown go on counting, and are shown with it in other series', async () => {
      const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['tier'] })
      orders.add(1, { tier: 'gold' })
      have([{ instrumentName: 'orders_total', aggregation: { type: AggregationType.DROP } }])
      orders.add(2, { tier: 'silver' })
      expect(await service.series('orders_total')).to.deep.equal({})
      have([{ instrumentName: 'orders_total', attributesProcessors: allow() }])
      orders.add(4, { tier: 'silver' })
      expect(await service.series('orders_total')).to.deep.equal({ '': 7 })
    })

    it('begin when views drop them no longer', async () => {
      have([{ instrumentName: 'orders_total', aggregation: { type: AggregationType.DROP } }])
      const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['tier'] })
      const gold = orders.bind({ tier: 'gold' })
      gold.add(1)
      have([])
      gold.add(2)
      orders.add(4, { tier: 'gold' })
      expect(await service.series('orders_total')).to.deep.equal({ 'tier=gold': 6 })
    })

    it('keep a longer help text that came later', async () => {
      const meter = service.meterProvider.getMeter('m')
      meter.createCounter('hits', { description: 'short' }).add(1)
      meter.createCounter('hits', { description: 'longer text' })
      have([{ instrumentName: 'hits', attributesProcessors: allow() }])
      have([])
      const [metric] = (await service.collect()).filter(({ descriptor }) => descriptor.name === 'hits')
      expect(metric?.descriptor.description).to.equal('longer text')
    })
  })

  it('gauges and up-down counters go on, too', async () => {
    const labelNames = ['pool', 'host'] as const
    const open = service.metrics.upDownCounter({ name: 'open', labelNames })
    const level = service.metrics.gauge({ name: 'level', labelNames })
    const opened = open.bind({ pool: 'p', host: 'a' })
    const set = level.bind({ pool: 'p', host: 'a' })
    opened.add(3)
    open.add(4, { pool: 'p', host: 'b' })
    set.set(7)
    have([{ instrumentName: '*', attributesProcessors: allow('pool') }])
    expect(await service.series('level')).to.deep.equal({ 'pool=p': 7 })
    opened.add(-1)
    set.add(1)
    expect(await service.series('open')).to.deep.equal({ 'pool=p': 6 })
    expect(await service.series('level')).to.deep.equal({ 'pool=p': 8 })
  })

  it('what bound instruments hold is the new series, also where several share one', async () => {
    const level = service.metrics.gauge({ name: 'level', labelNames: ['host'] })
    const [a, b] = [level.bind({ host: 'a' }), level.bind({ host: 'b' })]
    have([{ instrumentName: 'level', attributesProcessors: allow() }])
    a.set(1)
    b.add(2)
    expect(await service.series('level')).to.deep.equal({ '': 3 })
    level.clear()
    expect(await service.series('level')).to.deep.equal({})
    b.set(5)
    a.add(1)
    expect(await service.series('level')).to.deep.equal({ '': 6 })
  })

  describe('histograms', () => {
    const reading = (boundaries: number[], counts: number[], sum: number): Histogram => ({
      buckets: { boundaries, counts },
      count: counts.reduce((total, count) => total + count, 0),
      sum,
    })

    it('of fewer buckets are exact', async () => {
      const seconds = service.metrics.histogram({ name: 's', buckets: [1, 2, 3, 4] })
      const bound = seconds.bind()
      for (const value of [0.5, 1.5, 2.5, 3.5, 4.5]) bound.record(value)
      have([{ instrumentName: 's', aggregation: explicit([2, 4]) }])
      expect(await service.series('s')).to.deep.equal({ '': reading([2, 4], [2, 2, 1], 12.5) })
      bound.record(1)
      seconds.record(5)
      expect(await service.series('s')).to.deep.equal({ '': reading([2, 4], [3, 2, 2], 18.5) })
    })

    it('of other buckets keep count, sum and all at bounds that stay; others begin with what is known to be below', async () => {
      const seconds = service.metrics.histogram({ name: 's', buckets: [1, 2, 4] })
      for (const value of [0.5, 1.5, 3, 5]) seconds.record(value)
      have([{ instrumentName: 's', aggregation: explicit([0.7, 2, 3, 8]) }])
      expect(await service.series('s')).to.deep.equal({ '': reading([0.7, 2, 3, 8], [0, 2, 0, 1, 1], 10) })
      seconds.record(2.5)
      expect(await service.series('s')).to.deep.equal({ '': reading([0.7, 2, 3, 8], [0, 2, 1, 1, 1], 12.5) })
    })

    it('become exponential and explicit again, with count and sum', async () => {
      const seconds = service.metrics.histogram({ name: 's', buckets: [1, 2, 4] })
      const bound = seconds.bind()
      for (const value of [0.5, 1.5, 3, 3, 5]) bound.record(value)
      have([{ instrumentName: 's', aggregation: exponential }])
      bound.record(0)
      bound.record(-3)
      seconds.record(0.25)
      const { '': point } = (await service.series('s')) as unknown as Record<string, ExponentialHistogram>
      expect(point).to.include({ count: 8, sum: 10.25, zeroCount: 1 })
      expect(point?.negative.bucketCounts).to.deep.equal([1])
      expect(point?.positive.bucketCounts.filter((count) => count > 0)).to.deep.equal([1, 1, 1, 2, 1])
      have([])
      bound.record(1)
      expect(await service.series('s')).to.deep.equal({ '': reading([1, 2, 4], [5, 1, 2, 1], 11.25) })
    })

    it('of exponential buckets are merged by labels, at the coarser scale', async () => {
      const seconds = service.metrics.histogram({ name: 's', native: true, labelNames: ['a'] })
      seconds.record(1, { a: '1' })
      seconds.record(1_000, { a: '1' })
      seconds.record(1.0001, { a: '2' })
      seconds.record(-2, { a: '2' })
      seconds.record(0, { a: '3' })
      have([{ instrumentName: 's', attributesProcessors: allow() }])
      seconds.record(3, { a: '4' })
      const { '': point } = (await service.series('s')) as unknown as Record<string, ExponentialHistogram>
      expect(point).to.include({ count: 6, zeroCount: 1 })
      expect(point?.positive.bucketCounts.filter((count) => count > 0)).to.deep.equal([1, 1, 1, 1])
      expect(point?.negative.bucketCounts).to.deep.equal([1])
    })

    it('become their sum', async () => {
      const seconds = service.metrics.histogram({ name: 's', buckets: [1], labelNames: ['a'] })
      seconds.record(1.5, { a: '1' })
      seconds.record(3, { a: '2' })
      expect(have([{ instrumentName: 's', aggregation: { type: AggregationType.SUM }, attributesProcessors: allow() }]))
        .to.be.empty
      seconds.record(1, { a: '1' })
      expect(await service.series('s')).to.deep.equal({ '': 5.5 })
    })

    it('keep their own counter, with the same cells or with others', async () => {
      const requests = service.metrics.countedHistogram({
        histogram: { name: 'request_seconds', buckets: [1], labelNames: ['path'] },
        count: { name: 'requests_total', help: '' },
      })
      const bound = requests.bind({ path: '/' })
      bound.record(1)
      const counts = async () => [
        await service.series('requests_total'),
        Object.entries(await service.series('request_seconds')).map(([key, value]) => [
          key,
          (value as Histogram).count,
        ]),
      ]
      have([{ instrumentName: 'requests_total', attributesProcessors: allow() }])
      bound.record(1)
      expect(await counts()).to.deep.equal([{ '': 2 }, [['path=/', 2]]])
      have([{ instrumentName: 'request_seconds', aggregation: { type: AggregationType.DROP } }])
      requests.record(1, { path: '/' })
      expect(await counts()).to.deep.equal([{ 'path=': 2, 'path=/': 1 }, []])
      have([])
      bound.record(1)
      expect(await counts()).to.deep.equal([{ 'path=': 2, 'path=/': 2 }, [['path=/', 4]]])
    })
  })

  it('what cannot go on begins anew, and is named', async () => {
    const orders = service.metrics.counter({ name: 'orders_total' })
    const bound = orders.bind()
    bound.add(3)
    expect(have([{ instrumentName: 'orders_total', aggregation: explicit([1, 5]) }])).to.deep.equal(['orders_total'])
    bound.add(2)
    orders.add(7)
    expect(await service.series('orders_total')).to.deep.equal({
      '': { buckets: { boundaries: [1, 5], counts: [0, 1, 1] }, count: 2, sum: 9 },
    })
  })

  it('another limit holds for what is new; nothing that there is goes', async () => {
    const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['id'] })
    for (const id of ['1', '2', '3']) orders.add(1, { id })
    have([], 2)
    orders.add(1, { id: '1' })
    orders.add(1, { id: '4' })
    expect(await service.series('orders_total')).to.deep.equal({
      'id=1': 2,
      'id=2': 1,
      'id=3': 1,
      'otel.metric.overflow=true': 1,
    })
    have([{ instrumentName: 'orders_total', aggregationCardinalityLimit: 4 }])
    orders.add(1, { id: '4' })
    expect(await service.series('orders_total')).to.include({ 'id=4': 1, 'otel.metric.overflow=true': 1 })
  })

  it('observables are observed in other series, with the time from which they were, also when they were away', async () => {
    const depth = service.metrics.observableCounter({ name: 'read_total', labelNames: ['queue', 'host'] })
    let isThere = true
    depth.addCallback((result) => {
      if (!isThere) return
      result.observe(3, { queue: 'q', host: 'a' })
      result.observe(4, { queue: 'q', host: 'b' })
    })
    const startMs = service.clock.nowMs()
    expect(Object.keys(await service.series('read_total'))).to.have.length(2)
    service.clock.advance(60_000)
    have([{ instrumentName: 'read_total', attributesProcessors: allow('queue') }])
    expect(await service.series('read_total')).to.deep.equal({ 'queue=q': 7 })
    const start = async () => {
      const [metric] = (await service.collect()).filter(({ descriptor }) => descriptor.name === 'read_total')
      return metric?.dataPoints[0]?.startTime[0]
    }
    expect(await start()).to.equal(Math.floor(startMs / 1_000))
    isThere = false
    expect(await start()).to.equal(undefined)
    have([])
    isThere = true
    expect(await start()).to.equal(Math.floor(startMs / 1_000))
  })

  it('are waited for until a collection is over', async () => {
    const hanging = new DeferredFunction<void>()
    const depth = service.metrics.observableCounter({ name: 'read_total', labelNames: ['host'] })
    depth.addCallback(async (result) => {
      result.observe(3, { host: 'a' })
      await hanging.call()
      result.observe(4, { host: 'b' })
    })
    const collected = service.series('read_total')
    let isIdle = false
    const idle = service.registry.whenIdle().then(() => {
      isIdle = true
    })
    await settled()
    expect(isIdle).to.equal(false)
    hanging.resolve(undefined)
    await idle
    expect(await collected).to.deep.equal({ 'host=a': 3, 'host=b': 4 })
  })

  it('carry what was counted in turns with the application, and whoever reads has all of it', async () => {
    service = new TestService({ cardinalityLimit: 10_000 })
    const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['region', 'id'] })
    const seconds = service.metrics.histogram({ name: 's', labelNames: ['region', 'id'], buckets: [1] })
    let counted = 0
    const record = (id: number) => {
      const labels = { region: id % 2 === 0 ? 'eu' : 'us', id }
      orders.add(1, labels)
      seconds.record(1, labels)
      counted++
    }
    for (let id = 0; id < 5_000; id++) record(id)
    let turns = 0
    await inSlowMotion(
      async () => {
        have([{ instrumentName: '*', attributesProcessors: allow('region') }])
        const collected = await service.collect()
        const sum = Object.values(seriesOf(collected, 'orders_total')) as number[]
        expect(sum.reduce((all, each) => all + each, 0)).to.be.within(5_000 + turns - 1, counted)
      },
      () => record(turns++),
    )
    expect(turns).to.be.greaterThan(10)
    const [sums, histograms] = [await service.series('orders_total'), await service.series('s')]
    expect(Object.values(sums).reduce((all: number, each) => all + (each as number), 0)).to.equal(counted)
    expect(Object.values(histograms).reduce((all: number, each) => all + (each as Histogram).count, 0)).to.equal(
      counted,
    )
    expect(Object.keys(sums)).to.have.members(['region=eu', 'region=us'])
  })

  it('that follow others at once find what these have not carried yet', async () => {
    service = new TestService({ cardinalityLimit: 10_000 })
    const orders = service.metrics.counter({ name: 'orders_total', labelNames: ['region', 'id'] })
    for (let id = 0; id < 5_000; id++) orders.add(1, { region: 'eu', id })
    await inSlowMotion(
      async () => {
        have([{ instrumentName: '*', attributesProcessors: allow('region') }])
        have([{ instrumentName: '*', attributesProcessors: allow() }])
        expect(await service.series('orders_total')).to.deep.equal({ '': 5_000 })
      },
      () => undefined,
    )
  })
})
