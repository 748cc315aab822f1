import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, type ContextManager, context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import { createDenyListAttributesProcessor } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { namedIn } from '../../src/exposition/family-filter'
import { OPENMETRICS, PROTOBUF } from '../../src/exposition/format'
import { ExpositionHouse, type HouseOptions } from '../support/exposition-house'
import { parseProtobuf } from '../support/protobuf-page'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const IDS = `trace_id="${TRACE}",span_id="${SPAN}"`
/** When the clock of the house stands still, in seconds. */
const NOW = 1_700_000_000

/** A context manager as applications with tracing have one. */
class Contexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>()

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => fn.call(thisArg, ...args))
  }

  bind<T>(_active: Context, target: T): T {
    return target
  }

  enable(): this {
    return this
  }

  disable(): this {
    return this
  }
}

const spanContext = (traceFlags: TraceFlags) => ({ traceId: TRACE, spanId: SPAN, traceFlags })
const within = (traceFlags: TraceFlags, run: () => void) =>
  context.with(trace.setSpanContext(ROOT_CONTEXT, spanContext(traceFlags)), run)

/** The samples with an exemplar on the page of a house, each behind `#`. */
async function exemplars(house: ExpositionHouse): Promise<string[]> {
  const page = (await house.page(OPENMETRICS)).toString()
  return page.split('\n').filter((line) => line.includes(' # '))
}

