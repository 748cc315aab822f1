import { expect } from 'chai'
import fc from 'fast-check'
import type { ObservableCallback, ObservableOptions } from '../../src/model/definition'
import { seriesOf, TestService } from '../support/test-service'

const KINDS = ['observableCounter', 'observableUpDownCounter', 'observableGauge'] as const

type Reading = ReadonlyMap<string, number>

function observing(readings: Reading): ObservableCallback<'queue'> {
  return (result) => {
    for (const [queue, value] of readings) result.observe(value, { queue })
  }
}

describe('An observable', () => {
  for (const kind of KINDS) {
    it(`exports what the last collection observed, and nothing else: ${kind}`, async () => {
      const observation = fc.tuple(fc.constantFrom('in', 'out', '', '__proto__', 'dead'), fc.nat({ max: 1_000 }))
      const reading = fc.array(observation).map((entries) => new Map(entries))
      await fc.assert(
        fc.asyncProperty(fc.array(reading), fc.boolean(), async (readings, isAsync) => {
          const service = new TestService()
          let current: Reading = new Map()
          service.metrics[kind]({
            name: 'depth_total',
            labelNames: ['queue'],
            callback: isAsync
              ? async (result) => {
                  await Promise.resolve()
                  observing(current)(result)
                }
              : (result) => observing(current)(result),
          })
          for (current of readings) {
            expect(await service.series('depth_total')).to.deep.equal(
              Object.fromEntries([...current].map(([queue, value]) => [`queue=${queue}`, value])),
            )
          }
        }),
      )
    })

    it(`takes the last value where a callback observes a series twice: ${kind}`, async () => {
      const service = new TestService()
      const callback: ObservableOptions['callback'] = (result) => {
        result.observe(7)
        result.observe(5)
      }
      service.metrics[kind]({ name: 'depth_total', callback })
      expect(await service.series('depth_total')).to.deep.equal({ '': 5 })
      expect(await service.series('depth_total')).to.deep.equal({ '': 5 })
    })
  }

  it('is read at collection, once each', async () => {
    const service = new TestService()
    let calls = 0
    service.metrics.observableGauge({ name: 'depth', callback: () => void calls++ })
    expect(calls).to.equal(0)
    await service.collect()
    await service.collect()
    expect(calls).to.equal(2)
  })

  it('is read once for readers that collect at the same time', async () => {
    const service = new TestService()
    let calls = 0
    service.metrics.observableGauge({
      name: 'depth',
      callback: async (result) => {
        calls++
        await Promise.resolve()
        result.observe(calls)
      },
    })
    const readings = await Promise.all([service.series('depth'), service.series('depth'), service.series('depth')])
    expect(readings).to.deep.equal([{ '': 1 }, { '': 1 }, { '': 1 }])
    expect(await service.series('depth')).to.deep.equal({ '': 2 })
  })

  it('counts since it was made, also when it comes back', async () => {
    const service = new TestService()
    let present = true
    service.metrics.observableCounter({ name: 'done_total', callback: (result) => void (present && result.observe(1)) })
    const start = async () => {
      const metric = (await service.collect()).find(({ descriptor }) => descriptor.name === 'done_total')
      return metric?.dataPoints[0]?.startTime[0]
    }
    const made = service.clock.nowMs() / 1_000
    service.clock.advance(10_000)
    expect(await start()).to.equal(made)
    service.clock.advance(10_000)
    expect(await start()).to.equal(made)
    present = false
    await service.collect()
    present = true
    expect(await start()).to.equal(made)
  })

  it('turns away values and labels as instruments that record do', async () => {
    const service = new TestService()
    const callback: ObservableCallback<'queue'> = (result) => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '1', null, undefined, 1n]) {
        result.observe(value as number, { queue: 'in' })
      }
      result.observe(1, { queue: Symbol('in') } as never)
      result.observe(1, { tier: 'gold' } as never)
    }
    service.metrics.observableGauge({ name: 'depth', labelNames: ['queue'], callback })
    service.metrics.observableCounter({ name: 'done_total', callback: (result) => result.observe(-1) })
    const collected = await service.collect()
    expect(seriesOf(collected, 'depth')).to.deep.equal({})
    expect(seriesOf(collected, 'done_total')).to.deep.equal({})
    expect(seriesOf(collected, 'meterkit_rejected_measurements_total')).to.deep.equal({
      'metric=depth,reason=infinite': 1,
      'metric=depth,reason=invalid_label_value': 1,
      'metric=depth,reason=nan': 1,
      'metric=depth,reason=not_a_number': 4,
      'metric=depth,reason=undeclared_label': 1,
      'metric=done_total,reason=negative': 1,
    })
  })

  it('calls a callback once a collection however often it was added, and not at all once it was removed', async () => {
    const service = new TestService()
    const depth = service.metrics.observableGauge({ name: 'depth' })
    let calls = 0
    const callback = () => void calls++
    depth.addCallback(callback)
    depth.addCallback(callback)
    await service.collect()
    expect(calls).to.equal(1)
    depth.removeCallback(callback)
    depth.removeCallback(callback)
    await service.collect()
    expect(calls).to.equal(1)
    depth.addCallback(callback)
    await service.collect()
    expect(calls).to.equal(2)
  })

  it('may have several callbacks, each for series of its own', async () => {
    const service = new TestService()
    const depth = service.metrics.observableGauge({ name: 'depth', labelNames: ['queue'] })
    depth.addCallback(observing(new Map([['in', 1]])))
    depth.addCallback(observing(new Map([['out', 2]])))
    expect(await service.series('depth')).to.deep.equal({ 'queue=in': 1, 'queue=out': 2 })
  })

  it('calls a callback that a callback adds from the next collection on', async () => {
    const service = new TestService()
    const depth = service.metrics.observableGauge({ name: 'depth' })
    let calls = 0
    const addAnother = () => {
      calls++
      depth.addCallback(() => addAnother())
    }
    depth.addCallback(addAnother)
    await service.collect()
    expect(calls).to.equal(1)
    await service.collect()
    expect(calls).to.equal(1 + 2)
  })

  it('lets no callback observe another instrument', async () => {
    const service = new TestService()
    let stolen: ((value: number) => void) | undefined
    service.metrics.observableGauge({
      name: 'depth',
      callback: (result) => {
        stolen = (value) => result.observe(value)
        result.observe(1)
      },
    })
    const other = service.metrics.observableGauge({ name: 'other' })
    other.addCallback(() => stolen?.(9))
    expect(await service.series('depth')).to.deep.equal({ '': 9 })
    expect(await service.series('other')).to.deep.equal({})
    stolen?.(11)
    expect(await service.series('other')).to.deep.equal({})
  })
})

