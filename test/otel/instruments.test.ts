import { type Attributes, createContextKey, type Meter, ROOT_CONTEXT, ValueType } from '@opentelemetry/api'
import { AggregationType, type HistogramMetricData } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { OtelStore, pointsOf } from './harness'

describe('recording with instruments of the OpenTelemetry API', () => {
  let store: OtelStore
  let meter: Meter

  beforeEach(() => {
    store = new OtelStore()
    meter = store.meterProvider.getMeter('lib')
  })

  describe('attributes', () => {
    it('make a series whatever their order, and whatever object they come in', async () => {
      const counter = meter.createCounter('jobs')
      class Labels {
        b = 2
        a = 1
      }
      counter.add(1, { a: 1, b: 2 })
      counter.add(2, { b: 2, a: 1 })
      counter.add(4, Object.assign(Object.create(null), { a: 1, b: 2 }))
      counter.add(8, new Labels() as unknown as Attributes)
      expect(await store.points('jobs')).to.deep.equal([{ attributes: { a: 1, b: 2 }, value: 15 }])
    })

    it('that are absent, undefined, null or empty mean the same series', async () => {
      const counter = meter.createCounter('jobs')
      counter.add(1)
      counter.add(2, undefined)
      counter.add(4, {})
      counter.add(8, null as unknown as Attributes)
      expect(await store.points('jobs')).to.deep.equal([{ attributes: {}, value: 15 }])
    })

    it('keep the type of their values', async () => {
      const counter = meter.createCounter('jobs')
      const values = ['1', 1, true, 'true', ['1'], [1], [1, 2], [true], '[1]']
      values.forEach((value, index) => void counter.add(index + 1, { value }))
      const points = await store.points('jobs')
      expect(points).to.have.length(values.length)
      for (const [index, value] of values.entries()) {
        expect(points).to.deep.include({ attributes: { value }, value: index + 1 })
      }
    })

    it('may be equal lists, in one series and in several', async () => {
      const counter = meter.createCounter('jobs')
      for (let time = 0; time < 2; time++) {
        counter.add(1, { a: ['x'], b: ['x'] })
        counter.add(1, { b: ['x'], a: [] })
        counter.add(1, { a: ['x'] })
      }
      expect((await store.points('jobs')).map(({ value }) => value)).to.deep.equal([2, 2, 2])
    })

    it('may be equal maps, in whatever order their keys are written, at any depth', async () => {
      const counter = meter.createCounter('jobs')
      const maps: Record<string, unknown>[] = [
        { a: 1, b: { c: 2, d: [{ e: 3, f: 4 }] } },
        { b: { d: [{ f: 4, e: 3 }], c: 2 }, a: 1 },
        { a: 1, b: { c: 2, d: [{ e: 3, f: 5 }] } },
        { ['__proto__']: 1, b: 2, toJSON: undefined },
        { b: 2, ['__proto__']: 1 },
      ]
      for (const map of maps) counter.add(1, { map } as never)
      for (const list of [
        [1, 2],
        [2, 1],
      ])
        counter.add(1, { list })
      expect((await store.points('jobs')).map(({ value }) => value)).to.have.members([2, 1, 2, 1, 1])
    })

    it('without a value or a name are left out', async () => {
      const counter = meter.createCounter('jobs')
      counter.add(1, { a: 'x' })
      counter.add(2, { a: 'x', b: undefined, c: null, '': 'nameless' })
      expect(await store.points('jobs')).to.deep.equal([{ attributes: { a: 'x' }, value: 3 }])
    })

    it('may be called __proto__, and are copied', async () => {
      const counter = meter.createCounter('jobs')
      const list = ['a']
      const attributes: Attributes = { ...JSON.parse('{"__proto__":"p"}'), list }
      counter.add(1, attributes)
      list.push('b')
      attributes.list = 'replaced'
      const [point] = await store.points('jobs')
      expect(Object.entries(point?.attributes ?? {})).to.have.deep.members([
        ['__proto__', 'p'],
        ['list', ['a']],
      ])
    })
  })

  describe('values', () => {
    it('that a counter cannot add are turned away and counted by the reason', async () => {
      const counter = meter.createCounter('jobs')
      counter.add(1)
      for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, null, undefined, {}]) {
        counter.add(value as number)
      }
      expect(await store.points('jobs')).to.deep.equal([{ attributes: {}, value: 1 }])
      expect(await store.rejections('jobs')).to.deep.equal({ negative: 1, nan: 1, infinite: 1, not_a_number: 5 })
    })

    it('that a histogram cannot record are turned away and counted by the reason', async () => {
      const histogram = meter.createHistogram('took', { advice: { explicitBucketBoundaries: [] } })
      for (const value of [-1, Number.NaN, Number.NEGATIVE_INFINITY, 3]) histogram.record(value)
      expect(await store.points('took')).to.deep.equal([
        { attributes: {}, value: { buckets: { boundaries: [], counts: [1] }, count: 1, sum: 3 } },
      ])
      expect(await store.rejections('took')).to.deep.equal({ negative: 1, nan: 1, infinite: 1 })
    })

    it('that are turned away make no series', async () => {
      meter.createCounter('jobs').add(Number.NaN, { a: 1 })
      meter.createGauge('depth').record(Number.POSITIVE_INFINITY)
      expect(await store.metrics()).to.deep.equal([])
    })

    it('may be negative for up-down counters and gauges', async () => {
      meter.createUpDownCounter('open').add(-2)
      meter.createGauge('depth').record(-2)
      expect(await store.points('open')).to.deep.equal([{ attributes: {}, value: -2 }])
      expect(await store.points('depth')).to.deep.equal([{ attributes: {}, value: -2 }])
    })
  })

  describe('valueType: INT', () => {
    const int = { valueType: ValueType.INT }

    it('leaves fractions out, towards zero', async () => {
      const counter = meter.createCounter('jobs', int)
      counter.add(1.9)
      counter.add(2.9)
      const upDown = meter.createUpDownCounter('open', int)
      upDown.add(-1.9)
      const gauge = meter.createGauge('depth', int)
      gauge.record(-0.5)
      meter.createObservableGauge('seen', int).addCallback((result) => result.observe(7.9))
      expect(await store.points('jobs')).to.deep.equal([{ attributes: {}, value: 3 }])
      expect(await store.points('open')).to.deep.equal([{ attributes: {}, value: -1 }])
      expect(await store.points('seen')).to.deep.equal([{ attributes: {}, value: 7 }])
      // Not -0, which would be written as "-0".
      expect(await store.points('depth')).to.deep.equal([{ attributes: {}, value: 0 }])
    })

    it('sorts a histogram by the whole number', async () => {
      const histogram = meter.createHistogram('took', { ...int, advice: { explicitBucketBoundaries: [1, 2] } })
      histogram.record(1.9)
      const [metric] = (await store.metrics()) as HistogramMetricData[]
      expect(metric?.dataPoints[0]?.value).to.deep.include({ sum: 1, count: 1 })
      expect(metric?.dataPoints[0]?.value.buckets.counts).to.deep.equal([1, 0, 0])
    })

    it('does not make a negative fraction an increment of 0', async () => {
      meter.createCounter('jobs', int).add(-0.5)
      meter.createHistogram('took', int).record(-0.5)
      meter.createObservableCounter('seen', int).addCallback((result) => result.observe(-0.5))
      expect(await store.metrics()).to.deep.equal([])
      expect(await store.rejections('jobs')).to.deep.equal({ negative: 1 })
      expect(await store.rejections('took')).to.deep.equal({ negative: 1 })
      expect((await store.rejections('seen')).negative).to.be.greaterThan(0)
    })

    it('turns away what is no number, as ever', async () => {
      const counter = meter.createCounter('jobs', int)
      for (const value of ['1.5', 1n, Number.NaN, Number.POSITIVE_INFINITY]) counter.add(value as number)
      expect(await store.rejections('jobs')).to.deep.equal({ not_a_number: 2, nan: 1, infinite: 1 })
    })
  })

  describe('a context', () => {
    const TENANT = createContextKey('tenant')
    const acme = ROOT_CONTEXT.setValue(TENANT, 'acme')
    const tenantView = {
      instrumentName: '*',
      attributesProcessors: [
        {
          process: (incoming: Attributes, context?: { getValue(key: symbol): unknown }) => ({
            ...incoming,
            tenant: String(context?.getValue(TENANT)),
          }),
        },
      ],
    }

    it('is accepted by all four instruments', async () => {
      meter.createCounter('a').add(1, { x: 1 }, acme)
      meter.createUpDownCounter('b').add(1, { x: 1 }, acme)
      meter.createGauge('c').record(1, { x: 1 }, acme)
      meter.createHistogram('d').record(1, { x: 1 }, acme)
      const points = (await store.metrics()).flatMap(pointsOf)
      expect(points.map(({ attributes }) => attributes)).to.deep.equal([{ x: 1 }, { x: 1 }, { x: 1 }, { x: 1 }])
    })

    it("reaches a view's attribute processors, for that measurement alone", async () => {
      store = new OtelStore({ views: [tenantView] })
      const counter = store.meterProvider.getMeter('lib').createCounter('jobs')
      counter.add(1, {}, acme)
      counter.add(2)
      counter.add(4, {}, acme)
      expect(await store.points('jobs')).to.deep.equal([
        { attributes: { tenant: 'acme' }, value: 5 },
        { attributes: { tenant: 'undefined' }, value: 2 },
      ])
    })

    it('reaches the processors of each of several views', async () => {
      store = new OtelStore({
        views: [
          { ...tenantView, instrumentName: 'jobs', name: 'jobs.sum' },
          {
            ...tenantView,
            instrumentName: 'jobs',
            name: 'jobs.last',
            aggregation: { type: AggregationType.LAST_VALUE },
          },
        ],
      })
      store.meterProvider.getMeter('lib').createCounter('jobs').add(3, {}, acme)
      const expected = [{ attributes: { tenant: 'acme' }, value: 3 }]
      expect(await store.points('jobs.sum')).to.deep.equal(expected)
      expect(await store.points('jobs.last')).to.deep.equal(expected)
    })

    it('does not leak out of a processor that throws', async () => {
      let fails = true
      const seen: unknown[] = []
      store = new OtelStore({
        views: [
          {
            instrumentName: 'jobs',
            attributesProcessors: [
              {
                process: (incoming, context) => {
                  seen.push(context?.getValue(TENANT))
                  if (fails) throw new Error('broken')
                  return incoming
                },
              },
            ],
          },
        ],
      })
      const counter = store.meterProvider.getMeter('lib').createCounter('jobs')
      counter.add(1, {}, acme)
      fails = false
      counter.add(2)
      expect(seen).to.deep.equal(['acme', undefined])
      expect(await store.points('jobs')).to.deep.equal([{ attributes: {}, value: 2 }])
      expect(await store.rejections('jobs')).to.deep.equal({ invalid_labels: 1 })
    })
  })
})
