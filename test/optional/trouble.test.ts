import { expect } from 'chai'
import type { OtlpOptions } from '../../src/config/options'
import { createMetrics, type MetricsService } from '../../src/init'
import type { PushFailure } from '../../src/otel/push/push-events'
import { LIMIT_MS, triesAgainAtOnce, withWaits } from '../support/waits'
import { JsonReceiver, type Treatment } from './receivers'

/** What the exports are counted as that fail so. */
const REASONS: Readonly<Record<string, PushFailure>> = {
  'answers 400': 'refused',
  'answers 503': 'unavailable',
  'answers 429 and says when to come back': 'unavailable',
  'drips its answer, byte by byte, for ever': 'timeout',
  'does not answer': 'timeout',
}

/** What a receiver may do to a request instead of taking it. */
const TROUBLE: Readonly<Record<string, Exclude<Treatment, undefined>>> = {
  'answers 400': (_request, response) => void response.writeHead(400).end(),
  'answers 503': (_request, response) => void response.writeHead(503).end(),
  'answers 429 and says when to come back': (_request, response) =>
    void response.writeHead(429, { 'retry-after': '1' }).end(),
  'resets the connection in the middle of the request': (request) =>
    void request.once('data', () => request.socket.resetAndDestroy()),
  'resets the connection in the middle of its answer': (request, response) => {
    response.writeHead(503, { 'content-length': '100' })
    response.write('busy')
    request.resume().once('end', () => request.socket.resetAndDestroy())
  },
  'drips its answer, byte by byte, for ever': (request, response) => {
    request.resume()
    response.writeHead(503)
    const drip = setInterval(() => response.write('x'), 100)
    response.once('close', () => clearInterval(drip))
  },
  'does not answer': (request) => void request.resume(),
}

describe('A receiver of deltas in trouble', function () {
  this.timeout(60_000)

  let receiver: JsonReceiver
  let metrics: MetricsService
  const warnings: string[] = []
  beforeEach(async () => {
    receiver = new JsonReceiver()
    await receiver.start()
    warnings.length = 0
  })
  afterEach(async () => {
    await metrics.shutdown()
    await receiver.stop()
  })

  function start(limits: OtlpOptions = {}): void {
    const warn = (message: string) => void warnings.push(message)
    metrics = createMetrics({
      exporters: ['otlp'],
      otlp: {
        endpoint: receiver.url,
        protocol: 'http/json',
        temporality: 'delta',
        intervalMs: 2 ** 31 - 1,
        timeoutMs: LIMIT_MS,
        ...limits,
      },
      http: false,
      runtime: false,
      logger: { info() {}, warn, error: warn },
    })
  }

  for (const [trouble, treatment] of Object.entries(TROUBLE)) {
    it(`has all of them in the end where it ${trouble}`, async () => {
      const reason = REASONS[trouble] ?? 'connection'
      start(reason === 'timeout' ? { timeoutMs: 1_500, exportTimeoutMs: 2_000 } : {})
      const counter = metrics.counter({ name: 'orders_total', labelNames: ['region'] })
      counter.add(1, { region: 'eu' })
      await metrics.flush()
      receiver.treatment = () => treatment
      for (let push = 0; push < 2; push++) {
        counter.add(10, { region: 'eu' })
        counter.add(100, { region: 'us' })
        await (reason === 'timeout' ? metrics.flush() : withWaits(triesAgainAtOnce, () => metrics.flush()))
      }
      expect(receiver.sums.get('orders_total')).to.equal(1)
      expect(warnings).to.have.length(1)
      const { body } = await metrics.render()
      expect(body).to.match(new RegExp(`^meterkit_push_failures_total\\{exporter="otlp",reason="${reason}"\\} 2$`, 'm'))
      receiver.treatment = () => undefined
      counter.add(1_000, { region: 'eu' })
      await metrics.flush()
      expect(receiver.sums.get('orders_total')).to.equal(1_221)
    })
  }

  it('has all of them in the end where it was away', async () => {
    start()
    const counter = metrics.counter({ name: 'orders_total' })
    counter.add(1)
    await metrics.flush()
    await receiver.stop()
    for (let push = 0; push < 3; push++) {
      counter.add(10)
      await withWaits(triesAgainAtOnce, () => metrics.flush())
    }
    const { body } = await metrics.render()
    expect(body).to.match(/^meterkit_push_failures_total\{exporter="otlp",reason="connection"\} 3$/m)
    await receiver.start()
    await metrics.flush()
    expect(receiver.sums.get('orders_total')).to.equal(31)
  })
})
