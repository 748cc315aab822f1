import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect } from 'chai'
import { until } from '../support/until'
import { type Example, startExample } from './example'
import { describeWithPrograms } from './programs'
import { type Prometheus, startPrometheus } from './prometheus'

/** Series that exist with a value above zero once the shop has run for a while. */
const POSITIVE = [
  'http_requests_total{method="POST",path="/orders",status_code="201"}',
  'http_requests_total{method="POST",path="/orders",status_code="202"}',
  'http_requests_total{method="POST",path="/orders",status_code="400"}',
  'http_requests_total{method="GET",path="/orders/:id",status_code="200"}',
  'http_requests_total{method="GET",path="(unmatched)",status_code="404"}',
  'http_requests_total{method="GET",path="/report",status_code="499"}',
  'http_request_duration_seconds_count{method="POST",path="/orders/:id/shipment",status_code="200"}',
  'http_request_duration_seconds_sum{method="GET",path="/health",status_code="200"}',
  'http_request_duration_seconds_bucket{method="GET",path="/health",status_code="200",le="+Inf"}',
  'message_bus_events_published_total{bus="shop",topic="order.placed"}',
  'message_bus_events_consumed_total{bus="shop",topic="order.placed"}',
  'message_bus_events_failed_total{bus="shop",topic="order.placed"}',
  'message_bus_processing_duration_seconds_count{bus="shop",topic="order.shipped"}',
  'circuit_breaker_calls_total{breaker="payments",outcome="success"}',
  'circuit_breaker_calls_total{breaker="payments",outcome="failure"}',
  'circuit_breaker_call_duration_seconds_count{breaker="payments",outcome="success"}',
  'circuit_breaker_rejections_total{breaker="payments",reason="open"}',
  'circuit_breaker_transitions_total{breaker="payments",from="closed",to="open"}',
  'circuit_breaker_fallbacks_total{breaker="payments"}',
  'orders_placed_total{region="eu",tier="gold"}',
  'orders_open',
  'warehouse_stock_units{sku="lamp"}',
  'charge_duration_seconds_count',
  'target_info{service_name="orders"}',
  'nodejs_version_info{version=~"v.+",major=~".+",minor=~".+",patch=~".+"}',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_stddev_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_eventloop_utilization_ratio',
  'nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="active"}',
  'nodejs_gc_duration_seconds_count{kind="minor"}',
  'nodejs_gc_duration_seconds_sum{kind="minor"}',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
  'nodejs_heap_space_size_total_bytes{space="old"}',
  'nodejs_heap_space_size_used_bytes{space="new"}',
  'nodejs_heap_space_size_available_bytes{space="old"}',
  'nodejs_active_handles{type="Server"}',
  'nodejs_active_handles_total',
  'nodejs_active_resources{type="TCPServerWrap"}',
  'nodejs_active_resources_total',
  'process_cpu_user_seconds_total',
  'process_cpu_system_seconds_total',
  'process_resident_memory_bytes',
  'process_virtual_memory_bytes',
  'process_heap_bytes',
  'process_open_fds',
  'process_max_fds',
]

/** Series that exist, and may well be zero. */
const PRESENT = [
  'http_requests_in_flight{method="POST"}',
  'circuit_breaker_state{breaker="payments"}',
  'nodejs_eventloop_lag_min_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_gc_duration_seconds_count{kind="major"}',
  'nodejs_gc_duration_seconds_count{kind="incremental"}',
  'nodejs_gc_duration_seconds_count{kind="weakcb"}',
  'nodejs_active_requests_total',
]

/** What rises or falls while customers come and go. */
const MOVING = [
  'sum(http_requests_total)',
  'sum(http_request_duration_seconds_sum)',
  'sum(message_bus_events_published_total)',
  'sum(message_bus_events_consumed_total)',
  'sum(circuit_breaker_calls_total)',
  'sum(orders_placed_total)',
  'sum(charge_duration_seconds_count)',
  'nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="idle"}',
  'nodejs_heap_size_used_bytes',
  'process_cpu_seconds_total',
]

describeWithPrograms('a real Prometheus that scrapes the example', ['prometheus'], () => {
  let example: Example
  let prometheus: Prometheus

  before(async function () {
    this.timeout(60_000)
    example = await startExample()
    prometheus = await startPrometheus(configFor(example.metricsUrl))
  })

  after(async function () {
    this.timeout(60_000)
    await prometheus?.stop()
    expect(await example?.stop(), 'exit code of the example after SIGTERM').to.equal(0)
  })

  const awaited = async (expression: string) =>
    until(expression, async () => ((await prometheus.query(expression)).length > 0 ? true : undefined), {
      timeoutMs: 40_000,
      everyMs: 200,
    })

  it('finds the target up', () => awaited('up{job="orders"} == 1')).timeout(45_000)

  for (const series of POSITIVE) it(`has ${series}`, () => awaited(`${series} > 0`)).timeout(45_000)

  for (const series of PRESENT) it(`has ${series}`, () => awaited(`${series} >= 0`)).timeout(45_000)

  for (const series of MOVING) {
    it(`sees ${series} move`, () => awaited(`changes((${series})[30s:1s]) > 1`)).timeout(45_000)
  }

  it('sees the breaker open and close again', async () => {
    await awaited('max_over_time(circuit_breaker_state[2m]) >= 1')
    await awaited('circuit_breaker_transitions_total{to="closed"} > 0')
    await awaited('circuit_breaker_state == 0')
  }).timeout(60_000)

  it('reads when the process started', async () => {
    const [sample] = await prometheus.query('time() - process_start_time_seconds')
    expect(sample?.value).to.be.within(0, 300)
  })

  it('computes a quantile from the histogram', async () => {
    await awaited(
      'histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket{path="/orders"}[30s]))) > 0.01',
    )
  })

  it('knows types, helps and units', async () => {
    expect(await prometheus.metadata('orders_open')).to.deep.equal([
      { type: 'gauge', help: 'Orders that wait to be shipped.', unit: '' },
    ])
    expect(await prometheus.metadata('nodejs_gc_duration_seconds')).to.deep.equal([
      {
        type: 'histogram',
        help: 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
        unit: 'seconds',
      },
    ])
  })

  it('sees no measurement rejected', async () => {
    expect(
      await prometheus.query(
        '{__name__=~"meterkit_(rejected|overflowed)_measurements_total|meterkit_callback_failures_total"} > 0',
      ),
    ).to.deep.equal([])
  })

  it('never failed to scrape', async () => {
    expect(await prometheus.query('min_over_time(up[2m]) < 1')).to.deep.equal([])
  })
})

/** The configuration that is shipped, pointed at the example and asking more often. */
function configFor(metricsUrl: string): string {
  const shipped = readFileSync(resolve(__dirname, '../../otel-config/prometheus.yml'), 'utf8')
  const config = shipped
    .replace("'localhost:9464'", `'${new URL(metricsUrl).host}'`)
    .replace(/scrape_interval: \d+s/, 'scrape_interval: 1s')
    .replace(/scrape_timeout: \d+s/, 'scrape_timeout: 1s')
  expect(config.match(/'localhost:\d+'|interval: 1s|timeout: 1s/g), 'replacements in prometheus.yml').to.have.length(3)
  return config
}
