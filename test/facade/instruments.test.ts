import { expect } from 'chai'
import { TestService } from '../support/test-service'

const empty = { buckets: { boundaries: [1], counts: [0, 0] }, count: 0, sum: 0 }

describe('An instrument without labels', () => {
  it('shows its one series at once, at nothing', async () => {
    const { metrics, ...service } = made()
    metrics.counter({ name: 'counter_total' })
    metrics.upDownCounter({ name: 'sum' })
    metrics.gauge({ name: 'gauge' })
    metrics.histogram({ name: 'histogram', buckets: [1] })
    expect(await service.series('counter_total')).to.deep.equal({ '': 0 })
    expect(await service.series('sum')).to.deep.equal({ '': 0 })
    expect(await service.series('gauge')).to.deep.equal({ '': 0 })
    expect(await service.series('histogram')).to.deep.equal({ '': empty })
  })

  it('has that series back with the next recording after it was removed or cleared', async () => {
    const { metrics, ...service } = made()
    const counter = metrics.counter({ name: 'jobs_total' })
    for (const end of [() => expect(counter.remove({})).to.equal(true), () => counter.clear()]) {
      counter.add(5)
      end()
      expect(counter.remove({})).to.equal(false)
      expect(await service.series('jobs_total')).to.deep.equal({})
      counter.add(2)
      expect(await service.series('jobs_total')).to.deep.equal({ '': 2 })
      counter.clear()
    }
  })
})

describe('An instrument with labels', () => {
  it('shows a series once it was bound or recorded in', async () => {
    const { metrics, ...service } = made()
    const counter = metrics.counter({ name: 'jobs_total', labelNames: ['id'] })
    expect(await service.series('jobs_total')).to.deep.equal({})
    counter.bind({ id: 'bound' })
    counter.add(0, { id: 'recorded' })
    expect(await service.series('jobs_total')).to.deep.equal({ 'id=bound': 0, 'id=recorded': 0 })
  })

  it('says whether there was a series to remove', () => {
    const { metrics } = made()
    const counter = metrics.counter({ name: 'jobs_total', labelNames: ['id'] })
    counter.add(1, { id: 7 })
    expect(counter.remove({ id: 8 })).to.equal(false)
    expect(counter.remove({ id: '7' })).to.equal(true)
    expect(counter.remove({ id: 7 })).to.equal(false)
  })

  it('starts at the time when its series did', async () => {
    const { metrics, clock, collect } = made()
    const counter = metrics.counter({ name: 'jobs_total', labelNames: ['id'] })
    const startMs = clock.nowMs()
    counter.add(1, { id: 0 })
    clock.advance(90_000)
    counter.add(1, { id: 0 })
    counter.bind({ id: 1 })
    const points = (await collect()).find(({ descriptor }) => descriptor.name === 'jobs_total')?.dataPoints ?? []
    expect(points.map(({ startTime: [seconds, nanos] }) => seconds * 1_000 + nanos / 1e6 - startMs)).to.deep.equal([
      0, 90_000,
    ])
    expect(points.map(({ endTime: [seconds] }) => seconds * 1_000 - startMs)).to.deep.equal([90_000, 90_000])
  })
})

describe('What instruments do', () => {
  it('counters add, one where no value is given', async () => {
    const { metrics, ...service } = made()
    const counter = metrics.counter({ name: 'jobs_total', labelNames: ['id'] })
    counter.add(undefined, { id: 0 })
    counter.add(0.25, { id: 0 })
    const bound = counter.bind({ id: 0 })
    bound.add()
    bound.add(0.5)
    expect(await service.series('jobs_total')).to.deep.equal({ 'id=0': 2.75 })
  })

  it('gauges are set and added to', async () => {
    const { metrics, ...service } = made()
    const gauge = metrics.gauge({ name: 'depth' })
    gauge.add(5)
    gauge.add(-7.5)
    expect(await service.series('depth')).to.deep.equal({ '': -2.5 })
    gauge.set(3)
    gauge.bind({}).add(1)
    expect(await service.series('depth')).to.deep.equal({ '': 4 })
  })

  it('histograms have the default buckets in seconds where none are named', async () => {
    const { metrics, ...service } = made()
    metrics.histogram({ name: 'latency_seconds' }).record(0.3)
    expect(await service.series('latency_seconds')).to.deep.equal({
      '': {
        buckets: {
          boundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
          counts: [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
        },
        count: 1,
        sum: 0.3,
      },
    })
  })

  it('definitions keep nothing of the objects they were made from', async () => {
    const { metrics, ...service } = made()
    const labelNames: string[] = ['id']
    const buckets = [1]
    const histogram = metrics.histogram({ name: 'spread', labelNames, buckets })
    labelNames.push('other')
    buckets.push(2)
    histogram.record(3, { id: 0 })
    histogram.record(3, { id: 0, other: 1 })
    expect(await service.series('spread')).to.deep.equal({
      'id=0': { buckets: { boundaries: [1], counts: [0, 1] }, count: 1, sum: 3 },
    })
  })
})

function made() {
  const service = new TestService()
  return {
    metrics: service.metrics,
    clock: service.clock,
    series: (name: string) => service.series(name),
    collect: () => service.collect(),
  }
}
