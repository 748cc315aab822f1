import type { MeterProvider as ApiMeterProvider, Attributes } from '@opentelemetry/api'
import {
  createAllowListAttributesProcessor,
  type IMetricReader,
  MeterProvider,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { createMetrics } from '../../src/init'
import { heapUsedBytes } from '../support/garbage'
import { metricsOf, type Point, PullReader, pointsNamed } from './harness'

/** A provider with a reader that collects it. */
interface Side {
  readonly provider: ApiMeterProvider
  readonly reader: IMetricReader
  end(): Promise<void>
}

function stockSide(views: ViewOptions[] = [], others: IMetricReader[] = []): Side {
  const reader = new PullReader()
  const provider = new MeterProvider({ readers: [reader, ...others], views })
  return { provider, reader, end: () => provider.shutdown() }
}

function ourSide(views: ViewOptions[] = [], others: IMetricReader[] = []): Side {
  const reader = new PullReader()
  const metrics = createMetrics({ exporters: [reader, ...others], views, http: false, runtime: false, logger: false })
  return { provider: metrics.meterProvider, reader, end: () => metrics.shutdown() }
}

/**
 * The faults of sdk-metrics for which there is a store of our own: each time what the stock SDK does, so that this tells
 * when it is mended, and that ours does better.
 */
describe('faults of the stock SDK that ours does not have', () => {
  const open: Side[] = []

  afterEach(async () => {
    await Promise.all(open.splice(0).map((side) => side.end()))
  })

  /** Does the same to the stock SDK and to ours. */
  const onBoth = async <T>(work: (side: Side) => T | Promise<T>, views: ViewOptions[] = []) => {
    const stock = stockSide(views)
    const ours = ourSide(views)
    open.push(stock, ours)
    return { stock: await work(stock), ours: await work(ours) }
  }

  const points = async ({ reader }: Side, name: string): Promise<Point[]> => pointsNamed(await metricsOf(reader), name)

  it('attributes are sorted and written as JSON for every recording', async () => {
    const { stock, ours } = await onBoth(({ provider }) => {
      const meter = provider.getMeter('lib')
      const counter = meter.createCounter('jobs')
      const histogram = meter.createHistogram('took')
      const record = () => {
        counter.add(1, { tier: 'gold', region: 'eu' })
        histogram.record(1, { tier: 'gold', region: 'eu' })
      }
      record()
      return [callsOf(JSON, 'stringify', record), callsOf(Array.prototype, 'sort', record)]
    })
    expect(stock).to.deep.equal([2, 2])
    expect(ours).to.deep.equal([0, 0])
  })

  it('add(NaN) poisons a series for good', async () => {
    const { stock, ours } = await onBoth(async (side) => {
      const counter = side.provider.getMeter('lib').createCounter('jobs')
      counter.add(1)
      counter.add(Number.NaN)
      counter.add(2)
      return points(side, 'jobs')
    })
    expect(stock).to.deep.equal([{ attributes: {}, value: Number.NaN }])
    expect(ours).to.deep.equal([{ attributes: {}, value: 3 }])
  })

  it('record(Infinity) poisons the sum of a histogram', async () => {
    const { stock, ours } = await onBoth(async (side) => {
      const histogram = side.provider.getMeter('lib').createHistogram('took')
      histogram.record(1)
      histogram.record(Number.POSITIVE_INFINITY)
      histogram.record(2)
      return (await points(side, 'took'))[0]?.value
    })
    expect(stock).to.include({ sum: Number.POSITIVE_INFINITY, count: 3 })
    expect(ours).to.include({ sum: 3, count: 2 })
  })

  it('a BigInt attribute throws into the application', async () => {
    const { stock, ours } = await onBoth(async (side) => {
      const counter = side.provider.getMeter('lib').createCounter('jobs')
      try {
        counter.add(1, { id: 123n } as unknown as Attributes)
      } catch (error) {
        return error
      }
      return points(side, 'jobs')
    })
    expect(stock).to.be.instanceOf(TypeError)
    expect(ours).to.deep.equal([{ attributes: { id: '123' }, value: 1 }])
  })

  it('attributes are kept by reference: a caller that reuses its object changes what is exported', async () => {
    const { stock, ours } = await onBoth(async (side) => {
      const counter = side.provider.getMeter('lib').createCounter('jobs')
      const attributes = { region: 'eu', zones: ['a'] }
      counter.add(1, attributes)
      attributes.region = 'us'
      attributes.zones.push('b')
      return points(side, 'jobs')
    })
    expect(stock).to.deep.equal([{ attributes: { region: 'us', zones: ['a', 'b'] }, value: 1 }])
    expect(ours).to.deep.equal([{ attributes: { region: 'eu', zones: ['a'] }, value: 1 }])
  })

  for (const kind of ['createObservableGauge', 'createObservableCounter', 'createObservableUpDownCounter'] as const) {
    it(`what is no longer observed stays for ever: ${kind}`, async () => {
      const { stock, ours } = await onBoth(async (side) => {
        let pods = ['a', 'b']
        side.provider
          .getMeter('lib')
          [kind]('memory')
          .addCallback((result) => {
            for (const pod of pods) result.observe(1, { pod })
          })
        await side.reader.collect()
        pods = ['b']
        return (await points(side, 'memory')).map(({ attributes }) => attributes.pod)
      })
      expect(stock).to.deep.equal(['a', 'b'])
      expect(ours).to.deep.equal(['b'])
    })
  }

  it('two views on one instrument count everything twice', async () => {
    const views = [{ instrumentName: 'jobs' }, { instrumentName: '*' }]
    const { stock, ours } = await onBoth(async (side) => {
      side.provider.getMeter('lib').createCounter('jobs').add(1)
      return points(side, 'jobs')
    }, views)
    expect(stock).to.deep.equal([{ attributes: {}, value: 2 }])
    expect(ours).to.deep.equal([{ attributes: {}, value: 1 }])
  })

  it('two views on one instrument that differ are mixed into one stream', async () => {
    const views = [
      { instrumentName: 'jobs', attributesProcessors: [createAllowListAttributesProcessor(['region'])] },
      { instrumentName: 'jobs', attributesProcessors: [createAllowListAttributesProcessor(['tier'])] },
    ]
    const { stock, ours } = await onBoth(async (side) => {
      side.provider.getMeter('lib').createCounter('jobs').add(1, { region: 'eu', tier: 'gold' })
      return (await metricsOf(side.reader)).map(({ dataPoints }) =>
        dataPoints.map((point) => [point.attributes, point.value]),
      )
    }, views)
    expect(stock).to.deep.equal([[[{ region: 'eu' }, 2]]])
    expect(ours).to.deep.equal([[[{ region: 'eu' }, 1]], [[{ tier: 'gold' }, 1]]])
  })

  it('a reader that does not collect costs memory at each collection of another, where a view selects', async () => {
    const growthMb = async (makeSide: typeof stockSide) => {
      const side = makeSide([{ instrumentName: '*' }], [new PullReader()])
      const counter = side.provider.getMeter('lib').createCounter('jobs')
      const round = async () => {
        for (let id = 0; id < 200; id++) counter.add(1, { id })
        await side.reader.collect()
      }
      for (let warmUp = 0; warmUp < 20; warmUp++) await round()
      const before = heapUsedBytes()
      for (let collection = 0; collection < 300; collection++) await round()
      const grown = heapUsedBytes() - before
      await side.end()
      return grown / 1e6
    }
    expect(await growthMb(stockSide)).to.be.greaterThan(10)
    expect(await growthMb(ourSide)).to.be.lessThan(3)
  })

  it('the cardinality limit is one of each collection: what is new between two of them adds up without end', async () => {
    const { stock, ours } = await onBoth(async (side) => {
      const counter = side.provider.getMeter('lib').createCounter('jobs')
      const histogram = side.provider.getMeter('lib').createHistogram('took')
      const counts: number[][] = []
      let total = 0
      for (let scrape = 0; scrape < 4; scrape++) {
        for (let id = 0; id < 1_500; id++) {
          counter.add(1, { id: `${scrape}-${id}` })
          histogram.record(1, { id: `${scrape}-${id}` })
        }
        const metrics = await metricsOf(side.reader)
        counts.push(['jobs', 'took'].map((name) => pointsNamed(metrics, name).length))
        total = pointsNamed(metrics, 'jobs').reduce((sum, { value }) => sum + (value as number), 0)
      }
      return { counts, total }
    })
    expect(stock.counts).to.deep.equal([1, 2, 3, 4].map((scrape) => [1_500 * scrape, 1_500 * scrape]))
    // The limit, and the one overflow series: for the life of the process.
    expect(ours.counts).to.deep.equal([
      [1_500, 1_500],
      [2_001, 2_001],
      [2_001, 2_001],
      [2_001, 2_001],
    ])
    expect(ours.total).to.equal(6_000)
  })
})

/** How often `work` calls a method, which does its work all the same. */
function callsOf<K extends string>(target: Record<K, unknown>, key: K, work: () => void): number {
  const original = target[key] as (...args: unknown[]) => unknown
  let calls = 0
  target[key] = function (this: unknown, ...args: unknown[]) {
    calls++
    return original.apply(this, args)
  }
  try {
    work()
  } finally {
    target[key] = original
  }
  return calls
}
