import { AggregationTemporality, type IMetricReader, type MetricProducer } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { JoinedReader } from '../../src/otel/joined-reader'
import { DeferredFunction, settled } from '../support/deferred'
import { metricsOf, PullReader, pointsNamed } from './harness'
import { periodic, Services } from './services'

describe('flush and shutdown of the readers of a service', () => {
  const services = new Services()
  const service = services.start

  afterEach(() => services.end())

  it('reach every reader, once', async () => {
    const calls: string[] = []
    class Telling extends PullReader {
      constructor(private readonly name: string) {
        super()
      }
      protected override async onForceFlush() {
        calls.push(`flush ${this.name}`)
      }
      protected override async onShutdown() {
        calls.push(`shutdown ${this.name}`)
      }
    }
    const metrics = service({ exporters: [new Telling('a'), new Telling('b')] })
    await metrics.flush()
    await metrics.shutdown()
    await metrics.shutdown()
    expect(calls).to.deep.equal(['flush a', 'flush b', 'shutdown a', 'shutdown b'])
  })

  it('send what was not sent yet before a reader closes', async () => {
    const { exporter, reader } = periodic()
    const metrics = service({ exporters: [reader] })
    metrics.counter({ name: 'orders_total' }).add(1)
    await metrics.shutdown()
    expect(exporter.getMetrics()).to.have.length(1)
  })

  for (const [what, fail] of [
    ['rejects', () => Promise.reject(new Error('receiver gone'))],
    [
      'throws',
      () => {
        throw new Error('receiver gone')
      },
    ],
  ] as const) {
    it(`wait for the others where one reader ${what}, and say so`, async () => {
      class Failing extends PullReader {
        protected override onForceFlush = fail
        protected override onShutdown = fail
      }
      const slow = new DeferredFunction<void>()
      class Slow extends PullReader {
        protected override onForceFlush = slow.call
        protected override onShutdown = slow.call
      }
      const warnings: string[] = []
      const logger = { info() {}, warn: (message: string) => void warnings.push(message), error() {} }
      const metrics = service({ exporters: [new Failing(), new Slow()], logger })
      for (const [work, done] of [
        [() => metrics.flush(), 'flushed'],
        [() => metrics.shutdown(), 'closed'],
      ] as const) {
        let over = false
        const working = work().then(() => {
          over = true
        })
        await settled()
        expect(over).to.equal(false)
        slow.resolve()
        await working
        expect(warnings.pop()).to.equal(`the reader Failing could not be ${done}: receiver gone`)
      }
      expect(warnings).to.deep.equal([])
    })
  }

  it('close the endpoint also where a reader cannot be closed', async () => {
    class Failing extends PullReader {
      protected override async onShutdown() {
        throw new Error('receiver gone')
      }
    }
    const metrics = service({ exporters: [new Failing(), 'prometheus'], prometheus: { port: 0 } })
    const { url } = await metrics.ready()
    expect(await (await fetch(url)).text()).to.contain('target_info')
    await metrics.shutdown()
    const refused = await fetch(url).then(
      () => undefined,
      (error: Error) => error,
    )
    expect(refused).to.be.instanceOf(Error)
  })

  it('keep the deadline also for a reader that does not', async () => {
    // A reader of its own making, with nothing of sdk-metrics in it.
    let producer: MetricProducer | undefined
    const deadlines: unknown[] = []
    const hang = (options?: { timeoutMillis?: number }) => {
      deadlines.push(options?.timeoutMillis)
      return new Promise<void>(() => {})
    }
    const reader: IMetricReader = {
      setMetricProducer: (given) => {
        producer = given
      },
      selectAggregation: () => ({ type: 0 }),
      selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
      selectCardinalityLimit: () => 2_000,
      collect: async (options) => (producer as MetricProducer).collect(options),
      forceFlush: hang,
      shutdown: hang,
    }
    const warnings: string[] = []
    const logger = { info() {}, warn: (message: string) => void warnings.push(message), error() {} }
    const store = { collect: () => Promise.reject(new Error('not asked')) }
    const joined = new JoinedReader(reader, store, logger)
    await joined.forceFlush({ timeoutMillis: 10 })
    await joined.shutdown({ timeoutMillis: 10 })
    expect(deadlines).to.deep.equal([10, 10])
    expect(warnings).to.deep.equal([
      'the reader Object could not be flushed: the deadline of 10 ms passed',
      'the reader Object could not be closed: the deadline of 10 ms passed',
    ])
    const metrics = service({ exporters: [{ ...reader, shutdown: async () => {} }] })
    metrics.meterProvider.getMeter('lib').createCounter('orders').add(1)
    expect(pointsNamed(await metricsOf(producer as unknown as MetricProducer), 'orders')).to.have.length(1)
  })

  it('leave recording harmless, and the reader closed', async () => {
    const reader = new PullReader()
    const metrics = service({ exporters: [reader] })
    const counter = metrics.meterProvider.getMeter('lib').createCounter('jobs')
    await metrics.shutdown()
    counter.add(1)
    metrics.meterProvider.getMeter('later').createCounter('jobs').add(1)
    const error = await reader.collect().then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    expect(error?.message).to.equal('MetricReader is shutdown')
  })
})