describe('exposition: exemplars', () => {
  before(() => {
    context.setGlobalContextManager(new Contexts())
    // Whatever provider is registered, the application traces.
    trace.setGlobalTracerProvider({ getTracer: () => trace.getTracer('none') })
  })

  after(() => {
    context.disable()
    trace.disable()
  })

  it('are those of the active sampled span: counters and the buckets of histograms', async () => {
    const house = new ExpositionHouse()
    const counter = house.metrics.counter({ name: 'jobs_total', labelNames: ['kind'] })
    const histogram = house.metrics.histogram({ name: 'h', buckets: [1, 2] })
    counter.bind({ kind: 'b' })
    within(TraceFlags.SAMPLED, () => {
      counter.add(2, { kind: 'a' })
      histogram.record(1.5)
      histogram.bind({}).record(9)
    })
    histogram.record(0.5)
    within(TraceFlags.NONE, () => histogram.record(0.5))
    expect(await exemplars(house)).to.deep.equal([
      `h_bucket{le="2.0"} 3 # {${IDS}} 1.5 ${NOW}`,
      `h_bucket{le="+Inf"} 4 # {${IDS}} 9 ${NOW}`,
      `jobs_total{kind="a"} 2 # {${IDS}} 2 ${NOW}`,
    ])
  })

  it('are on no page of text 0.0.4', async () => {
    const house = new ExpositionHouse({ exemplars: 'always_on' })
    house.metrics.counter({ name: 'jobs_total' }).add(1)
    expect(await house.text()).to.equal('# TYPE jobs_total counter\njobs_total 1\n')
  })

  it('are all measurements with always_on, and none with always_off', async () => {
    const pages: Record<string, string[]> = {}
    for (const filter of ['always_on', 'always_off'] as const) {
      const house = new ExpositionHouse({ exemplars: filter })
      const counter = house.metrics.counter({ name: 'jobs_total' })
      within(TraceFlags.NONE, () => counter.add(3, {}, { exemplar: { job: 7 } }))
      pages[filter] = await exemplars(house)
    }
    expect(pages).to.deep.equal({ always_on: [`jobs_total 3 # {job="7"} 3 ${NOW}`], always_off: [] })
  })

  it('have the labels of the caller, with or without a span, as far as 128 characters go', async () => {
    const house = new ExpositionHouse()
    const counter = house.metrics.counter({ name: 'jobs_total', labelNames: ['kind'] })
    counter.add(1, { kind: 'a' }, { exemplar: { order: 'n"1\n' } })
    within(TraceFlags.SAMPLED, () => {
      counter.add(1, { kind: 'b' }, { exemplar: { long: 'x'.repeat(80), short: 'y', 'not a name': 'z' } })
    })
    expect(await exemplars(house)).to.deep.equal([
      `jobs_total{kind="a"} 1 # {order="n\\"1\\n"} 1 ${NOW}`,
      `jobs_total{kind="b"} 1 # {${IDS},short="y"} 1 ${NOW}`,
    ])
  })

  it('have no NUL in OpenMetrics, which would cost Prometheus the whole page', async () => {
    const house = new ExpositionHouse()
    house.metrics.counter({ name: 'orders_total' }).add(1, {}, { exemplar: { order: 'a\0\0b' } })
    expect(await exemplars(house)).to.deep.equal([`orders_total 1 # {order="a\ufffd\ufffdb"} 1 ${NOW}`])
    const [family] = parseProtobuf(await house.page(PROTOBUF))
    expect(family?.metric?.[0]?.counter?.exemplar?.label).to.deep.equal([{ name: 'order', value: 'a\0\0b' }])
  })

  it('have the ids of the span where a view took labels that are called so', async () => {
    const attributesProcessors = [createDenyListAttributesProcessor(['trace_id', 'tenant'])]
    const house = new ExpositionHouse({ views: [{ instrumentName: '*', attributesProcessors }] })
    const counter = house.metrics.counter({ name: 'jobs_total', labelNames: ['trace_id', 'tenant'] })
    within(TraceFlags.SAMPLED, () => counter.add(1, { trace_id: 'job 1', tenant: 'a' }))
    expect(await exemplars(house)).to.deep.equal([`jobs_total 1 # {${IDS},tenant="a"} 1 ${NOW}`])
  })

  it('are there in protobuf, those of native buckets beside them', async () => {
    const house = new ExpositionHouse()
    const native = house.metrics.histogram({ name: 'n', native: true })
    const explicit = house.metrics.histogram({ name: 'e', buckets: [1] })
    const counter = house.metrics.counter({ name: 'c_total' })
    within(TraceFlags.SAMPLED, () => {
      native.record(3)
      explicit.record(3)
      counter.add(1)
    })
    const label = [
      { name: 'trace_id', value: TRACE },
      { name: 'span_id', value: SPAN },
    ]
    const exemplar = (value: number) => ({ label, value, timestamp: { seconds: NOW } })
    const [c, e, n] = parseProtobuf(await house.page(PROTOBUF)).map(({ metric }) => metric?.[0])
    expect(c?.counter?.exemplar).to.deep.equal(exemplar(1))
    expect(e?.histogram?.bucket).to.deep.equal([
      { cumulativeCount: 0, upperBound: 1 },
      { cumulativeCount: 1, upperBound: Number.POSITIVE_INFINITY, exemplar: exemplar(3) },
    ])
    expect(n?.histogram?.exemplars).to.deep.equal([exemplar(3)])
  })

  it('stay with their series when others go, and go with it', async () => {
    const house = new ExpositionHouse()
    const counter = house.metrics.counter({ name: 'jobs_total', labelNames: ['id'] })
    within(TraceFlags.SAMPLED, () => {
      for (let id = 0; id < 300; id++) counter.add(1, { id })
    })
    for (let id = 0; id < 299; id++) counter.remove({ id })
    counter.add(1, { id: 0 })
    expect(await exemplars(house)).to.deep.equal([`jobs_total{id="299"} 1 # {${IDS}} 1 ${NOW}`])
    counter.clear()
    counter.add(1, { id: 299 })
    expect(await exemplars(house)).to.deep.equal([])
  })

  it('are the newest of each bucket, however soon one follows another', async () => {
    const house = new ExpositionHouse()
    const jobs = house.metrics.counter({ name: 'jobs_total', labelNames: ['by'] })
    const bound = jobs.bind({ by: 'cell' })
    const recording = [{ buckets: [1, 2] }, { native: true }, { native: true, buckets: [1, 2] }].flatMap(
      (options, index) => {
        const histogram = house.metrics.histogram({ name: `h${index}`, labelNames: ['by'], ...options })
        const cell = histogram.bind({ by: 'cell' })
        return [(value: number) => histogram.record(value, { by: 'labels' }), (value: number) => cell.record(value)]
      },
    )
    const values = async () => (await exemplars(house)).map((line) => line.split(' ').at(-2))
    for (const [last, before] of [
      ['1.75', 1.5],
      ['1.25', 1.5],
    ] as const) {
      within(TraceFlags.SAMPLED, () => {
        for (const value of [before, Number(last)]) {
          jobs.add(value, { by: 'labels' })
          bound.add(value)
          for (const record of recording) record(value)
        }
      })
      within(TraceFlags.NONE, () => bound.add(9))
      expect(await values()).to.deep.equal(new Array(8).fill(last))
    }
    within(TraceFlags.SAMPLED, () => {
      bound.add(5)
      bound.add()
    })
    expect(await values()).to.include('1')
  })

  for (const name of ['jobs_total', 'a_jobs_total']) {
    it(`are there of a counter that is read from a histogram, too: the newest, which counts one: ${name}`, async () => {
      const house = new ExpositionHouse()
      const labelNames = ['id']
      const jobs = house.metrics.countedHistogram({
        histogram: { name: 'job_seconds', labelNames, buckets: [1, 2] },
        count: { name },
      })
      for (const value of [3, 0.5, 1.5]) {
        within(TraceFlags.SAMPLED, () => jobs.record(value, { id: 'a' }))
        house.nowMs += 1_000
      }
      jobs.record(1, { id: 'b' })
      const lines = [
        `job_seconds_bucket{id="a",le="1.0"} 1 # {${IDS}} 0.5 ${NOW + 1}`,
        `job_seconds_bucket{id="a",le="2.0"} 2 # {${IDS}} 1.5 ${NOW + 2}`,
        `job_seconds_bucket{id="a",le="+Inf"} 3 # {${IDS}} 3 ${NOW}`,
      ]
      const line = `${name}{id="a"} 3 # {${IDS}} 1 ${NOW + 2}`
      expect(await exemplars(house)).to.have.members([...lines, line])
      const only = namedIn(new Set([name]))
      expect((await house.page(OPENMETRICS, only)).toString()).to.contain(`${line}\n`)
      for (const filter of [undefined, only]) {
        const families = parseProtobuf(await house.page(PROTOBUF, filter))
        const [a, b] = families.find((family) => family.name === name)?.metric?.map(({ counter }) => counter) ?? []
        expect(a?.exemplar).to.deep.include({ value: 1, timestamp: { seconds: NOW + 2 } })
        expect(b).to.include({ value: 1 }).and.not.to.have.property('exemplar')
      }
      expect((await house.text()).match(/#/g)).to.have.length(2)
      const series = (await house.timeSeries()).find((family) => family.name === name)?.series
      expect(series?.map((each) => each.exemplars.map(({ value }) => value))).to.deep.equal([[1], []])
    })
  }

  it('are there of none that OpenMetrics has no type for', async () => {
    const house = new ExpositionHouse({ exemplars: 'always_on' })
    const histogram = { name: 'job_seconds', buckets: [1] }
    house.metrics.countedHistogram({ histogram, count: { name: 'jobs' } }).record(0.5)
    expect(await exemplars(house)).to.deep.equal([`job_seconds_bucket{le="1.0"} 1 # {} 0.5 ${NOW}`])
  })

  it('take no place on the page that was not made for them', async () => {
    const options: HouseOptions = { cardinalityLimit: 1e5, exemplars: 'always_on' }
    const house = new ExpositionHouse(options)
    const histogram = house.metrics.histogram({ name: 'h', labelNames: ['id'], buckets: [1, 2, 3] })
    for (let id = 0; id < 2_000; id++) {
      for (const value of [0.5, 1.5, 2.5, 3.5]) {
        histogram.record(value, { id }, { exemplar: { text: '€'.repeat(120) } })
      }
    }
    const lines = (await house.page(OPENMETRICS)).toString().split('\n')
    const buckets = lines.filter((line) => line.startsWith('h_bucket'))
    expect(buckets).to.have.length(8_000)
    for (const line of buckets) {
      expect(line).to.match(/^h_bucket\{id="\d+",le="[^"]+"\} [1-4] # \{text="€{120}"\} [0-3]\.5 1700000000$/)
    }
  })
})
