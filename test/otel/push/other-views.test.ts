import { emptyResource } from '@opentelemetry/resources'
import {
  AggregationType,
  createAllowListAttributesProcessor,
  type Histogram,
  type PushMetricExporter,
  MeterProvider as SdkMeterProvider,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import fc from 'fast-check'
import { JoinedReader } from '../../../src/otel/joined-reader'
import { StoreProducer } from '../../../src/otel/producer'
import { NO_PUSH_EVENTS } from '../../../src/otel/push/push-events'
import { PushReader } from '../../../src/otel/push/push-reader'
import { pointsOf, TestService } from '../../support/test-service'
import { Receiver } from './receiver'

const allow = (...names: string[]) => [createAllowListAttributesProcessor(names)]
const explicit = (...boundaries: number[]) => ({
  type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM as const,
  options: { boundaries },
})
const exponential = (maxSize: number) => ({
  type: AggregationType.EXPONENTIAL_HISTOGRAM as const,
  options: { maxSize },
})

/** What the views may be by turns, each of which makes one stream of each instrument, called as before. */
const VIEWS: readonly (readonly ViewOptions[])[] = [
  [],
  [{ instrumentName: '*', attributesProcessors: allow('a') }],
  [{ instrumentName: '*', attributesProcessors: allow() }],
  [{ instrumentName: 'h', aggregation: explicit(10, 50, 100) }],
  [{ instrumentName: '?', aggregation: exponential(20) }],
  [
    { instrumentName: 'h', aggregation: exponential(4), attributesProcessors: allow('b') },
    { instrumentName: 'n', aggregation: explicit(3) },
  ],
  [{ instrumentName: '*', aggregation: { type: AggregationType.DROP } }],
]

/** The totals of what a page has: of the counter, and of each histogram its count and its sum. */
async function shown(service: TestService): Promise<number[]> {
  const collected = await service.collect()
  const total = (name: string, of: (value: never) => number) =>
    pointsOf(collected, name).reduce((sum, { value }) => sum + of(value as never), 0)
  const both = (name: string) => [
    total(name, ({ count }: Histogram) => count),
    total(name, ({ sum = 0 }: Histogram) => sum),
  ]
  return [total('c_total', (value: number) => value), ...both('h'), ...both('n')]
}

describe('A push reader of deltas whose views change', () => {
  function setUp(exporter: PushMetricExporter) {
    const service = new TestService()
    const { registry, log } = service
    const reader = new PushReader({
      exporter,
      intervalMs: 2 ** 31 - 1,
      exportTimeoutMs: 10_000,
      temporality: 'delta',
      log,
      events: NO_PUSH_EVENTS,
    })
    const joined = new JoinedReader(reader, new StoreProducer(registry, new Map()), log)
    const provider = new SdkMeterProvider({ resource: emptyResource(), readers: [joined] })
    return { service, push: () => provider.forceFlush() }
  }

  it('has been sent each count once, whatever was recorded, arrived and asked for in between', async () => {
    const operation = fc.oneof(
      { weight: 6, arbitrary: fc.record({ a: fc.constantFrom('1', '2'), b: fc.constantFrom('x', 'y') }) },
      { weight: 2, arbitrary: fc.boolean() },
      { weight: 2, arbitrary: fc.nat(VIEWS.length - 1) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
        const receiver = new Receiver()
        const { service, push } = setUp(receiver)
        const labelNames = ['a', 'b'] as const
        const counter = service.metrics.counter({ name: 'c_total', labelNames })
        const explicitOne = service.metrics.histogram({ name: 'h', labelNames, buckets: [10, 100] })
        const native = service.metrics.histogram({ name: 'n', labelNames, native: true, buckets: [2, 200] })
        const bound = counter.bind({ a: '1', b: 'x' })
        const boundExplicit = explicitOne.bind({ a: '1', b: 'x' })
        let value = 0
        const sums = [0, 0]
        for (const each of operations) {
          service.clock.advance(10)
          if (typeof each === 'number') {
            service.registry.reconfigure({
              views: VIEWS[each] as readonly ViewOptions[],
              cardinalityLimit: 100,
              exemplars: undefined,
            })()
            const [added, count] = sums as [number, number]
            const isShown = each < VIEWS.length - 1
            expect(await shown(service), 'what is shown').to.deep.equal(
              isShown ? [added + count, 2 * count, added + count, count, added] : [0, 0, 0, 0, 0],
            )
          } else if (typeof each === 'boolean') {
            receiver.answer = () => (each ? new Error('away') : undefined)
            await push()
          } else {
            value = (value * 7 + 3) % 251
            counter.add(value, each)
            bound.add(1)
            explicitOne.record(value, each)
            boundExplicit.record(1)
            native.record(value, each)
            sums[0] = (sums[0] as number) + value
            sums[1] = (sums[1] as number) + 1
          }
        }
        service.registry.reconfigure({ views: [], cardinalityLimit: 100, exemplars: undefined })()
        receiver.answer = () => undefined
        await push()
        const [added, count] = sums as [number, number]
        const received = (name: string) =>
          [...receiver.totals].filter(([key]) => key.startsWith(`${name}[`)).map(([, numbers]) => numbers)
        const total = (name: string, at: number) => received(name).reduce((sum, each) => sum + (each[at] ?? 0), 0)
        expect(total('c_total', 0)).to.equal(added + count)
        for (const [name, wanted, sum] of [
          ['h', 2 * count, added + count],
          ['n', count, added],
        ] as const) {
          expect(total(name, 0), `count of ${name}`).to.equal(wanted)
          expect(total(name, 1), `sum of ${name}`).to.equal(sum)
        }
        for (const numbers of [...receiver.totals.values()].flat()) expect(numbers).to.be.at.least(0)
      }),
      { numRuns: 300 },
    )
  })
})
