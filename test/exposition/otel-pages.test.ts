import { ValueType } from '@opentelemetry/api'
import { expect } from 'chai'
import { ExpositionHouse, lines, samples } from '../support/exposition-house'

describe('exposition: pages of OpenTelemetry instruments', () => {
  function everyKind(house: ExpositionHouse): void {
    const meter = house.meter()
    meter.createCounter('bus.events', { description: 'Events', unit: '{event}' }).add(3, { 'bus.name': 'orders' })
    meter.createUpDownCounter('queue.length', { unit: '1' }).add(-2)
    meter.createGauge('cpu.utilization', { unit: '1' }).record(0.5)
    meter
      .createHistogram('http.server.request.duration', { unit: 's', advice: { explicitBucketBoundaries: [0.5, 1] } })
      .record(0.7, { 'http.route': '/users/:id' })
    meter.createObservableCounter('disk.io', { unit: 'By' }).addCallback((result) => result.observe(4096))
    meter.createObservableUpDownCounter('memory.usage', { unit: 'MiBy' }).addCallback((result) => result.observe(12))
    meter
      .createObservableGauge('temperature', { unit: 'Cel', valueType: ValueType.INT })
      .addCallback((r) => r.observe(21.9))
  }

  it('translate names, units and attributes in text 0.0.4', async () => {
    const house = new ExpositionHouse()
    everyKind(house)
    expect(await house.text()).to.equal(
      lines(
        '# HELP bus_events_total Events',
        '# TYPE bus_events_total counter',
        'bus_events_total{bus_name="orders"} 3',
        '# TYPE cpu_utilization_ratio gauge',
        'cpu_utilization_ratio 0.5',
        '# TYPE disk_io_bytes_total counter',
        'disk_io_bytes_total 4096',
        '# TYPE http_server_request_duration_seconds histogram',
        'http_server_request_duration_seconds_bucket{http_route="/users/:id",le="0.5"} 0',
        'http_server_request_duration_seconds_bucket{http_route="/users/:id",le="1"} 1',
        'http_server_request_duration_seconds_bucket{http_route="/users/:id",le="+Inf"} 1',
        'http_server_request_duration_seconds_sum{http_route="/users/:id"} 0.7',
        'http_server_request_duration_seconds_count{http_route="/users/:id"} 1',
        '# TYPE memory_usage_mebibytes gauge',
        'memory_usage_mebibytes 12',
        '# TYPE queue_length gauge',
        'queue_length -2',
        '# TYPE temperature_celsius gauge',
        'temperature_celsius 21',
      ),
    )
  })

  it('translate names, units and attributes in OpenMetrics 1.0.0', async () => {
    const house = new ExpositionHouse()
    everyKind(house)
    expect(await house.openMetrics()).to.equal(
      lines(
        '# TYPE bus_events counter',
        '# HELP bus_events Events',
        'bus_events_total{bus_name="orders"} 3',
        '# TYPE cpu_utilization_ratio gauge',
        '# UNIT cpu_utilization_ratio ratio',
        'cpu_utilization_ratio 0.5',
        '# TYPE disk_io_bytes counter',
        '# UNIT disk_io_bytes bytes',
        'disk_io_bytes_total 4096',
        '# TYPE http_server_request_duration_seconds histogram',
        '# UNIT http_server_request_duration_seconds seconds',
        'http_server_request_duration_seconds_bucket{http_route="/users/:id",le="0.5"} 0',
        'http_server_request_duration_seconds_bucket{http_route="/users/:id",le="1.0"} 1',
        'http_server_request_duration_seconds_bucket{http_route="/users/:id",le="+Inf"} 1',
        'http_server_request_duration_seconds_sum{http_route="/users/:id"} 0.7',
        'http_server_request_duration_seconds_count{http_route="/users/:id"} 1',
        '# TYPE memory_usage_mebibytes gauge',
        '# UNIT memory_usage_mebibytes mebibytes',
        'memory_usage_mebibytes 12',
        '# TYPE queue_length gauge',
        'queue_length -2',
        '# TYPE temperature_celsius gauge',
        '# UNIT temperature_celsius celsius',
        'temperature_celsius 21',
        '# EOF',
      ),
    )
  })

  const NAMES: readonly [kind: 'Counter' | 'UpDownCounter' | 'Gauge', name: string, unit: string, shown: string][] = [
    ['Counter', 'requests', '', 'requests_total'],
    ['Counter', 'requests_total', '', 'requests_total'],
    ['Counter', 'requests.total', '', 'requests_total'],
    ['Counter', 'wait.total', 's', 'wait_seconds_total'],
    ['Counter', 'wait.seconds.total', 's', 'wait_seconds_total'],
    ['Counter', 'requests', '1', 'requests_total'],
    ['Counter', 'requests', '{request}', 'requests_total'],
    ['Counter', 'total', '', 'total_total'],
    ['Gauge', 'load', '1', 'load_ratio'],
    ['Gauge', 'load.ratio', '1', 'load_ratio'],
    ['UpDownCounter', 'requests.active', '1', 'requests_active'],
    ['UpDownCounter', 'connections', '{connection}', 'connections'],
    ['Gauge', 'speed', 'm/s', 'speed_meters_per_second'],
    ['Gauge', 'rate', '1/s', 'rate_per_second'],
    ['Gauge', 'rate', '{request}/s', 'rate_per_second'],
    ['Gauge', 'rate', '/min', 'rate_per_minute'],
    ['Gauge', 'flow', 'By/h', 'flow_bytes_per_hour'],
    ['Gauge', 'size', 'By{compressed}', 'size_bytes'],
    ['Gauge', 'seconds', 's', 'seconds'],
    ['Gauge', 'uptime_seconds', 's', 'uptime_seconds'],
    ['Gauge', 'milliseconds', 's', 'milliseconds_seconds'],
    ['Gauge', 'share', '%', 'share_percent'],
    ['Gauge', 'odd', 'ft-lb/day', 'odd_ft_lb_per_day'],
    ['Gauge', 'odd', '__proto__', 'odd_proto'],
    ['Gauge', 'odd', 'constructor', 'odd_constructor'],
    ['Gauge', 'a.b-c/d', '', 'a_b_c_d'],
    ['Gauge', 'a..b--c', '', 'a_b_c'],
    ['Gauge', 'ends.', 's', 'ends_seconds'],
    ['Counter', 'ends_', '', 'ends_total'],
    ['Gauge', '2nd.try', '', '_2nd_try'],
    ['Gauge', 'größe', '', 'gr_e'],
  ]
  for (const [kind, name, unit, shown] of NAMES) {
    it(`calls ${kind} "${name}" with unit "${unit}" ${shown}`, async () => {
      const house = new ExpositionHouse()
      const instrument = house.meter()[`create${kind}`](name, { unit })
      if ('add' in instrument) instrument.add(1)
      else instrument.record(1)
      expect(samples(await house.text())).to.deep.equal([`${shown} 1`])
    })
  }
})
