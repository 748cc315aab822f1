import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request, Server } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'
import { buildFault } from '../docs/programs'
import { DeferredFunction, settled } from '../support/deferred'
import { samplesOf } from '../support/page'
import { until } from '../support/until'
import { get } from './support'

const QUIET = { http: false, runtime: false, selfMetrics: false, logger: false, serviceName: 'orders' } as const

describe('endpoint: the own server', () => {
  let metrics: MetricsService
  let url: string

  beforeEach(async () => {
    metrics = createMetrics({ ...QUIET, prometheus: { host: '127.0.0.1', port: 0 } })
    ;({ url } = await metrics.ready())
    metrics.counter({ name: 'c_total', help: 'Things' }).add(3)
  })

  afterEach(() => metrics.shutdown())

  it('serves the page, at its path alone', async () => {
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
    const { status, text: page } = await get(url)
    expect(status).to.equal(200)
    expect(page).to.match(
      /^# HELP target_info .*\n# TYPE target_info gauge\ntarget_info\{.*service_name="orders".*\} 1\n/,
    )
    expect(page).to.contain('# HELP c_total Things\n# TYPE c_total counter\nc_total 3\n')
    expect((await get(`${url}?x=%`)).text).to.equal(page)
    expect((await get(`${url}?`)).text).to.equal(page)
  })

  it('serves OpenMetrics and gzip as a Prometheus asks for them', async () => {
    const { headers, body } = await get(url, {
      headers: {
        accept:
          'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
        'accept-encoding': 'gzip',
        'user-agent': 'Prometheus/2.42.0',
        'x-prometheus-scrape-timeout-seconds': '10',
      },
    })
    expect(headers['content-type']).to.equal('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(gunzipSync(body).toString()).to.match(/\nc_total 3\n# EOF\n$/)
  })

  for (const path of [
    '/',
    '/metrics/',
    '/metrics/x',
    '//metrics',
    '/%6detrics',
    '/Metrics',
    '/favicon.ico',
    '/../metrics',
    '/%',
    '/metrics%00',
  ]) {
    it(`answers 404 for ${path}, and says where the page is`, async () => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const { status, body } = await raw(method, path)
        expect([status, body]).to.deep.equal([404, 'Metrics are at /metrics.\n'])
      }
      const head = await raw('HEAD', path)
      expect([head.status, head.body]).to.deep.equal([404, ''])
    })
  }

  /** Asks for a path as it is written. */
  async function raw(method: string, path: string): Promise<{ status: number; body: string }> {
    const asking = request({ host: '127.0.0.1', port: new URL(url).port, method, path, agent: false })
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    return { status: response.statusCode ?? 0, body: await text(response) }
  }

  it('does not count what is asked of it', async () => {
    const counted = createMetrics({ ...QUIET, http: { client: false }, prometheus: { host: '127.0.0.1', port: 0 } })
    const own = await counted.ready()
    await get(own.url)
    await get(`${own.url}/nowhere`)
    const { text: page } = await get(own.url)
    await counted.shutdown()
    expect([...samplesOf(page)].filter(([name, value]) => name.startsWith('http_') && value !== 0)).to.deep.equal([])
  })

  it('gives concurrent scrapes one collection', async () => {
    const readings = new DeferredFunction<void>()
    metrics.observableGauge({
      name: 'level',
      callback: async (result) => {
        await readings.call()
        result.observe(readings.calls)
      },
    })
    const pages = [get(url), get(url, { headers: { accept: 'application/openmetrics-text' } }), metrics.render()]
    await until('the first collection', () => (readings.calls > 0 ? true : undefined))
    pages.push(get(url))
    // Its request has arrived when a later one has been answered.
    await get(`${url}/nowhere`)
    readings.resolve()
    for (const page of await Promise.all(pages)) {
      const body = 'text' in page ? page.text : page.body
      expect(body).to.contain('\nlevel 1\n')
    }
    expect(readings.calls).to.equal(1)
  })

  it('leaves out a metric whose callback hangs, and answers in time', async () => {
    const hasty = createMetrics({ ...QUIET, prometheus: { host: '127.0.0.1', port: 0, timeoutMs: 500 } })
    hasty.observableGauge({ name: 'stuck', callback: () => new Promise(() => undefined) })
    hasty.gauge({ name: 'well' }).set(1)
    const { status, text: page } = await get((await hasty.ready()).url)
    await hasty.shutdown()
    expect(status).to.equal(200)
    expect(page).to.contain('\nwell 1\n')
    expect(page).not.to.contain('\nstuck')
    expect(page).to.contain('meterkit_callback_failures_total{metric="stuck",reason="timeout"} 1\n')
  })

  it('keeps a connection open from scrape to scrape', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const sockets = new Set<unknown>()
    for (const method of ['GET', 'POST', 'DELETE', 'GET']) {
      const asking = request(url, { agent, method })
      asking.end()
      const [response] = (await once(asking, 'response')) as [IncomingMessage]
      sockets.add(response.socket)
      await text(response)
      await settled()
    }
    agent.destroy()
    expect(sockets.size).to.equal(1)
  })

  it('shuts down though connections are idle, and once', async () => {
    const agent = new Agent({ keepAlive: true })
    const asking = request(url, { agent })
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    const closed = once(response.socket, 'close')
    await text(response)
    const untouched = connect(Number(new URL(url).port), '127.0.0.1')
    await once(untouched, 'connect')
    const shutdowns = [metrics.shutdown(), metrics.shutdown()]
    await Promise.all([...shutdowns, closed, once(untouched, 'close')])
    agent.destroy()
  })

  it('lets a scrape under way come to its end when it shuts down', async () => {
    const readings = new DeferredFunction<void>()
    metrics.observableGauge({ name: 'level', callback: readings.call })
    const page = get(url, { headers: { connection: 'keep-alive' } })
    await until('the collection', () => (readings.calls > 0 ? true : undefined))
    const shutdown = metrics.shutdown()
    await settled()
    readings.resolve()
    const { status, text: body } = await page
    expect(status).to.equal(200)
    expect(body).to.contain('\nc_total 3\n')
    await shutdown
  })

  it('closes a connection that would be kept when its scrape has come to its end, and need not cut it', async () => {
    const { closeAllConnections } = Server.prototype
    let cuts = 0
    Server.prototype.closeAllConnections = function () {
      cuts++
      closeAllConnections.call(this)
    }
    const agent = new Agent({ keepAlive: true })
    try {
      const readings = new DeferredFunction<void>()
      metrics.observableGauge({ name: 'level', callback: readings.call })
      const asking = request(url, { agent })
      asking.end()
      await until('the collection', () => (readings.calls > 0 ? true : undefined))
      const shutdown = metrics.shutdown()
      await settled()
      readings.resolve()
      const [response] = (await once(asking, 'response')) as [IncomingMessage]
      expect(await text(response)).to.contain('\nc_total 3\n')
      await shutdown
      expect(cuts).to.equal(0)
    } finally {
      agent.destroy()
      Server.prototype.closeAllConnections = closeAllConnections
    }
  })

  it('shuts down though a scraper reads no further', async () => {
    const gauge = metrics.gauge({ name: 'g', labelNames: ['id'] })
    for (let id = 0; id < 1_999; id++) gauge.set(id, { id: `${'x'.repeat(15_000)}${id}` })
    const asking = request(url, { agent: false })
    asking.on('error', () => undefined)
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    await metrics.shutdown()
    const cut = await text(response).then(
      () => false,
      () => true,
    )
    expect(cut).to.equal(true)
  })

  it('serves a page while series come, go and are packed, with every series that stays on it once', async () => {
    const gauge = metrics.gauge({ name: 'g', labelNames: ['id'] })
    const idOf = (number: number) => `${String(number).padStart(5, '0')}${'x'.repeat(10_000)}`
    for (let number = 0; number < 1_990; number++) gauge.set(number, { id: idOf(number) })
    const asking = request(url, { agent: false })
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    // Nothing is read yet, so the page is stuck in its middle while most of its series go.
    for (let turn = 0; turn < 50; turn++) await settled()
    for (let number = 0; number < 1_990; number++) if (number % 10 !== 0) gauge.remove({ id: idOf(number) })
    for (let number = 5_000; number < 5_100; number++) gauge.set(number, { id: idOf(number) })
    const page = await text(response)
    const ids = [...page.matchAll(/^g\{id="(\d{5})x{10000}"\} (\d+)$/gm)].map(([, id, value]) => {
      expect(Number(id)).to.equal(Number(value))
      return Number(id)
    })
    expect(page.match(/^g\{/gm)).to.have.length(ids.length)
    expect(new Set(ids).size).to.equal(ids.length)
    expect(ids).to.include.members(Array.from({ length: 199 }, (_, index) => index * 10))
    expect(page.endsWith('\n')).to.equal(true)
  })
})