describe('A batch callback', () => {
  it('observes its instruments together, and no others', async () => {
    const service = new TestService()
    const used = service.metrics.observableGauge({ name: 'used_bytes', labelNames: ['space'] })
    const free = service.metrics.observableUpDownCounter({ name: 'free_bytes' })
    const other = service.metrics.observableGauge({ name: 'other' })
    const batch = service.metrics.addBatchCallback(
      async (result) => {
        await Promise.resolve()
        result.observe(used, 10, { space: 'old' })
        result.observe(free, 20)
        result.observe(other, 30)
      },
      [used, free],
    )
    expect(await service.series('used_bytes')).to.deep.equal({ 'space=old': 10 })
    expect(await service.series('free_bytes')).to.deep.equal({ '': 20 })
    expect(await service.series('other')).to.deep.equal({})
    batch.remove()
    batch.remove()
    expect(await service.series('used_bytes')).to.deep.equal({})
  })

  it('is counted as failed for each of its metrics', async () => {
    const service = new TestService()
    const used = service.metrics.observableGauge({ name: 'used_bytes' })
    const free = service.metrics.observableGauge({ name: 'free_bytes' })
    service.metrics.addBatchCallback(() => Promise.reject(new Error('no /proc')), [used, free])
    expect(await service.series('meterkit_callback_failures_total')).to.deep.equal({
      'metric=free_bytes,reason=error': 1,
      'metric=used_bytes,reason=error': 1,
    })
  })

  it('fails once for a metric that it names twice', async () => {
    const service = new TestService()
    const used = service.metrics.observableGauge({ name: 'used_bytes' })
    let calls = 0
    service.metrics.addBatchCallback(
      (result) => {
        result.observe(used, ++calls)
        throw new Error('no /proc')
      },
      [used, used],
    )
    const collected = await service.collect()
    expect(seriesOf(collected, 'used_bytes')).to.deep.equal({ '': 1 })
    expect(seriesOf(collected, 'meterkit_callback_failures_total')).to.deep.equal({
      'metric=used_bytes,reason=error': 1,
    })
  })

  it('leaves the instruments of another service alone', async () => {
    const [service, neighbour] = [new TestService(), new TestService()]
    const foreign = neighbour.metrics.observableGauge({ name: 'depth' })
    const own = service.metrics.observableGauge({ name: 'depth' })
    service.metrics.addBatchCallback((result) => result.observe(foreign, 1), [own])
    await service.collect()
    expect(await neighbour.series('depth')).to.deep.equal({})
  })
})
