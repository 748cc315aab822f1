import type { Attributes } from '@opentelemetry/api'
import {
  createAllowListAttributesProcessor,
  type Histogram,
  MeterProvider,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { createMetrics } from '../../src/init'
import { metricsOf, type Point, PullReader, pointsNamed } from './harness'

/**
 * Where ours and the stock SDK differ besides the stock SDK's faults, and why: what the differential test leaves out.
 */
describe('ours beside the stock SDK: different on purpose', () => {
  /** Does the same to both, and collects both. */
  const onBoth = async <T>(
    work: (provider: MeterProvider, reader: PullReader) => T | Promise<T>,
    views: ViewOptions[] = [],
  ): Promise<{ stock: T; ours: T }> => {
    const [stockReader, ourReader] = [new PullReader(), new PullReader()]
    const stock = new MeterProvider({ readers: [stockReader], views })
    const metrics = createMetrics({ exporters: [ourReader], views, http: false, runtime: false, logger: false })
    try {
      return {
        stock: await work(stock, stockReader),
        ours: await work(metrics.meterProvider as MeterProvider, ourReader),
      }
    } finally {
      await Promise.all([stock.shutdown(), metrics.shutdown()])
    }
  }

  it('names that differ in case are one instrument, as the specification has it', async () => {
    const { stock, ours } = await onBoth(async (provider, reader) => {
      const meter = provider.getMeter('lib')
      meter.createCounter('Jobs').add(1)
      meter.createCounter('jobs').add(2)
      return (await metricsOf(reader)).map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0]?.value])
    })
    expect(stock).to.deep.equal([
      ['Jobs', 1],
      ['jobs', 2],
    ])
    expect(ours).to.deep.equal([['Jobs', 3]])
  })

  it('attributes without a value are left out', async () => {
    const { stock, ours } = await onBoth(async (provider, reader) => {
      const counter = provider.getMeter('lib').createCounter('jobs')
      counter.add(1, {})
      counter.add(2, { a: undefined })
      counter.add(4, { a: null } as Attributes)
      return pointsNamed(await metricsOf(reader), 'jobs').map(({ value }) => value)
    })
    expect(stock).to.deep.equal([6, 1])
    expect(ours).to.deep.equal([7])
  })

  it('advice that does not rise counts as not given, as the specification has it, where the stock SDK sorts it', async () => {
    const { stock, ours } = await onBoth(async (provider, reader) => {
      const advice = { explicitBucketBoundaries: [2, 1] }
      provider.getMeter('lib').createHistogram('took', { advice }).record(1)
      const { value } = pointsNamed(await metricsOf(reader), 'took')[0] as Point
      return (value as Histogram).buckets.boundaries.length
    })
    expect({ stock, ours }).to.deep.equal({ stock: 2, ours: 15 })
  })

  it('a histogram keeps no least and greatest value', async () => {
    const { stock, ours } = await onBoth(async (provider, reader) => {
      provider.getMeter('lib').createHistogram('took').record(3)
      return pointsNamed(await metricsOf(reader), 'took')[0]?.value
    })
    expect(stock).to.include({ min: 3, max: 3 })
    expect(ours).not.to.have.any.keys('min', 'max')
  })

  it('an observed counter that is negative is turned away, where the stock SDK exports 0', async () => {
    const { stock, ours } = await onBoth(async (provider, reader) => {
      provider
        .getMeter('lib')
        .createObservableCounter('ticks')
        .addCallback((result) => {
          result.observe(-5, { core: 0 })
          result.observe(5, { core: 1 })
        })
      return pointsNamed(await metricsOf(reader), 'ticks').map(({ value }) => value)
    })
    expect(stock).to.deep.equal([0, 5])
    expect(ours).to.deep.equal([5])
  })

  it('what a callback observed before it failed is exported, with the failure', async () => {
    const { stock, ours } = await onBoth(async (provider, reader) => {
      provider
        .getMeter('lib')
        .createObservableGauge('depth')
        .addCallback((result) => {
          result.observe(5)
          throw new Error('no more')
        })
      const { errors, resourceMetrics } = await reader.collect()
      const names = resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
        metrics.map(({ descriptor }) => descriptor.name),
      )
      return { errors: errors.map(String), exported: names.includes('depth') }
    })
    expect(stock).to.deep.equal({ errors: ['Error: no more'], exported: false })
    expect(ours).to.deep.equal({ errors: ['Error: no more'], exported: true })
  })

  it('observed sums that a view brings together are added up, where in the stock SDK the last one stands', async () => {
    const views = [{ instrumentName: '*', attributesProcessors: [createAllowListAttributesProcessor([])] }]
    const { stock, ours } = await onBoth(async (provider, reader) => {
      provider
        .getMeter('lib')
        .createObservableCounter('ticks')
        .addCallback((result) => {
          result.observe(1, { core: 0 })
          result.observe(2, { core: 1 })
        })
      return pointsNamed(await metricsOf(reader), 'ticks').map(({ value }) => value)
    }, views)
    expect({ stock, ours }).to.deep.equal({ stock: [2], ours: [3] })
  })

  it('a counter that is reset and observed twice in one collection has the value observed', async () => {
    const { stock, ours } = await onBoth(async (provider, reader) => {
      let values = [10]
      const ticks = provider.getMeter('lib').createObservableCounter('ticks')
      ticks.addCallback((result) => result.observe(values[0] as number))
      ticks.addCallback((result) => result.observe(values.at(-1) as number))
      await reader.collect()
      values = [1, 2]
      return pointsNamed(await metricsOf(reader), 'ticks').map(({ value }) => value)
    })
    expect({ stock, ours }).to.deep.equal({ stock: [12], ours: [2] })
  })

  it('an attribute processor that throws costs the measurement, where the stock SDK throws into the application', async () => {
    const fail = () => {
      throw new Error('broken')
    }
    const views = [{ instrumentName: '*', attributesProcessors: [{ process: fail }] }]
    const { stock, ours } = await onBoth((provider) => {
      try {
        provider.getMeter('lib').createCounter('jobs').add(1)
      } catch (error) {
        return String(error)
      }
      return 'nothing thrown'
    }, views)
    expect({ stock, ours }).to.deep.equal({ stock: 'Error: broken', ours: 'nothing thrown' })
  })

  for (const [what, view, selected] of [
    [
      'a schema URL selects no meter without one',
      { instrumentName: '*', meterSchemaUrl: 'https://s/1' },
      { stock: true, ours: false },
    ],
    [
      'a second * is a wildcard too: *x* selects what has an x',
      { instrumentName: '*x*' },
      { stock: true, ours: false },
    ],
    ['a ? stands for one character', { instrumentName: 'job?' }, { stock: false, ours: true }],
    ['a name selects without case', { instrumentName: 'JOBS' }, { stock: false, ours: true }],
  ] as const) {
    it(`in views, ${what}`, async () => {
      const chosen = await onBoth(
        async (provider, reader) => {
          provider.getMeter('lib').createCounter('jobs').add(1)
          return (await metricsOf(reader))[0]?.descriptor.description === 'selected'
        },
        [{ ...view, description: 'selected' }],
      )
      expect(chosen).to.deep.equal(selected)
    })
  }

  it('a meter is given also after shutdown, and recording to it is harmless', async () => {
    const stock = new MeterProvider()
    await stock.shutdown()
    const metrics = createMetrics({ exporters: [], http: false, runtime: false, logger: false })
    await metrics.shutdown()
    expect(stock.getMeter('lib').constructor.name).to.equal('NoopMeter')
    expect(() => metrics.meterProvider.getMeter('lib').createCounter('jobs').add(1)).not.to.throw()
  })
})
