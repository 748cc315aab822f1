import { expect } from 'chai'
import type { MetricsOptions } from '../../src/config/options'
import { createMetrics, type MetricsService } from '../../src/init'
import { DeferredFunction } from '../support/deferred'
import { until } from '../support/until'
import { get } from './support'

describe('endpoint: a scraper that says how long it waits', () => {
  const slow = new DeferredFunction<void>()
  let metrics: MetricsService
  let url: string

  async function start(prometheus: MetricsOptions['prometheus'] = {}): Promise<void> {
    metrics = createMetrics({
      http: false,
      runtime: false,
      logger: false,
      prometheus: { host: '127.0.0.1', port: 0, ...prometheus },
    })
    metrics.gauge({ name: 'level' }).set(1)
    ;({ url } = await metrics.ready())
  }

  afterEach(() => metrics.shutdown())

  /** A metric whose reading the test ends. */
  function observeSlowly(): void {
    metrics.observableGauge({
      name: 'slow',
      callback: async (result) => {
        await slow.call()
        result.observe(1)
      },
    })
  }

  const waiting = (seconds: string) => ({ headers: { 'x-prometheus-scrape-timeout-seconds': seconds } })

  it('has in that time what could be collected, and a callback that hangs fails alone', async () => {
    await start()
    metrics.observableGauge({ name: 'stuck', callback: () => new Promise(() => undefined) })
    const { status, text } = await get(url, waiting('0.4'))
    expect(status).to.equal(200)
    expect(text).to.contain('\nlevel 1\n')
    expect(text).to.contain('meterkit_callback_failures_total{metric="stuck",reason="timeout"} 1\n')
  })

  it('has a 503 where a callback blocked the event loop until the time was over', async () => {
    await start({ timeoutMs: 250 })
    metrics.observableGauge({
      name: 'blocking',
      callback: (result) => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 260)
        result.observe(1)
      },
    })
    const { status, text } = await get(url)
    expect([status, text]).to.deep.equal([503, 'Metrics could not be collected: the deadline of 250 ms passed\n'])
    expect((await get(`${url}?name[]=level`)).status).to.equal(200)
  })

  it('shows what a callback that hangs observed before, and nothing of it on the next page', async () => {
    await start({ timeoutMs: 500 })
    metrics.observableGauge({
      name: 'stuck',
      callback: (result) => {
        result.observe(1)
        return new Promise(() => undefined)
      },
    })
    const pages: string[] = []
    for (let page = 0; page < 2; page++) pages.push((await get(url)).text)
    expect(pages.map((page) => page.match(/^stuck .*|^\w+\{metric="stuck",reason="timeout"\} .*/gm))).to.deep.equal([
      ['meterkit_callback_failures_total{metric="stuck",reason="timeout"} 1', 'stuck 1'],
      ['meterkit_callback_failures_total{metric="stuck",reason="timeout"} 2'],
    ])
  })

  it('has its 503 in that time where others wait longer, who miss nothing', async () => {
    await start()
    observeSlowly()
    const calls = slow.calls
    for (const longFirst of [true, false]) {
      const pages = longFirst ? [get(url), get(url, waiting('1'))] : [get(url, waiting('1')), get(url)]
      pages.push(get(url, waiting('9')), get(`${url}?name[]=slow`))
      await until('the collection', () => (slow.calls > calls ? true : undefined))
      const short = await (longFirst ? pages[1] : pages[0])
      expect([short?.status, short?.text]).to.deep.equal([
        503,
        'Metrics could not be collected: the deadline of 800 ms passed\n',
      ])
      slow.resolve()
      const answers = await Promise.all(pages)
      const others = answers.filter((answer) => answer !== short)
      expect(others).to.have.length(3)
      for (const { status, text } of others) {
        expect(status).to.equal(200)
        expect(text).to.contain('slow 1\n')
      }
    }
  })

  it('waits no longer than everybody', async () => {
    await start({ timeoutMs: 500 })
    metrics.observableGauge({ name: 'stuck', callback: () => new Promise(() => undefined) })
    const { status, text } = await get(url, waiting('100000'))
    expect(status).to.equal(200)
    expect(text).to.contain('meterkit_callback_failures_total{metric="stuck",reason="timeout"} 1\n')
  })

  it('is not believed where it says no time', async () => {
    await start()
    observeSlowly()
    for (const header of ['0', '-1', 'NaN', '', '1e-9', '0x1', 'soon']) {
      const { calls } = slow
      const page = get(url, waiting(header))
      await until('the collection', () => (slow.calls > calls ? true : undefined))
      slow.resolve()
      const { status, text } = await page
      expect([status, text.includes('\nslow 1\n')], header).to.deep.equal([200, true])
    }
  })
})
