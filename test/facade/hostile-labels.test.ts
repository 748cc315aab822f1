import { createDenyListAttributesProcessor } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import type { Counter } from '../../src/facade/counter'
import type { Histogram } from '../../src/facade/histogram'
import type { Labels } from '../../src/model/labels'
import { pointsOf, TestService, type TestServiceOptions } from '../support/test-service'

/** Labels as no compiler lets them through, and where they must lead: to a region, or to a reason. */
interface Case {
  readonly what: string
  readonly labels: () => unknown
  readonly region?: string
  readonly reason?: string
}

const CASES: readonly Case[] = [
  { what: 'an undeclared label', labels: () => ({ region: 'eu', tier: 'gold' }), reason: 'undeclared_label' },
  { what: 'an own __proto__', labels: () => JSON.parse('{"__proto__":"x"}'), reason: 'undeclared_label' },
  { what: 'a list', labels: () => ['eu'], reason: 'undeclared_label' },
  {
    what: 'a getter that throws',
    labels: () => ({
      get region() {
        throw new Error('no')
      },
    }),
    reason: 'invalid_labels',
  },
  { what: 'a proxy that throws', labels: () => new Proxy({ region: 'eu' }, refusing), reason: 'invalid_labels' },
  { what: 'a revoked proxy', labels: revoked, reason: 'invalid_labels' },
  { what: 'a text', labels: () => 'eu', reason: 'invalid_labels' },
  { what: 'an empty text', labels: () => '', reason: 'invalid_labels' },
  { what: 'a number', labels: () => 5, reason: 'invalid_labels' },
  { what: 'a bigint', labels: () => 5n, reason: 'invalid_labels' },
  { what: 'a boolean', labels: () => true, reason: 'invalid_labels' },
  { what: 'a symbol', labels: () => Symbol('eu'), reason: 'invalid_labels' },
  { what: 'a function', labels: () => () => ({ region: 'eu' }), reason: 'invalid_labels' },
  { what: 'a symbol as value', labels: () => ({ region: Symbol('eu') }), reason: 'invalid_label_value' },
  { what: 'a function as value', labels: () => ({ region: () => 'eu' }), reason: 'invalid_label_value' },
  { what: 'an object as value', labels: () => ({ region: { toString: () => 'eu' } }), reason: 'invalid_label_value' },
  { what: 'a list as value', labels: () => ({ region: ['eu'] }), reason: 'invalid_label_value' },
  { what: 'a boxed text as value', labels: () => ({ region: Object('eu') }), reason: 'invalid_label_value' },
  { what: 'null', labels: () => null, region: '' },
  { what: 'nothing at all', labels: () => ({}), region: '' },
  { what: 'undefined as value', labels: () => ({ region: undefined }), region: '' },
  { what: 'null as value', labels: () => ({ region: null }), region: '' },
  { what: 'a number as value', labels: () => ({ region: 7 }), region: '7' },
  { what: 'NaN as value', labels: () => ({ region: Number.NaN }), region: 'NaN' },
  { what: 'a boolean as value', labels: () => ({ region: false }), region: 'false' },
  { what: 'a bigint as value', labels: () => ({ region: 7n }), region: '7' },
  {
    what: 'an object without prototype',
    labels: () => Object.assign(Object.create(null), { region: 'eu' }),
    region: 'eu',
  },
  {
    what: 'an instance with a field',
    labels: () =>
      new (class {
        region = 'eu'
      })(),
    region: 'eu',
  },
  {
    what: 'a getter',
    labels: () => ({
      get region() {
        return 'eu'
      },
    }),
    region: 'eu',
  },
  { what: 'a proxy', labels: () => new Proxy({ region: 'eu' }, {}), region: 'eu' },
  { what: 'a frozen object', labels: () => Object.freeze({ region: 'eu' }), region: 'eu' },
  { what: 'a symbol beside', labels: () => ({ [Symbol('tier')]: 'gold', region: 'eu' }), region: 'eu' },
  { what: 'an inherited label', labels: () => Object.create({ region: 'eu' }), region: '' },
  {
    what: 'an inherited undeclared label',
    labels: () => Object.assign(Object.create({ tier: 'x' }), { region: 'eu' }),
    region: 'eu',
  },
  { what: 'a hidden label', labels: () => Object.defineProperty({}, 'region', { value: 'eu' }), region: '' },
]

const refusing: ProxyHandler<object> = {
  ownKeys() {
    throw new Error('no')
  },
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({ region: 'eu' }, {})
  revoke()
  return proxy
}

type RegionLabels = Labels<'region'>

/** The ways by which labels reach a series. Each records once. */
const WAYS: Readonly<
  Record<string, (counter: Counter<'region'>, histogram: Histogram<'region'>, labels: RegionLabels) => void>
> = {
  'counter.add': (counter, _, labels) => counter.add(1, labels),
  'counter.bind': (counter, _, labels) => counter.bind(labels).add(),
  'histogram.record': (_, histogram, labels) => histogram.record(1, labels),
  'histogram.bind': (_, histogram, labels) => histogram.bind(labels).record(1),
  'histogram.startTimer': (_, histogram, labels) => void histogram.startTimer(labels)(),
  'histogram.startTimer, at its end': (_, histogram, labels) => void histogram.startTimer()(labels),
  'histogram.time': (_, histogram, labels) => histogram.time(() => undefined, labels),
}

