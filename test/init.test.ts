import { dirname, join, sep } from 'node:path'
import { metrics as api } from '@opentelemetry/api'
import { expect } from 'chai'
import { createMetrics, getMetrics, initMetrics, type MetricsService } from '../src/init'
import { DefinitionError } from '../src/model/errors'
import { samplesOf } from './support/page'
import { RecordingLogger } from './support/recording-logger'

const QUIET = { exporters: [], http: false, runtime: false, selfMetrics: false, logger: false } as const
const SRC = join(dirname(__dirname), 'src') + sep

describe('initMetrics', () => {
  let running: MetricsService | undefined

  afterEach(async () => {
    await running?.shutdown()
    running = undefined
  })

  it('makes the one service of the process, which getMetrics gives to whoever asks', () => {
    running = initMetrics(QUIET)
    expect(getMetrics()).to.equal(running)
    expect(initMetrics()).to.equal(running)
  })

  it('gives the same service again, and says that further options are not used', () => {
    const logger = new RecordingLogger()
    running = initMetrics({ ...QUIET, logger })
    expect(initMetrics()).to.equal(running)
    expect(logger.lines).to.deep.equal([])
    expect(initMetrics({ serviceName: 'other' })).to.equal(running)
    expect(logger.lines).to.deep.equal(['warn: initMetrics was called again: its options are not used.'])
  })

  it('gives the same service to a second copy of the package, instruments included', () => {
    const logger = new RecordingLogger()
    running = initMetrics({ ...QUIET, logger })
    const counter = running.counter({ name: 'jobs_total' })
    const copy = secondCopy()
    expect(copy.initMetrics).to.not.equal(initMetrics)
    expect(copy.getMetrics()).to.equal(running)
    expect(copy.initMetrics({}).counter({ name: 'jobs_total' })).to.equal(counter)
    expect(logger.lines).to.deep.equal(['warn: initMetrics was called again: its options are not used.'])
  })

  it('starts nothing where an option cannot be', () => {
    const before = api.getMeterProvider()
    for (const options of [{ exporters: ['otlp'] }, { views: [{}] }, { ...QUIET, http: { buckets: [2, 1] } }]) {
      expect(() => initMetrics(options as never)).to.throw(DefinitionError)
      expect(api.getMeterProvider()).to.equal(before)
      expect(() => getMetrics()).to.throw(DefinitionError)
    }
    running = initMetrics(QUIET)
  })

  it('makes a new service once the old one was shut down', async () => {
    const first = initMetrics(QUIET)
    await first.shutdown()
    expect(() => getMetrics()).to.throw(DefinitionError)
    running = initMetrics(QUIET)
    expect(running).to.not.equal(first)
    await first.shutdown()
    expect(getMetrics()).to.equal(running)
  })
})

describe('getMetrics', () => {
  it('says what to do where nothing was started', () => {
    expect(() => getMetrics())
      .to.throw(DefinitionError)
      .with.property(
        'message',
        'Cannot get "metrics": the service must be started, got none. Call initMetrics() at start-up, before the modules that use it.',
      )
  })
})

describe('createMetrics', () => {
  it('makes a service apart from all others', async () => {
    const services = [createMetrics(QUIET), createMetrics(QUIET)]
    for (const [index, metrics] of services.entries()) metrics.counter({ name: 'jobs_total' }).add(index + 1)
    expect(() => getMetrics()).to.throw(DefinitionError)
    const counts = await Promise.all(
      services.map(async (metrics) => samplesOf((await metrics.render()).body).get('jobs_total')),
    )
    expect(counts).to.deep.equal([1, 2])
    await Promise.all(services.map((metrics) => metrics.shutdown()))
  })

  it('has every series carry the constant labels, on every way out', async () => {
    const metrics = createMetrics({ ...QUIET, constantLabels: { zone: 'a', shard: 7 } })
    metrics.counter({ name: 'jobs_total', labelNames: ['queue'] }).add(3, { queue: 'in' })
    expect(samplesOf((await metrics.render()).body).get('jobs_total{queue="in",shard="7",zone="a"}')).to.equal(3)
    const { resourceMetrics } = await metrics.metricProducer.collect()
    const [point] = resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints ?? []
    expect(point?.attributes).to.deep.equal({ queue: 'in', shard: '7', zone: 'a' })
    expect(() => metrics.counter({ name: 'other_total', labelNames: ['zone'] })).to.throw(DefinitionError)
    await metrics.shutdown()
  })

  it('limits series to 2,000 a metric, or to what it is told', async () => {
    for (const [options, limit] of [
      [QUIET, 2_000],
      [{ ...QUIET, cardinalityLimit: 7 }, 7],
    ] as const) {
      const metrics = createMetrics(options)
      const counter = metrics.counter({ name: 'jobs_total', labelNames: ['id'] })
      for (let id = 0; id < 2_100; id++) counter.add(1, { id })
      const samples = [...samplesOf((await metrics.render()).body)].filter(([name]) => name.startsWith('jobs_total'))
      expect(samples).to.have.lengthOf(limit + 1)
      expect(samples).to.deep.include(['jobs_total{otel_metric_overflow="true"}', 2_100 - limit])
      await metrics.shutdown()
    }
  })

  it('says nothing where it is told so, and hands what it has to say to a logger otherwise', async () => {
    const logger = new RecordingLogger()
    const metrics = createMetrics({ ...QUIET, exporters: ['prometheus'], prometheus: { port: 0 }, logger })
    const { url } = await metrics.ready()
    expect(url).to.match(/^http:\/\/localhost:\d+\/metrics$/)
    expect(logger.lines).to.deep.equal([
      `info: metrics are at ${url} (prometheus.host and prometheus.port change where)`,
    ])
    await metrics.shutdown()
  })

  it('is ready at once, without an address, where it has no server of its own', async () => {
    for (const options of [QUIET, { ...QUIET, exporters: ['prometheus'], prometheus: { server: false } }] as const) {
      const metrics = createMetrics(options)
      expect(await metrics.ready()).to.deep.equal({ url: '' })
      await metrics.shutdown()
    }
  })
})

/** The module again, as a second installed copy of the package has it. */
function secondCopy(): typeof import('../src/init') {
  const kept = Object.entries(require.cache).filter(([path]) => path.startsWith(SRC))
  for (const [path] of kept) delete require.cache[path]
  try {
    return require('../src/init') as typeof import('../src/init')
  } finally {
    for (const [path, module] of kept) require.cache[path] = module
  }
}
