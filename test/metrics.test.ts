import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { Health } from '../examples/orders/payments'
import { createShop, type Shop } from '../examples/orders/shop'
import { createMetrics, type MetricsService } from '../src/init'
import { changes, samplesOf } from './support/page'
import { until } from './support/until'

const ORDER = { sku: 'lamp', quantity: 1, region: 'eu', tier: 'gold' }

describe('the main job: from an API call to a scraped /metrics', () => {
  let metrics: MetricsService
  let metricsUrl: string
  let shop: Shop
  let server: Server
  let shopUrl: string
  let health: Health

  beforeEach(async () => {
    metrics = createMetrics({ serviceName: 'orders', prometheus: { port: 0 }, runtime: false, logger: false })
    metricsUrl = (await metrics.ready()).url
    health = 'good'
    // Half-way luck: a provider in good health never fails, one in bad health always does, and every mail is sent.
    shop = createShop(metrics, { random: () => 0.5, health: () => health, resetTimeoutMs: 1_000 })
    server = createServer(shop.app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    shopUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterEach(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
    shop.close()
    await metrics.shutdown()
  })

  const get = async (path: string) => (await fetch(shopUrl + path)).status
  const placeOrder = async (order: unknown = ORDER) => {
    const response = await fetch(`${shopUrl}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    })
    return { status: response.status, body: (await response.json()) as { id: string } }
  }
  const scrape = async () => {
    const response = await fetch(metricsUrl)
    expect(response.status).to.equal(200)
    return response.text()
  }
  /** The page once it tells of so many requests more than `before`: a request is counted when its response has closed. */
  const scrapeAfter = (before: string, requests: number) =>
    until(`${requests} more requests on the page`, async () => {
      const page = await scrape()
      const counted = Object.values(changes(before, page, /^http_requests_total\{/)).reduce((sum, by) => sum + by, 0)
      return counted >= requests ? page : undefined
    })
  const breakerState = async () => samplesOf(await scrape()).get('circuit_breaker_state{breaker="payments"}')

  it('serves the page where ready() says', async () => {
    expect(metricsUrl).to.match(/^http:\/\/(localhost|127\.0\.0\.1|\[::1\]):\d+\/metrics$/)
    const response = await fetch(metricsUrl)
    expect(response.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8')
    expect(await response.text()).to.match(/^target_info\{.*service_name="orders".*\} 1$/m)
  })

  it('counts requests by method, matched route and status, each exactly once', async () => {
    const before = await scrape()
    const { body } = await placeOrder()
    expect((await placeOrder()).status).to.equal(201)
    expect((await placeOrder({ sku: 'unicorn' })).status).to.equal(400)
    expect(await get(`/orders/${body.id}`)).to.equal(200)
    expect(await get(`/orders/${body.id}?verbose=1`)).to.equal(200)
    expect(await get('/orders/none')).to.equal(404)
    expect(await get('/wp-login.php')).to.equal(404)
    expect(await get('/health')).to.equal(200)

    const after = await scrapeAfter(before, 8)
    expect(changes(before, after, /^http_requests_total\{/)).to.deep.equal({
      'http_requests_total{method="POST",path="/orders",status_code="201"}': 2,
      'http_requests_total{method="POST",path="/orders",status_code="400"}': 1,
      'http_requests_total{method="GET",path="/orders/:id",status_code="200"}': 2,
      'http_requests_total{method="GET",path="/orders/:id",status_code="404"}': 1,
      'http_requests_total{method="GET",path="(unmatched)",status_code="404"}': 1,
      'http_requests_total{method="GET",path="/health",status_code="200"}': 1,
    })
  })

  it('times requests: every one in _count, and in the buckets from its duration up', async () => {
    const before = await scrape()
    expect(await get('/report'), 'which takes 400 ms').to.equal(200)
    expect(await get('/health')).to.equal(200)
    const after = await scrapeAfter(before, 2)

    expect(changes(before, after, /^http_request_duration_seconds_count\{/)).to.deep.equal({
      'http_request_duration_seconds_count{method="GET",path="/report",status_code="200"}': 1,
      'http_request_duration_seconds_count{method="GET",path="/health",status_code="200"}': 1,
    })

    const samples = samplesOf(after)
    const report = 'method="GET",path="/report",status_code="200"'
    const seconds = samples.get(`http_request_duration_seconds_sum{${report}}`) ?? Number.NaN
    expect(seconds).to.be.within(0.39, 5)

    const buckets = [...samples].flatMap(([series, value]) => {
      const [, le] = /^http_request_duration_seconds_bucket\{le="(.*)",method="GET",path="\/report",/.exec(series) ?? []
      return le === undefined ? [] : [{ upTo: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), value }]
    })
    expect(buckets.map(({ upTo }) => upTo)).to.include.members([0.25, Number.POSITIVE_INFINITY])
    for (const { upTo, value } of buckets) expect(value, `le="${upTo}"`).to.equal(seconds <= upTo ? 1 : 0)
  })

  it('counts a request whose client gave up as 499', async () => {
    const before = await scrape()
    const leaving = new AbortController()
    server.once('request', () => leaving.abort())
    const error = await fetch(`${shopUrl}/report`, { signal: leaving.signal }).catch((reason: unknown) => reason)
    expect(error).to.have.property('name', 'AbortError')
    const after = await scrapeAfter(before, 1)
    expect(changes(before, after, /^http_requests_total\{/)).to.deep.equal({
      'http_requests_total{method="GET",path="/report",status_code="499"}': 1,
    })
  })

  it('counts what is published on the bus, by the API and directly', async () => {
    const before = await scrape()
    const { body } = await placeOrder()
    expect((await fetch(`${shopUrl}/orders/${body.id}/shipment`, { method: 'POST' })).status).to.equal(200)
    shop.bus.emit('stock.low', 'desk')
    shop.bus.emit('stock.low', 'chair')

    expect(changes(before, await scrape(), /^message_bus_events_published_total\{/)).to.deep.equal({
      'message_bus_events_published_total{bus="shop",topic="order.placed"}': 1,
      'message_bus_events_published_total{bus="shop",topic="order.shipped"}': 1,
      'message_bus_events_published_total{bus="shop",topic="stock.low"}': 2,
    })
  })

  it('counts what the listeners of the bus take in and what they fail at', async () => {
    const before = await scrape()
    shop.bus.once('order.shipped', () => Promise.reject(new TypeError('no address')))
    const { body } = await placeOrder()
    await fetch(`${shopUrl}/orders/${body.id}/shipment`, { method: 'POST' })
    const ofOrders = /^message_bus_processing_duration_seconds_count\{.*topic="order/
    await until('four handlings to end', async () => {
      const ended = Object.values(changes(before, await scrape(), ofOrders)).reduce((sum, by) => sum + by, 0)
      return ended >= 4 ? true : undefined
    })
    // A page that is written in turns with the application may show the last of them by some of its metrics only.
    const after = await scrape()
    expect(changes(before, after, /^message_bus_events_(consumed|failed)_total\{.*topic="order/)).to.deep.equal({
      'message_bus_events_consumed_total{bus="shop",topic="order.placed"}': 2,
      'message_bus_events_consumed_total{bus="shop",topic="order.shipped"}': 1,
      'message_bus_events_failed_total{bus="shop",reason="TypeError",topic="order.shipped"}': 1,
    })
    expect(changes(before, after, ofOrders)).to.deep.equal({
      'message_bus_processing_duration_seconds_count{bus="shop",topic="order.placed"}': 2,
      'message_bus_processing_duration_seconds_count{bus="shop",topic="order.shipped"}': 2,
    })
  })

  it('shows the breaker closed, open, half-open and closed again', async () => {
    expect(await breakerState(), 'at first').to.equal(0)

    const before = await scrape()
    health = 'bad'
    const taken = await Promise.all(Array.from({ length: 4 }, () => placeOrder()))
    expect(taken.map(({ status }) => status)).to.deep.equal([202, 202, 202, 202])
    expect(shop.payments.opened).to.equal(true)
    expect(await breakerState(), 'after four failures').to.equal(1)

    health = 'good'
    await until('the breaker to try again', async () => ((await breakerState()) === 2 ? true : undefined))
    expect((await placeOrder()).status).to.equal(201)
    expect(await breakerState(), 'after a success').to.equal(0)

    expect(changes(before, await scrape(), /^circuit_breaker_(calls|fallbacks|transitions)_total\{/)).to.deep.equal({
      'circuit_breaker_calls_total{breaker="payments",outcome="failure"}': 4,
      'circuit_breaker_calls_total{breaker="payments",outcome="success"}': 1,
      'circuit_breaker_fallbacks_total{breaker="payments"}': 4,
      'circuit_breaker_transitions_total{breaker="payments",from="closed",to="open"}': 1,
      'circuit_breaker_transitions_total{breaker="payments",from="open",to="half_open"}': 1,
      'circuit_breaker_transitions_total{breaker="payments",from="half_open",to="closed"}': 1,
    })
  })

  it("shows the shop's own metrics", async () => {
    const before = await scrape()
    await placeOrder()
    await placeOrder({ ...ORDER, quantity: 3, tier: 'basic' })
    const after = await scrape()
    expect(changes(before, after, /^(orders_|warehouse_|charge_duration_seconds_count)/)).to.deep.equal({
      'orders_placed_total{region="eu",tier="gold"}': 1,
      'orders_placed_total{region="eu",tier="basic"}': 1,
      orders_open: 2,
      'warehouse_stock_units{sku="lamp"}': -4,
      charge_duration_seconds_count: 2,
    })
  })
})
