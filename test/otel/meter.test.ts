import { type Meter, type MetricOptions, ValueType } from '@opentelemetry/api'
import {
  DataPointType,
  type HistogramMetricData,
  type MetricData,
  type SumMetricData,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { OTEL_DEFAULT_BUCKETS } from '../../src/model/buckets'
import { OtelStore } from './harness'

describe('Meter of the store', () => {
  let store: OtelStore
  let meter: Meter

  beforeEach(() => {
    store = new OtelStore()
    meter = store.meterProvider.getMeter('lib')
  })

  const only = async (): Promise<MetricData> => {
    const metrics = await store.metrics()
    expect(metrics).to.have.length(1)
    return metrics[0] as MetricData
  }

  describe('the seven instruments', () => {
    it('counter: a monotonic sum', async () => {
      const counter = meter.createCounter('jobs')
      counter.add(1, { kind: 'a' })
      counter.add(2.5, { kind: 'a' })
      const metric = (await only()) as SumMetricData
      expect(metric.dataPointType).to.equal(DataPointType.SUM)
      expect(metric.isMonotonic).to.equal(true)
      expect(metric.dataPoints[0]).to.deep.include({ attributes: { kind: 'a' }, value: 3.5 })
    })

    it('up-down counter: a sum that may fall', async () => {
      const counter = meter.createUpDownCounter('open')
      counter.add(1)
      counter.add(-3)
      const metric = (await only()) as SumMetricData
      expect(metric.dataPointType).to.equal(DataPointType.SUM)
      expect(metric.isMonotonic).to.equal(false)
      expect(metric.dataPoints[0]?.value).to.equal(-2)
    })

    it('gauge: the value recorded last', async () => {
      const gauge = meter.createGauge('depth')
      gauge.record(7)
      gauge.record(-1.5)
      const metric = await only()
      expect(metric.dataPointType).to.equal(DataPointType.GAUGE)
      expect(metric).not.to.have.property('isMonotonic')
      expect(metric.dataPoints[0]?.value).to.equal(-1.5)
    })

    it("histogram: OpenTelemetry's default buckets, bounds inclusive", async () => {
      const histogram = meter.createHistogram('size')
      for (const value of [0, 5, 5.1, 10_001]) histogram.record(value)
      const metric = (await only()) as HistogramMetricData
      expect(metric.dataPointType).to.equal(DataPointType.HISTOGRAM)
      const counts = OTEL_DEFAULT_BUCKETS.map(() => 0)
      counts.push(0)
      counts[0] = counts[1] = counts[2] = counts[counts.length - 1] = 1
      expect(metric.dataPoints[0]?.value).to.deep.equal({
        buckets: { boundaries: OTEL_DEFAULT_BUCKETS, counts },
        count: 4,
        sum: 10_011.1,
      })
    })

    it('observable counter: a monotonic sum as observed', async () => {
      meter.createObservableCounter('ticks').addCallback((result) => result.observe(12, { core: 0 }))
      const metric = (await only()) as SumMetricData
      expect(metric.dataPointType).to.equal(DataPointType.SUM)
      expect(metric.isMonotonic).to.equal(true)
      expect(metric.dataPoints[0]).to.deep.include({ attributes: { core: 0 }, value: 12 })
    })

    it('observable up-down counter: a sum as observed', async () => {
      meter.createObservableUpDownCounter('used').addCallback((result) => result.observe(-4))
      const metric = (await only()) as SumMetricData
      expect(metric.dataPointType).to.equal(DataPointType.SUM)
      expect(metric.isMonotonic).to.equal(false)
      expect(metric.dataPoints[0]?.value).to.equal(-4)
    })

    it('observable gauge: the value as observed', async () => {
      meter.createObservableGauge('temperature').addCallback((result) => result.observe(-4))
      const metric = await only()
      expect(metric.dataPointType).to.equal(DataPointType.GAUGE)
      expect(metric.dataPoints[0]?.value).to.equal(-4)
    })
  })

  describe('the descriptor', () => {
    it('carries name, description, unit and value type', async () => {
      meter.createCounter('a.b/c-d_e', { description: 'Things', unit: '{thing}', valueType: ValueType.INT }).add(1)
      expect((await only()).descriptor).to.deep.equal({
        name: 'a.b/c-d_e',
        description: 'Things',
        unit: '{thing}',
        valueType: ValueType.INT,
      })
    })

    it('is empty and DOUBLE where nothing was given', async () => {
      meter.createCounter('a').add(1)
      expect((await only()).descriptor).to.deep.equal({
        name: 'a',
        description: '',
        unit: '',
        valueType: ValueType.DOUBLE,
      })
    })
  })

  describe('making an instrument again', () => {
    it('gives the same instrument for the same definition, silently', () => {
      const options: MetricOptions = { unit: 's', description: 'Jobs', valueType: ValueType.INT }
      const makers = [
        () => meter.createCounter('jobs', options),
        () => meter.createHistogram('took', { ...options, advice: { explicitBucketBoundaries: [1, 2] } }),
        () => meter.createObservableGauge('depth', options),
      ]
      for (const make of makers) expect(make()).to.equal(make())
      expect(store.warnings).to.deep.equal([])
    })

    it('takes names that differ in case for one, under the first spelling', async () => {
      const first = meter.createCounter('Jobs.Done')
      expect(meter.createCounter('jobs.done')).to.equal(first)
      first.add(1)
      expect((await only()).descriptor.name).to.equal('Jobs.Done')
    })

    it('keeps the instruments of two meters apart', async () => {
      meter.createCounter('jobs').add(1)
      store.meterProvider.getMeter('other').createCounter('jobs').add(2)
      expect(store.warnings).to.deep.equal([])
      expect((await store.metrics()).map(({ dataPoints }) => dataPoints[0]?.value)).to.deep.equal([1, 2])
    })

    for (const [what, again] of [
      ['kind', () => meter.createUpDownCounter('jobs')],
      ['unit', () => meter.createCounter('jobs', { unit: '1' })],
      ['value type', () => meter.createCounter('jobs', { valueType: ValueType.INT })],
    ] as const) {
      it(`with another ${what} gives an instrument of its own, and says once that they share a name`, async () => {
        meter.createCounter('jobs').add(1)
        again().add(2)
        again().add(2)
        expect((await store.metrics()).map(({ dataPoints }) => dataPoints[0]?.value)).to.deep.equal([1, 4])
        expect(store.warnings).to.have.length(1)
        expect(store.warnings[0]).to.match(
          /^meter "lib" makes "jobs" twice, differently\. First: counter, jobs, help ""\. Now: /,
        )
      })
    }

    it('exports the longer of two descriptions, as the stock SDK does, and says once that they differ', async () => {
      const counter = meter.createCounter('jobs')
      counter.add(1)
      expect(meter.createCounter('jobs', { description: 'Jobs done' })).to.equal(counter)
      expect((await only()).descriptor.description).to.equal('Jobs done')
      meter.createCounter('jobs', { description: 'Jobs' })
      meter.createCounter('jobs', { description: 'Jobs' })
      expect((await only()).descriptor.description).to.equal('Jobs done')
      meter.createCounter('jobs', { description: 'Jobs done well' })
      expect((await only()).descriptor.description).to.equal('Jobs done well')
      expect(store.warnings).to.have.length(3)
    })

    it('keeps the first advice', async () => {
      meter.createHistogram('took', { advice: { explicitBucketBoundaries: [1] } })
      meter.createHistogram('took', { advice: { explicitBucketBoundaries: [2] } }).record(1)
      const metric = (await only()) as HistogramMetricData
      expect(metric.dataPoints[0]?.value.buckets.boundaries).to.deep.equal([1])
      expect(store.warnings).to.have.length(1)
    })
  })

  describe('advice', () => {
    const boundariesFor = async (advice: NonNullable<MetricOptions['advice']>) => {
      meter.createHistogram('took', { advice })
      meter.createHistogram('took', { advice }).record(1)
      return ((await only()) as HistogramMetricData).dataPoints[0]?.value.buckets.boundaries
    }

    for (const [what, given, taken] of [
      ['rising bounds', [0.1, 1, 10], [0.1, 1, 10]],
      ['negative bounds', [-1, 0, 1], [-1, 0, 1]],
      ['no bounds: one bucket', [], []],
      ['a closing +Inf, which is there by itself', [1, Number.POSITIVE_INFINITY], [1]],
    ] as const) {
      it(`takes ${what}`, async () => {
        expect(await boundariesFor({ explicitBucketBoundaries: [...given] })).to.deep.equal(taken)
        expect(store.warnings).to.deep.equal([])
      })
    }

    for (const [what, given] of [
      ['bounds that do not rise', [2, 1]],
      ['a bound twice', [1, 1]],
      ['NaN', [1, Number.NaN]],
      ['-Infinity', [Number.NEGATIVE_INFINITY, 1]],
      ['text', ['1'] as unknown as number[]],
      ['no list', 5 as unknown as number[]],
      ['null', null as unknown as number[]],
    ] as const) {
      it(`warns once of ${what} and takes the default buckets`, async () => {
        expect(await boundariesFor({ explicitBucketBoundaries: given as number[] })).to.deep.equal(OTEL_DEFAULT_BUCKETS)
        expect(store.warnings).to.have.length(1)
        expect(store.warnings[0]).to.match(
          /^Cannot create histogram "took": buckets must .* The default buckets are used\.$/,
        )
      })
    }

    it('copies the bounds', async () => {
      const bounds = [1, 2]
      const histogram = meter.createHistogram('took', { advice: { explicitBucketBoundaries: bounds } })
      bounds[0] = 100
      histogram.record(1.5)
      expect(((await only()) as HistogramMetricData).dataPoints[0]?.value.buckets).to.deep.equal({
        boundaries: [1, 2],
        counts: [0, 1, 0],
      })
    })

    it('of buckets means nothing to other instruments', async () => {
      meter.createCounter('jobs', { advice: { explicitBucketBoundaries: [2, 1] } }).add(1)
      expect(store.warnings).to.deep.equal([])
    })
  })

  describe('a name that is none by the specification', () => {
    for (const name of ['', '1st', '_a', 'a b', 'é', 'a'.repeat(256), 'a\n']) {
      it(`${JSON.stringify(name.slice(0, 20))} is warned of once, and works`, async () => {
        meter.createCounter(name).add(1)
        meter.createCounter(name).add(2)
        expect((await only()).descriptor.name).to.equal(name)
        expect((await only()).dataPoints[0]?.value).to.equal(3)
        expect(store.warnings).to.have.length(1)
        expect(store.warnings[0]).to.contain('a name must be a letter and up to 254 letters')
      })
    }

    it('the longest valid name is not warned of', () => {
      meter.createCounter('a'.repeat(255))
      expect(store.warnings).to.deep.equal([])
    })
  })
})
