import {
  AggregationType,
  createAllowListAttributesProcessor,
  createDenyListAttributesProcessor,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { createMetrics } from '../../src/init'
import { samplesOf } from '../support/page'
import { RecordingLogger } from '../support/recording-logger'
import { seriesOf, TestService } from '../support/test-service'

const allow = (...names: string[]) => [createAllowListAttributesProcessor(names)]
const deny = (...names: string[]) => [createDenyListAttributesProcessor(names)]

describe('Several views on one instrument', () => {
  const VIEWS: readonly ViewOptions[] = [
    { instrumentName: 'job_seconds', name: 'by_queue', attributesProcessors: allow('queue') },
    { instrumentName: 'job_seconds', name: 'by_tier', attributesProcessors: deny('queue') },
    {
      instrumentName: 'job_seconds',
      name: 'total',
      aggregation: { type: AggregationType.SUM },
      attributesProcessors: allow(),
    },
    {
      instrumentName: 'job_seconds',
      name: 'last',
      aggregation: { type: AggregationType.LAST_VALUE },
      attributesProcessors: allow('tier'),
    },
    { instrumentName: 'job_seconds', name: 'dropped', aggregation: { type: AggregationType.DROP } },
    { instrumentName: 'job_*' },
  ]

  function recorded() {
    const service = new TestService({ views: VIEWS })
    const jobs = service.metrics.histogram({ name: 'job_seconds', labelNames: ['queue', 'tier'], buckets: [1] })
    return { service, jobs }
  }
  const reading = (low: number, high: number, sum: number) => ({
    buckets: { boundaries: [1], counts: [low, high] },
    count: low + high,
    sum,
  })

  for (const way of ['labelled', 'bound'] as const) {
    it(`gives each its own right stream: ${way}`, async () => {
      const { service, jobs } = recorded()
      for (const [value, queue, tier] of [
        [0.5, 'in', 'gold'],
        [2, 'in', 'free'],
        [4, 'out', 'gold'],
      ] as const) {
        if (way === 'labelled') jobs.record(value, { queue, tier })
        else jobs.bind({ queue, tier }).record(value)
      }
      const collected = await service.collect()
      expect(seriesOf(collected, 'by_queue')).to.deep.equal({
        'queue=in': reading(1, 1, 2.5),
        'queue=out': reading(0, 1, 4),
      })
      expect(seriesOf(collected, 'by_tier')).to.deep.equal({
        'tier=gold': reading(1, 1, 4.5),
        'tier=free': reading(0, 1, 2),
      })
      expect(seriesOf(collected, 'total')).to.deep.equal({ '': 6.5 })
      expect(seriesOf(collected, 'last')).to.deep.equal({ 'tier=gold': 4, 'tier=free': 2 })
      expect(seriesOf(collected, 'dropped')).to.deep.equal({})
      expect(seriesOf(collected, 'job_seconds')).to.deep.equal({
        'queue=in,tier=gold': reading(1, 0, 0.5),
        'queue=in,tier=free': reading(0, 1, 2),
        'queue=out,tier=gold': reading(0, 1, 4),
      })
    })
  }

  it('removes where a series is of the removed labels alone, and clears in all of them', async () => {
    const { service, jobs } = recorded()
    jobs.record(1, { queue: 'in', tier: 'gold' })
    jobs.record(1, { queue: 'out', tier: 'free' })
    jobs.remove({ queue: 'in', tier: 'gold' })
    const removed = await service.collect()
    expect(Object.keys(seriesOf(removed, 'by_queue'))).to.deep.equal(['queue=in', 'queue=out'])
    expect(Object.keys(seriesOf(removed, 'by_tier'))).to.deep.equal(['tier=gold', 'tier=free'])
    jobs.clear()
    expect((await service.collect()).map(({ descriptor }) => descriptor.name)).to.deep.equal([])
  })

  it('gives a bound handle that keeps recording into all of them', async () => {
    const { service, jobs } = recorded()
    const bound = jobs.bind({ queue: 'in', tier: 'gold' })
    jobs.clear()
    bound.record(1)
    const collected = await service.collect()
    expect(seriesOf(collected, 'by_queue')).to.deep.equal({ 'queue=in': reading(1, 0, 1) })
    expect(seriesOf(collected, 'total')).to.deep.equal({ '': 1 })
  })
})

describe('Views that ask for the same stream', () => {
  const LABELS = { queue: 'in', tier: 'gold' }

  /** Pairs of views of which a page can show one, with the series that it shows. */
  const PAIRS: readonly (readonly [what: string, views: ViewOptions[], series: string, warned: boolean])[] = [
    [
      'the very same',
      [{ instrumentName: 'jobs_total' }, { instrumentName: '*' }],
      'jobs_total{queue="in",tier="gold"}',
      false,
    ],
    [
      'the same lists',
      [
        { instrumentName: '*', attributesProcessors: allow('queue') },
        { instrumentName: '*', attributesProcessors: allow('queue') },
      ],
      'jobs_total{queue="in"}',
      false,
    ],
    [
      'lists with the same outcome',
      [
        { instrumentName: '*', attributesProcessors: allow('queue') },
        { instrumentName: '*', attributesProcessors: deny('tier') },
      ],
      'jobs_total{queue="in"}',
      true,
    ],
    [
      'another description',
      [{ instrumentName: '*' }, { instrumentName: '*', description: 'Jobs' }],
      'jobs_total{queue="in",tier="gold"}',
      true,
    ],
    [
      'another limit',
      [{ instrumentName: '*' }, { instrumentName: '*', aggregationCardinalityLimit: 9 }],
      'jobs_total{queue="in",tier="gold"}',
      true,
    ],
    [
      'another aggregation',
      [{ instrumentName: '*' }, { instrumentName: '*', aggregation: { type: AggregationType.LAST_VALUE } }],
      'jobs_total{queue="in",tier="gold"}',
      true,
    ],
    [
      'fewer labels',
      [{ instrumentName: '*' }, { instrumentName: '*', attributesProcessors: allow('queue') }],
      'jobs_total{queue="in",tier="gold"}',
      true,
    ],
  ]

  for (const [what, views, series, warned] of PAIRS) {
    it(`count once on a page, which shows the first${warned ? ' and says so in the log' : ''}: ${what}`, async () => {
      const logger = new RecordingLogger()
      const metrics = createMetrics({ exporters: [], http: false, runtime: false, selfMetrics: false, views, logger })
      const jobs = metrics.counter({ name: 'jobs_total', labelNames: ['queue', 'tier'] })
      jobs.add(2, LABELS)
      jobs.bind(LABELS).add(3)
      const { body } = await metrics.render()
      expect([...samplesOf(body)].filter(([name]) => name.startsWith('jobs_total'))).to.deep.equal([[series, 5]])
      expect(logger.lines).to.deep.equal(
        warned
          ? [
              'warn: left "jobs_total" of "meterkit" out of the page: "jobs_total" is another stream of the same instrument, and every sum over it would count twice. Rename one of them with a view.',
            ]
          : [],
      )
      await metrics.shutdown()
    })
  }

  it('are two where processors of other makers are not the same object', async () => {
    const process = (incoming: object) => ({ ...incoming })
    const shared = { process }
    for (const [views, streams] of [
      [[shared, shared], 1],
      [[{ process }, { process }], 2],
    ] as const) {
      const service = new TestService({
        views: views.map((processor) => ({ instrumentName: '*', attributesProcessors: [processor] })),
      })
      service.metrics.counter({ name: 'jobs_total' })
      const metrics = await service.collect()
      expect(metrics.filter(({ descriptor }) => descriptor.name === 'jobs_total')).to.have.lengthOf(streams)
    }
  })
})

describe('A view of an instrument of the facade', () => {
  it('gives it a name that Prometheus takes, on every way out', async () => {
    const metrics = createMetrics({
      exporters: [],
      http: false,
      runtime: false,
      selfMetrics: false,
      logger: false,
      views: [{ instrumentName: 'jobs_total', name: 'jobs.done/all' }],
    })
    metrics.counter({ name: 'jobs_total' }).add(3)
    expect(samplesOf((await metrics.render()).body).get('jobs_done_all')).to.equal(3)
    const { resourceMetrics } = await metrics.metricProducer.collect()
    const names = resourceMetrics.scopeMetrics.flatMap((scope) =>
      scope.metrics.map(({ descriptor }) => descriptor.name),
    )
    expect(names).to.deep.equal(['jobs_done_all'])
    await metrics.shutdown()
  })

  it('may limit its series', async () => {
    const service = new TestService({ views: [{ instrumentName: '*', aggregationCardinalityLimit: 1 }] })
    const jobs = service.metrics.counter({ name: 'jobs_total', labelNames: ['id'], cardinalityLimit: 100 })
    for (let id = 0; id < 4; id++) jobs.add(1, { id })
    expect(await service.series('jobs_total')).to.deep.equal({ 'id=0': 1, 'otel.metric.overflow=true': 3 })
  })

  it('may process labels by its own rules, a label called __proto__ included', async () => {
    const renamed = { process: () => JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string> }
    const service = new TestService({ views: [{ instrumentName: '*', attributesProcessors: [renamed] }] })
    service.metrics.counter({ name: 'jobs_total', labelNames: ['id'] }).add(1, { id: 1 })
    const [point] = await service.points('jobs_total')
    expect(Object.entries(point?.labels ?? {})).to.have.deep.members([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  it('hands processors every declared label, empty where it was not given', async () => {
    const seen: unknown[] = []
    const spy = {
      process: (incoming: object) => {
        seen.push({ ...incoming })
        return {}
      },
    }
    const service = new TestService({ views: [{ instrumentName: '*', attributesProcessors: [spy] }] })
    service.metrics.counter({ name: 'jobs_total', labelNames: ['queue', 'tier'] }).add(1, { tier: 7 } as never)
    expect(seen).to.deep.equal([{ queue: '', tier: '7' }])
  })
})
