import { ValueType } from '@opentelemetry/api'
import { expect } from 'chai'
import { ExpositionHouse, lines } from '../support/exposition-house'

/** The samples of a page, without heads. */
function samples(page: string): string[] {
  return page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

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

describe('exposition: attributes as labels', () => {
  const counterWith = async (...attributes: readonly Record<string, unknown>[]) => {
    const house = new ExpositionHouse()
    const counter = house.meter().createCounter('c')
    for (const each of attributes) counter.add(1, each as Record<string, string>)
    return samples(await house.text())
  }

  it('have valid names', async () => {
    expect(await counterWith({ 'http.route': '/', '1st': 'a', ü: 'b', __proto__x: 'c', 'a--b': 'd' })).to.deep.equal([
      'c_total{key_1st="a",_proto_x="c",a_b="d",http_route="/",key="b"} 1',
    ])
  })

  it('that come to one name are one label with the values joined, in the order of the attributes', async () => {
    expect(await counterWith({ a_b: 'second', 'a.b': 'first', 'a-b': 'before' })).to.deep.equal([
      'c_total{a_b="before;first;second"} 1',
    ])
  })

  it('are joined before they are escaped', async () => {
    expect(await counterWith({ 'a.b': '"', a_b: '\n' })).to.deep.equal(['c_total{a_b="\\";\\n"} 1'])
  })

  it('of any type are text', async () => {
    expect(
      await counterWith({ array: ['a', 1, null], big: 10n, no: false, number: 1.5, object: { a: 'b' }, zero: 0 }),
    ).to.deep.equal([
      'c_total{array="[\\"a\\",1,null]",big="10",no="false",number="1.5",object="{\\"a\\":\\"b\\"}",zero="0"} 1',
    ])
  })

  it('are in one order however they were given', async () => {
    expect(await counterWith({ b: '1', a: '2' }, { a: '2', b: '1' })).to.deep.equal(['c_total{a="2",b="1"} 2'])
  })

  it('called le make way for the label of the buckets', async () => {
    const house = new ExpositionHouse()
    const histogram = house.meter().createHistogram('h', { advice: { explicitBucketBoundaries: [1] } })
    histogram.record(0, { le: '5' })
    histogram.record(0, { exported_le: '5' })
    histogram.record(0, { le: '6', exported_le: '7' })
    house.meter().createCounter('c').add(1, { le: '5' })
    expect(samples(await house.text())).to.deep.equal([
      'c_total{le="5"} 1',
      'h_bucket{exported_le="5",le="1"} 2',
      'h_bucket{exported_le="5",le="+Inf"} 2',
      'h_sum{exported_le="5"} 0',
      'h_count{exported_le="5"} 2',
      'h_bucket{exported_le="7;6",le="1"} 1',
      'h_bucket{exported_le="7;6",le="+Inf"} 1',
      'h_sum{exported_le="7;6"} 0',
      'h_count{exported_le="7;6"} 1',
    ])
  })

  it('take the place of a constant label', async () => {
    const house = new ExpositionHouse({ constantLabels: { env: 'prod', zone: 'b' } })
    house.meter().createCounter('c').add(1, { env: 'test' })
    expect(samples(await house.text())).to.deep.equal(['c_total{zone="b",env="test"} 1'])
  })

  it('of different names are groups in the order of the names', async () => {
    expect(await counterWith({ b: '1' }, {}, { a: '2', b: '1' }, { a: '9' }, { a: '1' })).to.deep.equal([
      'c_total 1',
      'c_total{a="1"} 1',
      'c_total{a="9"} 1',
      'c_total{a="2",b="1"} 1',
      'c_total{b="1"} 1',
    ])
  })
})

describe('exposition: series that come to read the same', () => {
  const counterWith = async (
    constantLabels: Record<string, string>,
    ...attributes: readonly Record<string, unknown>[]
  ) => {
    const house = new ExpositionHouse({ constantLabels })
    const counter = house.meter().createCounter('c')
    for (const [index, each] of attributes.entries()) counter.add(10 ** index, each as Record<string, string>)
    return samples(await house.text())
  }

  it('are added up where attribute names meet', async () => {
    expect(await counterWith({}, { 'a.b': 'x' }, { a_b: 'x' }, { a_b: 'y' })).to.deep.equal([
      'c_total{a_b="x"} 11',
      'c_total{a_b="y"} 100',
    ])
  })

  it('are added up where joined values meet', async () => {
    expect(await counterWith({}, { 'a.b': 'x;y' }, { 'a.b': 'x', a_b: 'y' })).to.deep.equal(['c_total{a_b="x;y"} 11'])
  })

  it('are added up where a number and its text meet', async () => {
    expect(
      await counterWith({}, { a: 1 }, { a: '1' }, { a: true }, { a: 'true' }, { a: [1] }, { a: '[1]' }),
    ).to.deep.equal(['c_total{a="1"} 11', 'c_total{a="[1]"} 110000', 'c_total{a="true"} 1100'])
  })

  it('are added up where a label is empty or absent', async () => {
    expect(await counterWith({}, { a: '' }, {}, { a: '', b: 'x' }, { b: 'x' }, { b: 'y', a: 'z' })).to.deep.equal([
      'c_total 11',
      'c_total{a="z",b="y"} 10000',
      'c_total{b="x"} 1100',
    ])
  })

  it('are added up where lone halves of surrogate pairs meet', async () => {
    expect(
      await counterWith({}, { a: '\ud800' }, { a: '\udfff' }, { a: '\ufffd' }, { a: '\ud83d\ude00' }),
    ).to.deep.equal(['c_total{a="😀"} 1000', 'c_total{a="�"} 111'])
  })

  it('are added up where an attribute has the value of a constant label', async () => {
    expect(await counterWith({ env: 'prod' }, {}, { env: 'prod' }, { env: 'test' })).to.deep.equal([
      'c_total{env="prod"} 11',
      'c_total{env="test"} 100',
    ])
  })

  it('are added up for the facade too, whose labels can hold broken text', async () => {
    const house = new ExpositionHouse()
    const counter = house.metrics.counter({ name: 'c_total', labelNames: ['a'] })
    counter.add(1, { a: '\ud800' })
    counter.add(10, { a: '\udfff' })
    expect(samples(await house.text())).to.deep.equal(['c_total{a="�"} 11'])
  })

  it('are added up bucket by bucket', async () => {
    const house = new ExpositionHouse()
    const histogram = house.meter().createHistogram('h', { advice: { explicitBucketBoundaries: [1, 10] } })
    histogram.record(0.5, { a: 1 })
    histogram.record(5, { a: '1' })
    histogram.record(50, { a: '1' })
    expect(samples(await house.text())).to.deep.equal([
      'h_bucket{a="1",le="1"} 1',
      'h_bucket{a="1",le="10"} 2',
      'h_bucket{a="1",le="+Inf"} 3',
      'h_sum{a="1"} 55.5',
      'h_count{a="1"} 3',
    ])
  })

  it('show one value where they are gauges, and the sum where they are up-down counters', async () => {
    const house = new ExpositionHouse()
    const gauge = house.meter().createGauge('g')
    const upDown = house.meter().createUpDownCounter('u')
    for (const a of [1, '1']) {
      gauge.record(a === 1 ? 3 : 4, { a })
      upDown.add(a === 1 ? 3 : -4, { a })
    }
    expect(samples(await house.text())).to.deep.equal(['g{a="1"} 4', 'u{a="1"} -1'])
  })

  it('are counted from the series as they are at each page', async () => {
    const house = new ExpositionHouse()
    const counter = house.meter().createCounter('c')
    counter.add(1, { a: 1 })
    expect(samples(await house.text())).to.deep.equal(['c_total{a="1"} 1'])
    counter.add(2, { a: '1' })
    expect(samples(await house.text())).to.deep.equal(['c_total{a="1"} 3'])
    counter.add(4, { a: 1 })
    expect(samples(await house.text())).to.deep.equal(['c_total{a="1"} 7'])
  })

  it('need more than one chunk without being torn or lost', async () => {
    const house = new ExpositionHouse({ cardinalityLimit: 10_000 })
    const counter = house.meter().createCounter('c')
    for (let a = 0; a < 2_000; a++) {
      counter.add(1, { a, b: 'x'.repeat(50) })
      counter.add(1, { a: String(a), b: 'x'.repeat(50) })
    }
    const page = samples(await house.text())
    expect(page).to.have.length(2_000)
    expect(new Set(page).size).to.equal(2_000)
    expect(page.every((line) => line.endsWith('} 2'))).to.equal(true)
  })
})

describe('exposition: metrics of one name', () => {
  it('from two meters share a family', async () => {
    const house = new ExpositionHouse()
    house.meter('one').createCounter('calls').add(1, { a: 'x' })
    house.meter('two').createCounter('calls', { description: 'Calls' }).add(10, { a: 'x' })
    house.meter('two').createCounter('calls').add(100, { a: 'y' })
    house.metrics.counter({ name: 'calls_total', labelNames: ['a'] }).add(1_000, { a: 'z' })
    expect(await house.text()).to.equal(
      lines(
        '# HELP calls_total Calls',
        '# TYPE calls_total counter',
        'calls_total{a="x"} 11',
        'calls_total{a="y"} 100',
        'calls_total{a="z"} 1000',
      ),
    )
  })

  it('and different types: the first stays, and the log tells of the others once', async () => {
    const house = new ExpositionHouse()
    house.meter('one').createGauge('size').record(1)
    house.meter('two').createHistogram('size').record(2)
    house.meter('three').createUpDownCounter('size').add(4, { a: 'b' })
    const page = lines('# TYPE size gauge', 'size 1', 'size{a="b"} 4')
    expect(await house.text()).to.equal(page)
    expect(await house.text()).to.equal(page)
    expect(house.logged).to.deep.equal([
      'left "size" of "two" out of the page: "size" is a histogram, but the first metric of that name is a gauge. Rename one of them with a view.',
    ])
  })

  it('and different buckets: the first stays, and the log says why', async () => {
    const house = new ExpositionHouse()
    house
      .meter('one')
      .createHistogram('size', { advice: { explicitBucketBoundaries: [1] } })
      .record(1)
    house
      .meter('two')
      .createHistogram('size', { advice: { explicitBucketBoundaries: [2] } })
      .record(2)
    expect(samples(await house.text())).to.deep.equal([
      'size_bucket{le="1"} 1',
      'size_bucket{le="+Inf"} 1',
      'size_sum 1',
      'size_count 1',
    ])
    expect(house.logged).to.deep.equal([
      'left "size" of "two" out of the page: "size" is a histogram with other buckets than the first metric of that name. Rename one of them with a view.',
    ])
  })

  it('as a sample of a histogram are left out, with a word in the log', async () => {
    const house = new ExpositionHouse()
    const meter = house.meter()
    meter.createGauge('h.count').record(1)
    meter.createGauge('h_bucket').record(1)
    house.metrics.histogram({ name: 'h', buckets: [] }).record(1)
    meter.createGauge('h_summit').record(1)
    expect(samples(await house.text())).to.deep.equal(['h_bucket{le="+Inf"} 1', 'h_sum 1', 'h_count 1', 'h_summit 1'])
    expect(house.logged).to.deep.equal([
      'left "h_bucket" of "library" out of the page: "h_bucket" is a sample of histogram "h" too. Rename one of them with a view.',
      'left "h.count" of "library" out of the page: "h_count" is a sample of histogram "h" too. Rename one of them with a view.',
    ])
  })

  it('but for the suffix: OpenMetrics gets both under names that do not clash', async () => {
    const house = new ExpositionHouse()
    house.metrics.counter({ name: 'a_total' }).add(1)
    house.metrics.gauge({ name: 'a' }).set(2)
    house.metrics.counter({ name: 'b_total' }).add(3)
    house.metrics.histogram({ name: 'b', buckets: [] }).record(4)
    house.metrics.counter({ name: 'c_total' }).add(5)
    house.metrics.gauge({ name: 'c_created' }).set(6)
    house.metrics.counter({ name: 'd_total' }).add(7)
    house.metrics.counter({ name: 'd_created_total' }).add(8)
    house.metrics.counter({ name: 'e_total' }).add(9)
    expect(await house.openMetrics()).to.equal(
      lines(
        '# TYPE a gauge',
        'a 2',
        '# TYPE a_total unknown',
        'a_total 1',
        '# TYPE b histogram',
        'b_bucket{le="+Inf"} 1',
        'b_sum 4',
        'b_count 1',
        '# TYPE b_total unknown',
        'b_total 3',
        '# TYPE c_created gauge',
        'c_created 6',
        '# TYPE c_total unknown',
        'c_total 5',
        '# TYPE d_created counter',
        'd_created_total 8',
        '# TYPE d_total unknown',
        'd_total 7',
        '# TYPE e counter',
        'e_total 9',
        '# EOF',
      ),
    )
    expect((await house.text()).match(/^# TYPE \w+_total counter$/gm)).to.have.length(6)
  })
})