/** What may have been recorded before: it decides which shortcuts the store takes. */
const HISTORIES: Readonly<Record<string, readonly unknown[]>> = {
  'at first': [],
  'after the same names': [{ region: 'us' }],
  'after no names': [{}],
}

/** A view that changes no labels, but has them pass through a processor. */
const PROCESSED = {
  views: [{ instrumentName: '*', attributesProcessors: [createDenyListAttributesProcessor(['none'])] }],
}

describe('Labels as no compiler lets them through', () => {
  for (const [way, record] of Object.entries(WAYS)) {
    for (const [when, history] of Object.entries(HISTORIES)) {
      it(`never throw, and lead to one series or one reason: ${way}, ${when}`, async () => {
        for (const options of [{}, PROCESSED]) {
          for (const { what, labels, region, reason } of CASES) {
            const { recorded, rejected } = await outcome(options, history, (counter, histogram) =>
              record(counter, histogram, labels() as RegionLabels),
            )
            expect(recorded, what).to.deep.equal(region === undefined ? [] : [region])
            expect(rejected, what).to.deep.equal(reason === undefined ? [] : [reason])
          }
        }
      })
    }
  }

  it('are turned away from an instrument without labels, however often', async () => {
    const service = new TestService()
    const jobs = service.metrics.counter({ name: 'jobs_total' })
    for (const labels of ['eu', 5, Symbol('eu'), { region: 'eu' }, {}, 5]) jobs.add(1, labels as never)
    expect(await service.series('jobs_total')).to.deep.equal({ '': 1 })
    expect(await service.series('meterkit_rejected_measurements_total')).to.deep.equal({
      'metric=jobs_total,reason=invalid_labels': 4,
      'metric=jobs_total,reason=undeclared_label': 1,
    })
  })

  it('do not throw when they are removed', () => {
    for (const options of [{}, PROCESSED]) {
      const counter = new TestService(options).metrics.counter({ name: 'jobs_total', labelNames: ['region'] })
      for (const { what, labels } of CASES) expect(counter.remove(labels() as RegionLabels), what).to.equal(false)
    }
  })

  it('are nothing that binding or removing counts: only a measurement is one', async () => {
    for (const options of [{}, PROCESSED]) {
      const service = new TestService(options)
      const counter = service.metrics.counter({ name: 'jobs_total', labelNames: ['region'] })
      for (const { labels, reason } of CASES) {
        if (reason === undefined) continue
        counter.bind(labels() as RegionLabels)
        counter.remove(labels() as RegionLabels)
      }
      expect(await service.series('meterkit_rejected_measurements_total')).to.deep.equal({})
    }
  })

  it('are read as own labels even where Object.prototype was tampered with', async () => {
    for (const options of [{}, PROCESSED]) {
      const { recorded, rejected } = await outcome(options, [{ region: 'us' }], (counter) => {
        Object.assign(Object.prototype, { region: 'polluted' })
        try {
          counter.add(1, {} as RegionLabels)
          counter.bind({} as RegionLabels).add()
          counter.add(1, { region: 'eu' })
        } finally {
          Reflect.deleteProperty(Object.prototype, 'region')
        }
      })
      expect(recorded).to.deep.equal(['', 'eu'])
      expect(rejected).to.deep.equal([])
    }
  })
})

/** The regions that were recorded after the history, and the reasons of rejections. */
async function outcome(
  options: TestServiceOptions,
  history: readonly unknown[],
  record: (counter: Counter<'region'>, histogram: Histogram<'region'>) => void,
): Promise<{ recorded: unknown[]; rejected: unknown[] }> {
  const service = new TestService(options)
  const counter = service.metrics.counter({ name: 'jobs_total', labelNames: ['region'] })
  const histogram = service.metrics.histogram({ name: 'job_seconds', labelNames: ['region'] })
  for (const labels of history) {
    counter.add(1, labels as RegionLabels)
    histogram.record(1, labels as RegionLabels)
  }
  const before = await service.collect()
  const historyTotal = totals(before)
  record(counter, histogram)
  const after = totals(await service.collect())
  const rejected = await service.points('meterkit_rejected_measurements_total')
  return {
    recorded: [...after]
      .filter(([region, count]) => count !== historyTotal.get(region))
      .map(([region]) => region)
      .sort(),
    rejected: rejected.map(({ labels }) => labels.reason),
  }

  function totals(collected: typeof before): Map<unknown, number> {
    const counts = new Map<unknown, number>()
    for (const name of ['jobs_total', 'job_seconds']) {
      for (const { labels, value } of pointsOf(collected, name)) {
        const count = typeof value === 'number' ? value : value.count
        if (count > 0) counts.set(labels.region, (counts.get(labels.region) ?? 0) + count)
      }
    }
    return counts
  }
}
