import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  createContextKey,
  ROOT_CONTEXT,
} from '@opentelemetry/api'
import {
  createAllowListAttributesProcessor,
  createDenyListAttributesProcessor,
  InstrumentType,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { OtelStore } from './harness'

describe("sdk-metrics's views over instruments of the OpenTelemetry API", () => {
  /** What is exported of a counter that three meters have, by meter, with its description where a view selected it. */
  const selectedBy = async (selector: ViewOptions) => {
    const store = new OtelStore({ views: [{ ...selector, description: 'selected' }] })
    const { meterProvider, producer } = store
    for (const meter of [
      meterProvider.getMeter('lib'),
      meterProvider.getMeter('lib', '1.0'),
      meterProvider.getMeter('lib', '1.0', { schemaUrl: 'https://s/1' }),
      meterProvider.getMeter('lib.other', '1.0'),
    ]) {
      meter.createCounter('jobs', { unit: '{job}' }).add(1)
      meter.createHistogram('took', { unit: 's' }).record(1)
    }
    return (await producer.collect()).resourceMetrics.scopeMetrics.flatMap(({ scope, metrics }) =>
      metrics
        .filter(({ descriptor }) => descriptor.description === 'selected')
        .map(({ descriptor }) =>
          [scope.name, scope.version ?? '', scope.schemaUrl ?? '', descriptor.name].join(' ').trim(),
        ),
    )
  }

  describe('select', () => {
    const lib = (name: string) => [`lib   ${name}`, `lib 1.0  ${name}`, `lib 1.0 https://s/1 ${name}`]

    for (const [what, selector, selected] of [
      ['by instrument name', { instrumentName: 'jobs' }, [...lib('jobs'), 'lib.other 1.0  jobs']],
      ['by instrument name without case', { instrumentName: 'JOBS', meterName: 'lib.other' }, ['lib.other 1.0  jobs']],
      [
        'by any number of wildcards',
        { instrumentName: '*o?*', meterName: 'lib' },
        [
          'lib   jobs',
          'lib   took',
          'lib 1.0  jobs',
          'lib 1.0  took',
          'lib 1.0 https://s/1 jobs',
          'lib 1.0 https://s/1 took',
        ],
      ],
      ['by instrument type', { instrumentType: InstrumentType.HISTOGRAM, meterName: 'lib' }, lib('took')],
      ['by unit', { instrumentUnit: 's', meterName: 'lib' }, lib('took')],
      ['by meter name, which is whole', { meterName: 'lib.other' }, ['lib.other 1.0  jobs', 'lib.other 1.0  took']],
      ['by meter name without wildcards', { meterName: 'lib*' }, []],
      [
        'by meter version',
        { instrumentName: 'jobs', meterVersion: '1.0', meterName: 'lib' },
        ['lib 1.0  jobs', 'lib 1.0 https://s/1 jobs'],
      ],
      [
        'by schema URL: those alone that have it',
        { instrumentName: 'jobs', meterSchemaUrl: 'https://s/1' },
        ['lib 1.0 https://s/1 jobs'],
      ],
      [
        'by everything at once',
        {
          instrumentName: 'took',
          instrumentType: InstrumentType.HISTOGRAM,
          instrumentUnit: 's',
          meterName: 'lib',
          meterVersion: '1.0',
          meterSchemaUrl: 'https://s/1',
        },
        ['lib 1.0 https://s/1 took'],
      ],
      ['nothing where one thing does not fit', { instrumentName: 'took', instrumentType: InstrumentType.COUNTER }, []],
    ] as const) {
      it(what, async () => {
        expect(await selectedBy(selector)).to.have.members(selected)
      })
    }
  })

  describe('process attributes', () => {
    it('by allow list: series that become one are added up', async () => {
      const store = new OtelStore({
        views: [{ instrumentName: '*', attributesProcessors: [createAllowListAttributesProcessor(['method'])] }],
      })
      const meter = store.meterProvider.getMeter('lib')
      const counter = meter.createCounter('jobs')
      const histogram = meter.createHistogram('took', { advice: { explicitBucketBoundaries: [1] } })
      for (const id of [1, 2, 3]) {
        counter.add(id, { method: 'GET', id })
        histogram.record(id, { method: 'GET', id })
      }
      expect(await store.points('jobs')).to.deep.equal([{ attributes: { method: 'GET' }, value: 6 }])
      expect(await store.points('took')).to.deep.equal([
        { attributes: { method: 'GET' }, value: { buckets: { boundaries: [1], counts: [1, 2] }, count: 3, sum: 6 } },
      ])
    })

    it('by deny list, and by several processors in turn', async () => {
      const store = new OtelStore({
        views: [
          {
            instrumentName: 'jobs',
            attributesProcessors: [
              createDenyListAttributesProcessor(['id']),
              { process: ({ method, ...rest }) => ({ ...rest, verb: String(method).toLowerCase() }) },
            ],
          },
        ],
      })
      const counter = store.meterProvider.getMeter('lib').createCounter('jobs')
      counter.add(1, { method: 'GET', id: 1, ok: true })
      counter.add(1, { method: 'get', id: 2, ok: true })
      expect(await store.points('jobs')).to.deep.equal([{ attributes: { ok: true, verb: 'get' }, value: 2 }])
    })

    it('of observables: sums that become one are added up, of gauges the last stands', async () => {
      const store = new OtelStore({
        views: [{ instrumentName: '*', attributesProcessors: [createAllowListAttributesProcessor([])] }],
      })
      const meter = store.meterProvider.getMeter('lib')
      const observe = (result: { observe(value: number, attributes: Attributes): void }) => {
        for (const id of [1, 2, 3]) result.observe(id, { id })
      }
      meter.createObservableCounter('ticks').addCallback(observe)
      meter.createObservableUpDownCounter('used').addCallback(observe)
      meter.createObservableGauge('depth').addCallback(observe)
      for (let collection = 0; collection < 2; collection++) {
        expect(await store.points('ticks')).to.deep.equal([{ attributes: {}, value: 6 }])
        expect(await store.points('used')).to.deep.equal([{ attributes: {}, value: 6 }])
        expect(await store.points('depth')).to.deep.equal([{ attributes: {}, value: 3 }])
      }
    })

    it('with the active context where a measurement has none of its own', async () => {
      const KEY = createContextKey('tenant')
      let active: Context = ROOT_CONTEXT
      const manager: ContextManager = {
        active: () => active,
        with: (_context, fn, self, ...args) => fn.call(self as never, ...args),
        bind: (_context, target) => target,
        enable: () => manager,
        disable: () => manager,
      }
      const store = new OtelStore({
        views: [
          {
            instrumentName: 'jobs',
            attributesProcessors: [{ process: (_incoming, given) => ({ tenant: String(given?.getValue(KEY)) }) }],
          },
        ],
      })
      const counter = store.meterProvider.getMeter('lib').createCounter('jobs')
      context.setGlobalContextManager(manager)
      try {
        active = ROOT_CONTEXT.setValue(KEY, 'active')
        counter.add(1)
        counter.add(2, {}, ROOT_CONTEXT.setValue(KEY, 'given'))
      } finally {
        context.disable()
      }
      expect(await store.points('jobs')).to.deep.equal([
        { attributes: { tenant: 'active' }, value: 1 },
        { attributes: { tenant: 'given' }, value: 2 },
      ])
    })

    it("without handing them the caller's object", async () => {
      const store = new OtelStore({
        views: [
          {
            instrumentName: 'jobs',
            attributesProcessors: [
              {
                process: (incoming) => {
                  incoming.added = true
                  return incoming
                },
              },
            ],
          },
        ],
      })
      const attributes = { a: 1 }
      store.meterProvider.getMeter('lib').createCounter('jobs').add(1, attributes)
      expect(attributes).to.deep.equal({ a: 1 })
      expect(await store.points('jobs')).to.deep.equal([{ attributes: { a: 1, added: true }, value: 1 }])
    })

    it('and turn away the measurement where one throws or returns nothing usable; the application goes on', async () => {
      const processes = [
        () => {
          throw new Error('broken')
        },
        () => 'nonsense' as unknown as Attributes,
      ]
      for (const broken of processes) {
        const processor = { process: broken }
        const store = new OtelStore({ views: [{ instrumentName: 'jobs', attributesProcessors: [processor] }] })
        store.meterProvider.getMeter('lib').createCounter('jobs').add(1, { a: 1 })
        expect(await store.metrics()).to.deep.equal([])
        expect(await store.rejections('jobs')).to.deep.equal({ invalid_labels: 1 })
      }
    })
  })

  it('rename, describe and bound a stream', async () => {
    const store = new OtelStore({
      views: [{ instrumentName: 'jobs', name: 'work', description: 'Work done', aggregationCardinalityLimit: 1 }],
    })
    const meter = store.meterProvider.getMeter('lib')
    const counter = meter.createCounter('jobs', { description: 'Jobs', unit: '{job}' })
    counter.add(1, { id: 1 })
    counter.add(2, { id: 2 })
    counter.add(4, { id: 3 })
    // The view's description stands, also where the instrument is made again with a longer one of its own.
    meter.createCounter('jobs', { description: 'Jobs that were done by someone', unit: '{job}' })
    const [metric] = await store.metrics()
    expect(metric?.descriptor).to.include({ name: 'work', description: 'Work done', unit: '{job}' })
    expect(await store.points('work')).to.deep.equal([
      { attributes: { id: 1 }, value: 1 },
      { attributes: { 'otel.metric.overflow': true }, value: 6 },
    ])
  })
})
