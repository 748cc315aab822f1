import { AggregationTemporality, type PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import fc from 'fast-check'
import { createMetrics, type MetricsService } from '../../../src/init'
import { RejectedPoints } from '../../../src/otel/push/partial-success'
import { NO_PUSH_EVENTS, type PushEvents, pushFailureOf } from '../../../src/otel/push/push-events'
import { PushReader } from '../../../src/otel/push/push-reader'
import type { TemporalityPreference } from '../../../src/otel/push/temporality'
import { RecordingLogger } from '../../support/recording-logger'
import { keyOf, pointsOf, Receiver } from './receiver'

interface Setup {
  readonly metrics: MetricsService
  readonly receiver: Receiver
  readonly log: RecordingLogger
  push(): Promise<void>
}

function setup(temporality: TemporalityPreference, events: PushEvents = NO_PUSH_EVENTS, constantLabels = {}): Setup {
  const receiver = new Receiver()
  const log = new RecordingLogger()
  const reader = new PushReader({
    exporter: receiver,
    intervalMs: 2 ** 31 - 1,
    exportTimeoutMs: 10_000,
    temporality,
    log,
    events,
  })
  const metrics = createMetrics({ ...ALONE, exporters: [reader], constantLabels })
  return { metrics, receiver, log, push: () => reader.forceFlush() }
}

const ALONE = { http: false, runtime: false, selfMetrics: false, logger: false } as const
const answered = (code: number) => Object.assign(new Error(`answered ${code}`), { code })
const away = () => new Error('away')

describe('PushReader', () => {
  it('adds up to the totals, whatever is recorded and whichever requests fail', async () => {
    const operation = fc.record({
      metric: fc.constantFrom('counter', 'histogram', 'native', 'push'),
      label: fc.constantFrom('a', 'b', 'c'),
      value: fc.integer({ min: 0, max: 1_000 }),
      fails: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
        const { metrics, receiver, push } = setup('delta')
        const labelNames = ['l'] as const
        const counter = metrics.counter({ name: 'c_total', labelNames })
        const histogram = metrics.histogram({ name: 'h', labelNames, buckets: [10, 100] })
        const native = metrics.histogram({ name: 'n', labelNames, native: true })
        const expected = new Map<string, number[]>()
        const expectAdded = (name: string, l: string, numbers: number[]) => {
          const key = keyOf(name, { l })
          expected.set(
            key,
            numbers.map((number, index) => number + (expected.get(key)?.[index] ?? 0)),
          )
        }
        for (const { metric, label: l, value, fails } of operations) {
          if (metric === 'counter') {
            counter.add(value, { l })
            expectAdded('c_total', l, [value])
          } else if (metric === 'histogram') {
            histogram.record(value, { l })
            expectAdded('h', l, [1, value, +(value <= 10), +(value > 10 && value <= 100), +(value > 100)])
          } else if (metric === 'native') {
            native.record(value, { l })
            expectAdded('n', l, [1, value, +(value === 0)])
          } else {
            receiver.answer = fails ? away : () => undefined
            await push()
          }
        }
        receiver.answer = () => undefined
        await push()
        expect([...receiver.totals].sort()).to.deep.equal([...expected].sort())
        await metrics.shutdown()
      }),
      { numRuns: 60 },
    )
  })

  it('sends no series in which nothing came', async () => {
    const { metrics, receiver, push } = setup('delta')
    const counter = metrics.counter({ name: 'c_total' })
    counter.add(1)
    await push()
    await push()
    counter.add(2)
    await push()
    expect(
      receiver.requests.map(({ scopeMetrics }) => scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value),
    ).to.deep.equal([1, 2])
    const [first, second] = receiver.requests.map(({ scopeMetrics }) => scopeMetrics[0]?.metrics[0]?.dataPoints[0])
    expect(second?.startTime, 'the times join').to.deep.equal(first?.endTime)
    await metrics.shutdown()
  })

  it('begins anew where a series does', async () => {
    const { metrics, receiver, push } = setup('delta')
    const counter = metrics.counter({ name: 'c_total', labelNames: ['l'] })
    counter.add(5, { l: 'a' })
    await push()
    counter.remove({ l: 'a' })
    await push()
    counter.add(7, { l: 'a' })
    await push()
    expect([...receiver.totals.values()]).to.deep.equal([[12]])
    await metrics.shutdown()
  })

  it('splits what is large, and sends again only the part that did not arrive', async () => {
    const { metrics, receiver, push } = setup('delta')
    const counter = metrics.counter({ name: 'c_total', labelNames: ['l'], cardinalityLimit: 10_000 })
    for (let l = 0; l < 9_000; l++) counter.add(1, { l })
    receiver.answer = (request) => (request === 1 ? away() : undefined)
    await push()
    expect(receiver.requests).to.have.length(2)
    await push()
    const points = receiver.requests.map(({ scopeMetrics }) => scopeMetrics[0]?.metrics[0]?.dataPoints.length)
    expect(points).to.deep.equal([4_000, 4_000, 4_000, 1_000])
    expect([...receiver.totals.values()].every(([total]) => total === 1)).to.equal(true)
    expect(receiver.totals.size).to.equal(9_000)
    await metrics.shutdown()
  })

  it('sends what comes behind a request that is refused, however often it is', async () => {
    const failures: unknown[] = []
    const { metrics, receiver, log, push } = setup('delta', {
      ...NO_PUSH_EVENTS,
      failed: (error) => failures.push(error),
    })
    const first = metrics.counter({ name: 'a_total', labelNames: ['l'], cardinalityLimit: 10_000 })
    const last = metrics.counter({ name: 'z_total' })
    for (let l = 0; l < 4_000; l++) first.add(1, { l })
    const refusal = answered(400)
    receiver.answer = (_request, sent) => (pointsOf(sent) === 4_000 ? refusal : undefined)
    for (const total of [5, 10]) {
      last.add(5)
      await push()
      expect([...receiver.totals]).to.deep.equal([[keyOf('z_total', {}), [total]]])
    }
    expect(failures).to.deep.equal([refusal, refusal])
    expect(log.lines).to.deep.equal(['warn: metrics could not be exported, which goes on being tried: answered 400'])
    receiver.answer = () => undefined
    await push()
    expect(receiver.totals.size).to.equal(4_001)
    await metrics.shutdown()
  })

  it('leaves the rest for later where a receiver cannot take a request now', async () => {
    for (const failure of [away(), answered(14)]) {
      const { metrics, receiver, push } = setup('delta')
      const counter = metrics.counter({ name: 'a_total', labelNames: ['l'], cardinalityLimit: 10_000 })
      for (let l = 0; l < 9_000; l++) counter.add(1, { l })
      receiver.answer = () => failure
      await push()
      expect(receiver.requests).to.have.length(1)
      await metrics.shutdown()
    }
  })

  for (const [code, sizeBytes] of [
    [413, 0],
    [8, 2_000_000],
  ] as const) {
    it(`sends in smaller requests what is too large, answered ${code}, and keeps to their size`, async () => {
      const { metrics, receiver, push } = setup('delta')
      const counter = metrics.counter({ name: 'a_total', labelNames: ['l'], cardinalityLimit: 10_000 })
      for (let l = 0; l < 4_000; l++) counter.add(1, { l })
      receiver.sizeBytes = sizeBytes
      receiver.answer = (_request, sent) => (pointsOf(sent) > 1_500 ? answered(code) : undefined)
      await push()
      expect(receiver.requests.map(pointsOf)).to.deep.equal([4_000, 2_000, 1_000, 1_000, 2_000, 1_000, 1_000])
      for (let l = 0; l < 4_000; l++) counter.add(10, { l })
      await push()
      expect(receiver.requests.slice(7).map(pointsOf)).to.deep.equal([1_000, 1_000, 1_000, 1_000])
      expect([...receiver.totals.values()].every(([total]) => total === 11)).to.equal(true)
      await metrics.shutdown()
    })
  }

  it('leaves out one point that is too large by itself, and makes no request of each', async () => {
    const { metrics, receiver, log, push } = setup('delta')
    const counter = metrics.counter({ name: 'a_total', labelNames: ['l'], cardinalityLimit: 10_000 })
    for (let l = 0; l < 1_000; l++) counter.add(1, { l })
    receiver.answer = (_request, sent) =>
      sent.scopeMetrics[0]?.metrics[0]?.dataPoints.some(({ attributes }) => attributes.l === '500')
        ? answered(413)
        : undefined
    await push()
    expect(receiver.totals.size).to.equal(999)
    expect(log.lines).to.deep.equal(['warn: metrics could not be exported, which goes on being tried: answered 413'])
    receiver.answer = () => undefined
    for (let l = 0; l < 1_000; l++) counter.add(1, { l })
    receiver.requests.length = 0
    await push()
    expect(receiver.requests).to.have.length(10)
    expect([...receiver.totals.values()].every(([total]) => total === 2)).to.equal(true)
    await metrics.shutdown()
  })

  it('counts nothing twice of metrics that an export did not come to, as a request before failed', async () => {
    const { metrics, receiver, push } = setup('delta')
    const first = metrics.counter({ name: 'a_total', labelNames: ['l'], cardinalityLimit: 10_000 })
    const second = metrics.counter({ name: 'b_total' })
    for (let l = 0; l < 5_000; l++) first.add(1, { l })
    second.add(10)
    await push()
    receiver.answer = away
    for (let l = 0; l < 5_000; l++) first.add(1, { l })
    second.add(1)
    await push()
    await push()
    receiver.answer = () => undefined
    await push()
    expect(receiver.totals.get(keyOf('b_total', {}))).to.deep.equal([11])
    expect(receiver.totals.get(keyOf('a_total', { l: '7' }))).to.deep.equal([2])
    await metrics.shutdown()
  })

  it('counts nothing twice of a request that arrives when it has been given up', async () => {
    const receiver = new Receiver()
    const log = new RecordingLogger()
    const options = {
      intervalMs: 2 ** 31 - 1,
      exportTimeoutMs: 300,
      temporality: 'delta',
      events: NO_PUSH_EVENTS,
    } as const
    let first: (() => void) | undefined
    const exporter: PushMetricExporter = {
      export(metrics, done) {
        const arrive = () => receiver.export(metrics, done)
        if (first === undefined) first = arrive
        else arrive()
      },
      forceFlush: () => receiver.forceFlush(),
      shutdown: () => receiver.shutdown(),
    }
    const reader = new PushReader({ ...options, exporter, log })
    const metrics = createMetrics({ ...ALONE, exporters: [reader] })
    const counter = metrics.counter({ name: 'c_total' })
    counter.add(1)
    await reader.forceFlush()
    expect(log.lines.join()).to.include('the deadline of 300 ms passed')
    counter.add(10)
    const next = reader.forceFlush()
    first?.()
    await next
    expect(receiver.totals.get(keyOf('c_total', {}))).to.deep.equal([11])
    await metrics.shutdown()
  })

  it('goes on where it is never known of a request whether it arrived', async () => {
    const receiver = new Receiver()
    const log = new RecordingLogger()
    let first: (() => void) | undefined
    const exporter: PushMetricExporter = {
      export(metrics, done) {
        if (first === undefined) first = () => done({ code: 0 })
        else receiver.export(metrics, done)
      },
      forceFlush: () => receiver.forceFlush(),
      shutdown: () => receiver.shutdown(),
    }
    const options = { intervalMs: 2 ** 31 - 1, exportTimeoutMs: 300, temporality: 'delta' } as const
    const reader = new PushReader({ ...options, exporter, log, events: NO_PUSH_EVENTS })
    const metrics = createMetrics({ ...ALONE, exporters: [reader] })
    const counter = metrics.counter({ name: 'c_total' })
    counter.add(1)
    await reader.forceFlush()
    counter.add(10)
    await reader.forceFlush()
    expect([...receiver.totals.values()]).to.deep.equal([[11]])
    // What the receiver of the rest has is known; what it says of the first one in the end changes nothing.
    first?.()
    counter.add(100)
    await reader.forceFlush()
    expect([...receiver.totals.values()]).to.deep.equal([[111]])
    await metrics.shutdown()
  })

  it('counts once what has the value of its own that is constant elsewhere', async () => {
    const { metrics, receiver, push } = setup('delta', NO_PUSH_EVENTS, { region: 'eu' })
    const counter = metrics.meterProvider.getMeter('m').createCounter('k')
    counter.add(1, { region: 'us' })
    for (const added of [2, 10]) {
      counter.add(added, {})
      counter.add(2 * added, { region: 'eu' })
      await push()
    }
    expect([...receiver.totals].sort()).to.deep.equal([
      [keyOf('k', { region: 'eu' }), [36]],
      [keyOf('k', { region: 'us' }), [1]],
    ])
    await metrics.shutdown()
  })

  it('tells streams apart that views call the same', async () => {
    const receiver = new Receiver()
    const options = { intervalMs: 2 ** 31 - 1, exportTimeoutMs: 10_000, temporality: 'delta' } as const
    const log = new RecordingLogger()
    const reader = new PushReader({ ...options, exporter: receiver, log, events: NO_PUSH_EVENTS })
    const views = ['a', 'b'].map((instrumentName) => ({ instrumentName, name: 'x' }))
    const metrics = createMetrics({ ...ALONE, exporters: [reader], views })
    const [a, b] = [metrics.counter({ name: 'a' }), metrics.counter({ name: 'b' })]
    for (const value of [1, 10, 100]) {
      a.add(value)
      b.add(2 * value)
      await reader.forceFlush()
    }
    expect(receiver.totals.get(keyOf('x', {}))).to.deep.equal([333])
    await metrics.shutdown()
  })

  for (const [preference, delta] of [
    ['cumulative', []],
    ['delta', ['c', 'h', 'oc']],
    ['lowmemory', ['c', 'h']],
  ] as const) {
    it(`tells by what was added, with ${preference}, of ${delta.join(', ') || 'nothing'}`, async () => {
      const { metrics, receiver, push } = setup(preference)
      metrics.counter({ name: 'c' }).add(1)
      metrics.upDownCounter({ name: 'u' }).add(1)
      metrics.gauge({ name: 'g' }).set(1)
      metrics.histogram({ name: 'h' }).record(1)
      metrics.observableCounter({ name: 'oc', callback: (result) => result.observe(1) })
      metrics.observableUpDownCounter({ name: 'ou', callback: (result) => result.observe(1) })
      await push()
      const sent = receiver.requests.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics: list }) => list))
      const deltas = sent.filter(
        ({ aggregationTemporality }) => aggregationTemporality === AggregationTemporality.DELTA,
      )
      expect(deltas.map(({ descriptor }) => descriptor.name).sort()).to.deep.equal([...delta].sort())
      expect(sent).to.have.length(6)
      await metrics.shutdown()
    })
  }

  it('counts what it did, and logs a failure once, and its end', async () => {
    const events: string[] = []
    const { metrics, receiver, log, push } = setup('cumulative', {
      arrived: (points, sizeBytes) => events.push(`arrived ${points}, ${sizeBytes} bytes`),
      sent: () => events.push('sent'),
      failed: (error) => events.push(`failed ${(error as Error).message}`),
    })
    metrics.counter({ name: 'c' }).add(1)
    receiver.answer = away
    await push()
    await push()
    receiver.answer = () => undefined
    await push()
    expect(events).to.deep.equal(['failed away', 'failed away', 'arrived 1, 24 bytes', 'sent'])
    expect(log.lines).to.deep.equal([
      'warn: metrics could not be exported, which goes on being tried: away',
      'info: metrics are exported again',
    ])
    await metrics.shutdown()
  })

  it('does not send again what was rejected of a request that arrived, and says so', async () => {
    const events: unknown[] = []
    const { metrics, receiver, log, push } = setup('delta', {
      arrived: (points) => events.push(points),
      sent: () => events.push('sent'),
      failed: (error) => events.push(pushFailureOf(error)),
    })
    const counter = metrics.counter({ name: 'c', labelNames: ['l'] })
    for (let l = 0; l < 5; l++) counter.add(1, { l })
    receiver.answer = () => new RejectedPoints(2, 'no deltas here')
    await push()
    receiver.answer = () => undefined
    await push()
    expect(events).to.deep.equal([3, 'refused', 'sent'])
    expect(log.lines[0]).to.include('2 points were rejected for good: no deltas here')
    expect(receiver.requests).to.have.length(1)
    await metrics.shutdown()
  })

  it('sends what is left when it is shut down', async () => {
    const { metrics, receiver } = setup('delta')
    metrics.counter({ name: 'c' }).add(3)
    await metrics.shutdown()
    expect([...receiver.totals.values()]).to.deep.equal([[3]])
  })
})