describe('endpoint: an own server and the process', () => {
  it('does not keep it alive, nor does an open connection or a scraper that reads no further', async () => {
    const script = `
      const { createMetrics } = require(${JSON.stringify(join(__dirname, '../..'))})
      const metrics = createMetrics({ http: false, runtime: false, logger: false, prometheus: { host: '127.0.0.1', port: 0, timeoutMs: 300 } })
      const gauge = metrics.gauge({ name: 'g', labelNames: ['id'] })
      for (let id = 0; id < 1_999; id++) gauge.set(id, { id: 'x'.repeat(15_000) + id })
      metrics.ready().then(({ url }) => console.log(url))
      process.stdin.resume()`
    expect(buildFault()).to.equal(undefined)
    const child = spawn(process.execPath, ['-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    try {
      const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
      const idle = connect(Number(new URL(url).port), '127.0.0.1')
      await once(idle, 'connect')
      const scrape = request(url, { agent: false })
      scrape.end()
      const [response] = (await once(scrape, 'response')) as [IncomingMessage]
      child.stdin.end()
      expect(await exited).to.deep.equal([0, null])
      idle.destroy()
      // The page was cut where it stood.
      expect(await text(response).catch((error: NodeJS.ErrnoException) => error.code)).to.equal('ECONNRESET')
    } finally {
      child.kill()
    }
  })
})
