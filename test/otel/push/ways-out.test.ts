import { mock } from 'node:test'
import { emptyResource } from '@opentelemetry/resources'
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { createMetrics } from '../../../src/init'
import { NO_PUSH_EVENTS } from '../../../src/otel/push/push-events'
import { PushReader } from '../../../src/otel/push/push-reader'
import { type WayOut, WaysOut } from '../../../src/otel/push/ways-out'
import { settled } from '../../support/deferred'
import { RecordingLogger } from '../../support/recording-logger'
import { keyOf, Receiver } from './receiver'

const TIMEOUT_MS = 10_000

describe('WaysOut', () => {
  const all = [new Receiver(), new Receiver(), new Receiver(), new Receiver()] as const
  const [a, b, c, d] = all
  const metrics = createMetrics({ exporters: [], http: false, runtime: false, selfMetrics: false, logger: false })
  const counter = metrics.counter({ name: 'c_total' })
  let log: RecordingLogger
  let ways: WaysOut
  /** How the readers are called that were made. */
  let made: string[]
  beforeEach(() => {
    counter.clear()
    for (const receiver of all) {
      receiver.answer = () => undefined
      receiver.totals.clear()
    }
    log = new RecordingLogger()
    ways = new WaysOut(emptyResource(), metrics.metricProducer, log)
    made = []
  })
  after(() => metrics.shutdown())

  /** A list of receivers, as options name them: by their places. */
  const list = (...exporters: readonly PushMetricExporter[]) =>
    exporters.map((exporter, at): WayOut => {
      const receiver = String((all as readonly PushMetricExporter[]).indexOf(exporter))
      return {
        name: `otlp-${at}`,
        receiver,
        settings: { receiver },
        make(name, before) {
          made.push(name)
          return new PushReader({
            exporter,
            intervalMs: 2 ** 31 - 1,
            // Of those that hang, nothing is known for as long as can be.
            exportTimeoutMs: receiver === '-1' ? 2 ** 31 - 1 : TIMEOUT_MS,
            temporality: 'delta',
            log,
            events: NO_PUSH_EVENTS,
            before: before instanceof PushReader ? before : undefined,
          })
        },
      }
    })
  const totals = () => all.map((receiver) => receiver.totals.get(keyOf('c_total', {}))?.[0])
  const change = (...exporters: readonly PushMetricExporter[]) => ways.prepare(list(...exporters))()
  const push = async (value: number) => {
    counter.add(value)
    await ways.flush(TIMEOUT_MS)
  }
  const away = () => new Error('away')

  it('leave a receiver what it is owed, whichever others come and go', async () => {
    await change(a, b)
    await push(1)
    a.answer = away
    await push(10)
    await change(b)
    await push(100)
    expect(totals()).to.deep.equal([1, 111, undefined, undefined])
    a.answer = () => undefined
    await change(c, b)
    await push(1_000)
    expect(totals()).to.deep.equal([1, 1_111, 1_111, undefined])
    expect(made).to.deep.equal(['otlp-0', 'otlp-1', 'otlp-0'])
    await ways.shutdown(TIMEOUT_MS)
  })

  it('stay as they are where the list has another order', async () => {
    await change(a, b)
    await push(1)
    a.answer = away
    await push(10)
    a.answer = () => undefined
    await change(b, a)
    await push(100)
    expect(totals()).to.deep.equal([111, 111, undefined, undefined])
    expect(made).to.have.length(2)
    await ways.shutdown(TIMEOUT_MS)
  })

  it('hand on what has not arrived where one is replaced by one, and only there', async () => {
    await change(a, b)
    await push(1)
    b.answer = away
    await push(10)
    await change(c, a)
    expect(made.pop(), 'it is called as before').to.equal('otlp-1')
    await push(100)
    expect(totals()).to.deep.equal([111, 1, 110, undefined])
    await change(b, d)
    b.answer = () => undefined
    await push(1_000)
    expect(totals(), 'those that are new have all').to.deep.equal([111, 1_112, 110, 1_111])
    await ways.shutdown(TIMEOUT_MS)
  })

  /** An exporter that answers when it is told to. */
  function hanging(): PushMetricExporter & { answer(): void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    return {
      export: (_metrics, done) => void promise.then(() => done({ code: 1, error: away() })),
      answer: resolve,
      forceFlush: async () => {},
      shutdown: async () => {},
    }
  }

  it('do not wait for ever for a request of which nothing is known', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      await change(hanging())
      counter.add(1)
      void ways.flush(TIMEOUT_MS)
      await settled()
      const changing = change(a)
      await settled()
      mock.timers.tick(10_000)
      await changing
      await ways.flush(TIMEOUT_MS)
      expect(totals()[0]).to.equal(1)
    } finally {
      mock.timers.reset()
    }
    await ways.shutdown(TIMEOUT_MS)
  })

  for (const work of ['flush', 'shutdown'] as const) {
    it(`reach with ${work} also what is about to take over`, async () => {
      const first = hanging()
      await change(first)
      counter.add(1)
      const flushing = ways.flush(TIMEOUT_MS)
      await settled()
      const changing = change(a)
      const working = ways[work](TIMEOUT_MS)
      await settled()
      expect(totals()[0]).to.equal(undefined)
      first.answer()
      await Promise.all([flushing, changing, working])
      expect(totals()[0]).to.equal(1)
      await ways.shutdown(TIMEOUT_MS)
    })
  }

  it('do not come back where they were closed while others took over', async () => {
    const first = hanging()
    await change(first)
    counter.add(1)
    const flushing = ways.flush(TIMEOUT_MS)
    await settled()
    const changing = change(a)
    await ways.shutdown(20)
    expect(log.lines.join()).to.include('the deadline of 20 ms passed')
    first.answer()
    await Promise.all([flushing, changing])
    expect(ways.isEmpty).to.equal(true)
    await push(10)
    expect(totals()[0]).to.equal(undefined)
  })
})
