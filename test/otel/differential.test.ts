import {
  type AggregationOption,
  AggregationType,
  type CollectionResult,
  createAllowListAttributesProcessor,
  createDenyListAttributesProcessor,
  type DataPoint,
  DataPointType,
  type Histogram,
  type IAttributesProcessor,
  InstrumentType,
  MeterProvider,
  type MetricData,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import fc from 'fast-check'
import { createMetrics } from '../../src/init'
import { attributesText, PullReader } from './harness'
import { instrumentKey, Machine, NAMES, program, type Step } from './program'

/** A collection in a form that can be compared, in an order of its own. */
interface Plain {
  readonly metrics: readonly unknown[]
  readonly errors: readonly string[]
}

/** `keeps` says which points count. Times, and the least and greatest value of a histogram, are left out. */
function plain(
  { resourceMetrics, errors }: CollectionResult,
  keeps: (metric: MetricData, scope: readonly (string | undefined)[], point: DataPoint<unknown>) => boolean,
): Plain {
  const metrics = resourceMetrics.scopeMetrics
    .filter(({ scope }) => scope.name !== 'meterkit')
    .flatMap(({ scope, metrics }) => {
      const scopeParts = [scope.name, scope.version, scope.schemaUrl]
      return metrics.map((metric) => {
        const { name, description, unit, valueType } = metric.descriptor
        return {
          scope: scopeParts.map((part) => part ?? ''),
          descriptor: { name, description, unit, valueType },
          type: DataPointType[metric.dataPointType],
          temporality: metric.aggregationTemporality,
          monotonic: metric.dataPointType === DataPointType.SUM && metric.isMonotonic,
          points: (metric.dataPoints as DataPoint<unknown>[])
            .filter((point) => keeps(metric, scopeParts, point))
            .map(({ attributes, value }) => `${attributesText(attributes)} ${valueText(value)}`)
            .sort(),
        }
      })
    })
    .filter(({ points }) => points.length > 0)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return { metrics, errors: errors.map(String).sort() }
}

function valueText(value: unknown): string {
  if (typeof value === 'number') return JSON.stringify(value)
  const { buckets, count, sum } = value as Histogram
  return JSON.stringify({ boundaries: buckets.boundaries, counts: buckets.counts, count, sum })
}

/** Runs a program against the stock SDK and against ours, and compares at each collection. */
async function compare(steps: readonly Step[], views: ViewOptions[]): Promise<number> {
  const stockReader = new PullReader()
  const stockProvider = new MeterProvider({ readers: [stockReader], views })
  const hosted = new PullReader()
  const metrics = createMetrics({ exporters: [hosted], views, http: false, runtime: false, logger: false })
  const stock = new Machine(stockProvider)
  const ours = new Machine(metrics.meterProvider)
  let points = 0
  for (const step of steps) {
    if (step.do !== 'collect') {
      stock.run(step)
      ours.run(step)
      continue
    }
    stock.observed.clear()
    const collected = await stockReader.collect()
    // The stock SDK exports for ever what was observed once; see the tests of its faults.
    const expected = plain(collected, (metric, scope, { attributes }) => {
      const { name, unit, valueType, type } = metric.descriptor as MetricData['descriptor'] & { type: string }
      if (!type.startsWith('OBSERVABLE')) return true
      return stock.observed.has(`${instrumentKey(scope, type, name, unit, valueType)} ${attributesText(attributes)}`)
    })
    expect(plain(await metrics.metricProducer.collect(), () => true)).to.deep.equal(expected)
    expect(plain(await hosted.collect(), () => true)).to.deep.equal(expected)
    points += expected.metrics.length
  }
  await Promise.all([stockProvider.shutdown(), metrics.shutdown()])
  return points
}

const aggregation: fc.Arbitrary<AggregationOption> = fc.oneof(
  fc.constantFrom<AggregationOption[]>(
    { type: AggregationType.DEFAULT },
    { type: AggregationType.DROP },
    { type: AggregationType.SUM },
    { type: AggregationType.LAST_VALUE },
    { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM },
  ),
  fc.uniqueArray(fc.integer({ min: -10, max: 500 }), { maxLength: 3 }).map((bounds) => ({
    type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM as const,
    options: { boundaries: bounds.sort((a, b) => a - b) },
  })),
)

/** One view at most for each instrument name, so that nothing is counted twice in the stock SDK. */
const views: fc.Arbitrary<ViewOptions[]> = fc
  .tuple(
    ...NAMES.map((instrumentName) =>
      fc.option(
        fc.record(
          {
            instrumentName: fc.constant(instrumentName),
            // Observed values that a view brings together are not added up by the stock SDK.
            instrumentType: fc.constantFrom(
              InstrumentType.COUNTER,
              InstrumentType.UP_DOWN_COUNTER,
              InstrumentType.GAUGE,
              InstrumentType.HISTOGRAM,
            ),
            name: fc.constant(`${instrumentName}.renamed`),
            description: fc.constant('By view'),
            aggregation,
            attributesProcessors: fc.constantFrom<IAttributesProcessor[][]>(
              [createAllowListAttributesProcessor(['a', 'http.method'])],
              [createDenyListAttributesProcessor(['a'])],
              [createDenyListAttributesProcessor(['a']), createDenyListAttributesProcessor(['b'])],
            ),
            meterName: fc.constantFrom('lib', 'other'),
            instrumentUnit: fc.constantFrom('', 's'),
          },
          { requiredKeys: ['instrumentName', 'instrumentType'] },
        ),
      ),
    ),
  )
  .map((chosen) => chosen.filter((view) => view !== null))

describe('ours beside the stock SDK: the same calls give the same data', () => {
  const check = async (given: fc.Arbitrary<[Step[], ViewOptions[]]>) => {
    let metrics = 0
    await fc.assert(
      fc.asyncProperty(given, async ([steps, chosen]) => {
        metrics += await compare(steps, chosen)
      }),
      { numRuns: 400 },
    )
    // Programs that collect nothing would agree about everything.
    expect(metrics).to.be.greaterThan(1_000)
  }

  it('without views', () => check(fc.tuple(program, fc.constant([]))))

  it('with views', () => check(fc.tuple(program, views)))
})
