import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { createMetrics } from '../../src/init'
import { newerProgram } from '../e2e/newer-debian'
import { until } from '../support/until'
import { LIMIT_MS, triesAgainAtOnce, withWaits } from '../support/waits'
import { startVictoriaMetrics, type VictoriaMetrics } from './victoria-metrics'

/** How long the receiver is away, in milliseconds: `OUTAGE_MS=120000` for the two minutes of a real one. */
const OUTAGE_MS = Number(process.env.OUTAGE_MS ?? 3_000)

describe('A receiver that is away for a while, under load', function () {
  this.timeout(OUTAGE_MS + 60_000)

  const { command, mend } = newerProgram('victoria-metrics', '1.132')
  let receiver: VictoriaMetrics
  before(async () => {
    if (command === undefined) throw new Error(`VictoriaMetrics is missing: ${mend}`)
    receiver = await startVictoriaMetrics(command)
  })
  after(() => receiver?.stop())

  it('has every delta in the end, once', async () => {
    const metrics = createMetrics({
      exporters: ['otlp'],
      otlp: {
        endpoint: `${receiver.url}/opentelemetry/v1/metrics`,
        temporality: 'delta',
        intervalMs: 100,
        timeoutMs: LIMIT_MS,
      },
      http: false,
      runtime: false,
      logger: false,
    })
    const counter = metrics.counter({ name: 'orders_total', labelNames: ['n'] })
    const histogram = metrics.histogram({ name: 'charge_seconds', labelNames: ['n'], buckets: [1, 5] })
    let recorded = 0
    let sum = 0
    let ends = false
    const load = async () => {
      while (!ends) {
        for (let n = 0; n < 100; n++) {
          counter.add(1, { n })
          histogram.record(n % 7, { n })
          recorded++
          sum += n % 7
        }
        await turn()
      }
    }
    const loading = load()
    const pageHas = (pattern: RegExp) =>
      until(String(pattern), async () => (pattern.test((await metrics.render()).body) ? true : undefined))

    await pageHas(/^meterkit_push_points_total\{exporter="otlp"\} [1-9]/m)
    const start = await receiver.pause()
    const before = recorded
    await withWaits(triesAgainAtOnce, async () => {
      await pageHas(/^meterkit_push_failures_total\{exporter="otlp",reason="connection"\} [1-9]/m)
      await delay(OUTAGE_MS)
    })
    expect(recorded, 'the service goes on').to.be.above(before)
    await start()
    ends = true
    await loading
    await metrics.flush()
    await metrics.shutdown()

    const total = async (name: string) => (await receiver.query(`sum(sum_over_time(${name}[1h]))`))[0]?.value
    const totals = async () => ({
      counter: await total('orders_total'),
      count: await total('charge_seconds_count'),
      sum: await total('charge_seconds_sum'),
      bucket: await total('charge_seconds_bucket{le="+Inf"}'),
    })
    const expected = { counter: recorded, count: recorded, sum, bucket: recorded }
    const found = await until('the totals', async () => {
      const all = await totals()
      return JSON.stringify(all) === JSON.stringify(expected) ? all : undefined
    }).catch(totals)
    expect(found).to.deep.equal(expected)
  })
})
