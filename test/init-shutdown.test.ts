import { EventEmitter } from 'node:events'
import { createServer } from 'node:http'
import { metrics as api } from '@opentelemetry/api'
import { MetricReader } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { createMetrics, getMetrics, initMetrics } from '../src/init'
import { DefinitionError } from '../src/model/errors'
import { RecordingLogger } from './support/recording-logger'
import { seriesOf } from './support/test-service'

const QUIET = { exporters: [], http: false, runtime: false, logger: false } as const

describe('shutdown', () => {
  it('is done once, however often it is asked for', async () => {
    const metrics = createMetrics(QUIET)
    const first = metrics.shutdown()
    expect(metrics.shutdown()).to.equal(first)
    expect(await first).to.equal(undefined)
    expect(metrics.shutdown()).to.equal(first)
  })

  it('never rejects, also where a reader does or the port could not be had', async () => {
    class Failing extends MetricReader {
      protected override onForceFlush = () => Promise.reject(new Error('receiver gone'))
      protected override onShutdown = () => Promise.reject(new Error('receiver gone'))
    }
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, 'localhost', resolve))
    const { port } = blocker.address() as { port: number }
    const logger = new RecordingLogger()
    const metrics = createMetrics({
      http: false,
      runtime: false,
      logger,
      exporters: ['prometheus', new Failing()],
      prometheus: { port },
    })
    expect(await metrics.flush()).to.equal(undefined)
    expect(await metrics.shutdown()).to.equal(undefined)
    blocker.close()
    const text = `Cannot listen on "localhost:${port}": the port must be free, got one that is taken. Set prometheus.port, or 0 for any.`
    expect(logger.lines).to.have.members([
      `error: ${text}`,
      'warn: the reader Failing could not be flushed: receiver gone',
      'warn: the reader Failing could not be closed: receiver gone',
    ])
    const refusal = await metrics.ready().catch((error: Error) => error.message)
    expect(refusal).to.equal(text)
  })

  it('leaves recording harmless, on every way', async () => {
    const metrics = createMetrics(QUIET)
    const bus = new EventEmitter()
    metrics.instrumentBus(bus, { name: 'orders' })
    const counter = metrics.counter({ name: 'jobs_total', labelNames: ['id'] })
    const bound = counter.bind({ id: 1 })
    const histogram = metrics.histogram({ name: 'job_seconds' })
    const stop = histogram.startTimer()
    const depth = metrics.observableGauge({ name: 'depth' })
    const meter = metrics.meterProvider.getMeter('library')
    await metrics.shutdown()
    bound.add()
    counter.add(1, { id: 2 })
    counter.add(Number.NaN, { id: 1 })
    counter.remove({ id: 2 })
    stop()
    expect(histogram.time(() => 5)).to.equal(5)
    depth.addCallback((result) => result.observe(1))
    metrics.gauge({ name: 'late' }).set(1)
    meter.createCounter('late.too').add(1)
    bus.emit('anything')
    await metrics.flush()
    const { resourceMetrics } = await metrics.metricProducer.collect()
    const collected = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
    expect(seriesOf(collected, 'jobs_total')).to.deep.equal({ 'id=1': 1 })
    counter.clear()
  })

  it('leaves no page to be had, and says so', async () => {
    const metrics = createMetrics(QUIET)
    await metrics.shutdown()
    const failures = [metrics.render(), metrics.push(), metrics.push({ to: 'remote-write' })].map((made) =>
      made.then(
        () => 'none',
        (error: Error) => error.message,
      ),
    )
    for (const failure of await Promise.all(failures)) {
      expect(failure).to.equal(
        'Cannot collect "metrics": the reader must be running, got one that was shut down. Collect before shutdown().',
      )
    }
  })

  it('ends what measures the process, and leaves no listener behind', async () => {
    const listeners = () =>
      process.eventNames().map((name) => [String(name), process.listenerCount(name as 'exit')] as const)
    const before = listeners()
    for (let again = 0; again < 3; again++) {
      const metrics = initMetrics({ exporters: ['prometheus'], prometheus: { port: 0 }, logger: false })
      await metrics.ready()
      await metrics.shutdown()
    }
    expect(listeners()).to.deep.equal(before)
    // Whatever is still active would be one of its timers, watchers or sockets.
    expect(process.getActiveResourcesInfo().filter((resource) => resource.includes('TCPServer'))).to.deep.equal([])
  })

  it('goes on to its end where an instrumentation cannot be ended', async () => {
    const logger = new RecordingLogger()
    const metrics = initMetrics({ ...QUIET, logger })
    let isGone = false
    const bus = new Proxy(new EventEmitter(), {
      getOwnPropertyDescriptor(target, key) {
        if (isGone) throw new Error('the bus is gone')
        return Reflect.getOwnPropertyDescriptor(target, key)
      },
    })
    metrics.instrumentBus(bus, { name: 'orders' })
    isGone = true
    expect(await metrics.shutdown()).to.equal(undefined)
    expect(logger.lines).to.deep.equal(['warn: an instrumentation could not be ended: the bus is gone'])
    expect(() => getMetrics()).to.throw(DefinitionError)
    expect(api.getMeterProvider()).to.not.equal(metrics.meterProvider)
  })
})
