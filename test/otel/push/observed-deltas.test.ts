import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../../src/init'
import { toEpochMs } from '../../../src/model/hr-time'
import { NO_PUSH_EVENTS } from '../../../src/otel/push/push-events'
import { PushReader } from '../../../src/otel/push/push-reader'
import { RecordingLogger } from '../../support/recording-logger'
import { until } from '../../support/until'
import { keyOf, pointsOf, Receiver } from './receiver'

describe('Deltas of what is observed', () => {
  let receiver: Receiver
  let metrics: MetricsService
  beforeEach(() => {
    receiver = new Receiver()
    const log = new RecordingLogger()
    const options = { intervalMs: 2 ** 31 - 1, exportTimeoutMs: 10_000, temporality: 'delta' } as const
    const reader = new PushReader({ ...options, exporter: receiver, log, events: NO_PUSH_EVENTS })
    metrics = createMetrics({ exporters: [reader], http: false, runtime: false, selfMetrics: false, logger: false })
  })
  afterEach(() => metrics.shutdown())

  /** Observes what `read` gives as `oc{l}`, by a callback of its own. */
  const observe = (l: string, read: () => number, cardinalityLimit?: number) =>
    metrics
      .observableCounter({ name: 'oc', labelNames: ['l'], cardinalityLimit })
      .addCallback((result) => result.observe(read(), { l }))
  const total = (l: string) => receiver.totals.get(keyOf('oc', { l }))?.[0]

  for (const [how, others] of [
    ['alone', 0],
    ['beside another one', 1],
  ] as const) {
    it(`go on where a callback had failed for a while, ${how}`, async () => {
      let now: number | undefined = 1_000
      observe('a', () => {
        if (now === undefined) throw new Error('not now')
        return now
      })
      if (others > 0) observe('b', () => 7)
      await metrics.flush()
      now = undefined
      await metrics.flush()
      await metrics.flush()
      now = 1_010
      await metrics.flush()
      expect(total('a')).to.equal(1_010)
      // A page that is asked for between two exports has the callbacks called, too.
      now = undefined
      await metrics.render()
      now = 1_020
      await metrics.flush()
      expect(total('a')).to.equal(1_020)
    })
  }

  it('begin again where the total fell, also to nothing', async () => {
    let now = 10
    observe('a', () => now)
    const sent: unknown[] = []
    for (now of [10, 4, 5, 0, 12]) {
      await metrics.flush()
      sent.push(receiver.requests.at(-1)?.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value)
    }
    expect(sent).to.deep.equal([10, 4, 1, 0, 12])
  })

  it('begin with the making of the instrument, or with the last export that did not have the series', async () => {
    receiver.answer = (request) => (request === 1 ? new Error('away') : undefined)
    const madeMs = Date.now()
    observe('a', () => receiver.requests.length + 1)
    const seenMs = Date.now()
    const times: (readonly number[])[] = []
    for (let request = 0; request < 4; request++) {
      if (request === 1) observe('b', () => receiver.requests.length + 1)
      await until('the clock to go on', () => (Date.now() > (times.at(-1)?.[1] ?? seenMs) ? true : undefined))
      await metrics.flush()
      const points = receiver.requests[request]?.scopeMetrics[0]?.metrics[0]?.dataPoints ?? []
      for (const { startTime, endTime } of points) times.push([toEpochMs(startTime), toEpochMs(endTime)])
    }
    const [[start = 0, first] = [], ...later] = times
    expect(start).to.be.within(madeMs, seenMs)
    const [, second, , third, , fourth] = times.map(([, end]) => end)
    expect(later).to.deep.equal([
      [first, second],
      [first, second],
      // What did not arrive is sent again.
      [first, third],
      [first, third],
      [third, fourth],
      [third, fourth],
    ])
  })

  it('remember no more of what has gone than one collection may have', async () => {
    let l = 0
    metrics.observableCounter({
      name: 'oc',
      labelNames: ['l'],
      cardinalityLimit: 3,
      callback: (result) => result.observe(5, { l }),
    })
    for (const value of [0, 1, 0, 2, 3, 0]) {
      l = value
      await metrics.flush()
    }
    // The first one is known in its third export, and no longer in its sixth.
    expect(receiver.requests.map(pointsOf)).to.deep.equal([1, 1, 1, 1, 1])
    expect(total('0')).to.equal(10)
  })
})
