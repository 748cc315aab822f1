import { expect } from 'chai'
import { ExpositionHouse, lines } from '../support/exposition-house'

describe('exposition: pages of the facade', () => {
  /** One of each kind, with a series that shows it. */
  function everyKind(house: ExpositionHouse): void {
    const { metrics } = house
    const counter = metrics.counter({
      name: 'orders_placed_total',
      help: 'Orders placed',
      labelNames: ['region', 'tier'],
    })
    counter.add(2, { region: 'eu', tier: 'gold' })
    counter.add(1, { region: 'eu', tier: 'basic' })
    metrics.upDownCounter({ name: 'jobs_waiting', help: 'Jobs that wait' }).add(-3)
    metrics.gauge({ name: 'room_temperature_celsius', help: 'How warm it is', unit: 'Cel' }).set(-1.5)
    metrics
      .histogram({
        name: 'charge_duration_seconds',
        help: 'Time to charge',
        unit: 's',
        buckets: [0.1, 1, 10],
        labelNames: ['card'],
      })
      .record(0.25, { card: 'visa' })
    metrics.observableCounter({ name: 'read_bytes_total', unit: 'By', callback: (result) => result.observe(7) })
    metrics.observableUpDownCounter({ name: 'balance', callback: (result) => result.observe(-0.5) })
    metrics.observableGauge({ name: 'ratio_of_it_ratio', unit: '1', callback: (result) => result.observe(1 / 3) })
  }

  it('shows every kind of instrument in text 0.0.4', async () => {
    const house = new ExpositionHouse()
    everyKind(house)
    expect(await house.text()).to.equal(
      lines(
        '# TYPE balance gauge',
        'balance -0.5',
        '# HELP charge_duration_seconds Time to charge',
        '# TYPE charge_duration_seconds histogram',
        'charge_duration_seconds_bucket{card="visa",le="0.1"} 0',
        'charge_duration_seconds_bucket{card="visa",le="1"} 1',
        'charge_duration_seconds_bucket{card="visa",le="10"} 1',
        'charge_duration_seconds_bucket{card="visa",le="+Inf"} 1',
        'charge_duration_seconds_sum{card="visa"} 0.25',
        'charge_duration_seconds_count{card="visa"} 1',
        '# HELP jobs_waiting Jobs that wait',
        '# TYPE jobs_waiting gauge',
        'jobs_waiting -3',
        '# HELP orders_placed_total Orders placed',
        '# TYPE orders_placed_total counter',
        'orders_placed_total{region="eu",tier="basic"} 1',
        'orders_placed_total{region="eu",tier="gold"} 2',
        '# TYPE ratio_of_it_ratio gauge',
        'ratio_of_it_ratio 0.3333333333333333',
        '# TYPE read_bytes_total counter',
        'read_bytes_total 7',
        '# HELP room_temperature_celsius How warm it is',
        '# TYPE room_temperature_celsius gauge',
        'room_temperature_celsius -1.5',
      ),
    )
    expect(house.logged).to.deep.equal([])
  })

  it('shows every kind of instrument in OpenMetrics 1.0.0', async () => {
    const house = new ExpositionHouse()
    everyKind(house)
    expect(await house.openMetrics()).to.equal(
      lines(
        '# TYPE balance gauge',
        'balance -0.5',
        '# TYPE charge_duration_seconds histogram',
        '# UNIT charge_duration_seconds seconds',
        '# HELP charge_duration_seconds Time to charge',
        'charge_duration_seconds_bucket{card="visa",le="0.1"} 0',
        'charge_duration_seconds_bucket{card="visa",le="1.0"} 1',
        'charge_duration_seconds_bucket{card="visa",le="10.0"} 1',
        'charge_duration_seconds_bucket{card="visa",le="+Inf"} 1',
        'charge_duration_seconds_sum{card="visa"} 0.25',
        'charge_duration_seconds_count{card="visa"} 1',
        '# TYPE jobs_waiting gauge',
        '# HELP jobs_waiting Jobs that wait',
        'jobs_waiting -3',
        '# TYPE orders_placed counter',
        '# HELP orders_placed Orders placed',
        'orders_placed_total{region="eu",tier="basic"} 1',
        'orders_placed_total{region="eu",tier="gold"} 2',
        '# TYPE ratio_of_it_ratio gauge',
        '# UNIT ratio_of_it_ratio ratio',
        'ratio_of_it_ratio 0.3333333333333333',
        '# TYPE read_bytes counter',
        '# UNIT read_bytes bytes',
        'read_bytes_total 7',
        '# TYPE room_temperature_celsius gauge',
        '# UNIT room_temperature_celsius celsius',
        '# HELP room_temperature_celsius How warm it is',
        'room_temperature_celsius -1.5',
        '# EOF',
      ),
    )
  })

  it('has nothing on it where nothing was measured', async () => {
    const house = new ExpositionHouse()
    expect(await house.text()).to.equal('')
    expect(await house.openMetrics()).to.equal('# EOF\n')
  })

  it('leaves out a metric that has no series, its head as well', async () => {
    const house = new ExpositionHouse()
    const counter = house.metrics.counter({ name: 'orders_total', help: 'Orders', labelNames: ['region'] })
    expect(await house.text()).to.equal('')
    counter.add(1, { region: 'eu' })
    counter.remove({ region: 'eu' })
    expect(await house.text()).to.equal('')
  })

  it('escapes help texts as each format wants', async () => {
    const house = new ExpositionHouse()
    house.metrics.gauge({ name: 'g', help: 'a \\ backslash, a "quote"\nand a line' }).set(1)
    expect(await house.text()).to.equal(
      lines('# HELP g a \\\\ backslash, a "quote"\\nand a line', '# TYPE g gauge', 'g 1'),
    )
    expect(await house.openMetrics()).to.equal(
      lines('# TYPE g gauge', '# HELP g a \\\\ backslash, a \\"quote\\"\\nand a line', 'g 1', '# EOF'),
    )
  })

  it('escapes label values the same way in both formats', async () => {
    const house = new ExpositionHouse()
    house.metrics.gauge({ name: 'g', labelNames: ['path'] }).set(1, { path: 'C:\\new "x"\ny' })
    const sample = 'g{path="C:\\\\new \\"x\\"\\ny"} 1'
    expect(await house.text()).to.equal(lines('# TYPE g gauge', sample))
    expect(await house.openMetrics()).to.equal(lines('# TYPE g gauge', sample, '# EOF'))
  })

  it('writes labels in the declared order, a missing one as empty', async () => {
    const house = new ExpositionHouse()
    const counter = house.metrics.counter({ name: 'c_total', labelNames: ['z', 'a', 'm'] })
    counter.add(1, { a: '1', m: '2', z: '3' })
    counter.add(1, { m: '', a: '', z: '' })
    // @ts-expect-error: a label is missing
    counter.add(1, { a: '1' })
    expect(await house.text()).to.equal(
      lines(
        '# TYPE c_total counter',
        'c_total{z="",a="",m=""} 1',
        'c_total{z="",a="1",m=""} 1',
        'c_total{z="3",a="1",m="2"} 1',
      ),
    )
  })

  it('keeps declared label names as they are', async () => {
    const house = new ExpositionHouse()
    house.metrics
      .counter({ name: 'c_total', labelNames: ['a__b', 'a_b', '_', 'Z_'] })
      .add(1, { a__b: '1', a_b: '2', _: '3', Z_: '4' })
    expect(await house.text()).to.equal(lines('# TYPE c_total counter', 'c_total{a__b="1",a_b="2",_="3",Z_="4"} 1'))
  })

  it('puts constant labels before the others', async () => {
    const house = new ExpositionHouse({ constantLabels: { zone: 'b', env: 'a "test"' } })
    house.metrics.gauge({ name: 'bare' }).set(1)
    house.metrics.gauge({ name: 'labelled', labelNames: ['a'] }).set(2, { a: 'x' })
    house.metrics.histogram({ name: 'h', buckets: [1] }).record(1)
    expect(await house.text()).to.equal(
      lines(
        '# TYPE bare gauge',
        'bare{zone="b",env="a \\"test\\""} 1',
        '# TYPE h histogram',
        'h_bucket{zone="b",env="a \\"test\\"",le="1"} 1',
        'h_bucket{zone="b",env="a \\"test\\"",le="+Inf"} 1',
        'h_sum{zone="b",env="a \\"test\\""} 1',
        'h_count{zone="b",env="a \\"test\\""} 1',
        '# TYPE labelled gauge',
        'labelled{zone="b",env="a \\"test\\"",a="x"} 2',
      ),
    )
  })

  it('calls a counter without _total unknown in OpenMetrics, which has no such counters', async () => {
    const house = new ExpositionHouse()
    house.metrics.counter({ name: 'orders', help: 'Orders' }).add(3)
    house.metrics.counter({ name: '_total' }).add(4)
    expect(await house.text()).to.equal(
      lines('# TYPE _total counter', '_total 4', '# HELP orders Orders', '# TYPE orders counter', 'orders 3'),
    )
    expect(await house.openMetrics()).to.equal(
      lines('# TYPE _total unknown', '_total 4', '# TYPE orders unknown', '# HELP orders Orders', 'orders 3', '# EOF'),
    )
  })

  it('writes # UNIT where the name ends in the unit, and only there', async () => {
    const house = new ExpositionHouse()
    house.metrics.gauge({ name: 'a_seconds', unit: 's' }).set(1)
    house.metrics.gauge({ name: 'b_time', unit: 's' }).set(1)
    house.metrics.gauge({ name: 'seconds', unit: 's' }).set(1)
    house.metrics.gauge({ name: 'c_seconds' }).set(1)
    house.metrics.counter({ name: 'd_bytes_total', unit: 'By' }).add(1)
    house.metrics.gauge({ name: 'e_meters_per_second', unit: 'm/s' }).set(1)
    house.metrics.gauge({ name: 'f_requests', unit: '{requests}' }).set(1)
    house.metrics.counter({ name: 'g_ratio_total', unit: '1' }).add(1)
    expect((await house.openMetrics()).split('\n').filter((line) => line.startsWith('# UNIT'))).to.deep.equal([
      '# UNIT a_seconds seconds',
      '# UNIT d_bytes bytes',
      '# UNIT e_meters_per_second meters_per_second',
    ])
    expect(await house.text()).not.to.contain('# UNIT')
  })

  it('has the same order whatever was registered and recorded first', async () => {
    const names = ['b_total', 'a', 'B', 'a_c', 'ab']
    const regions = ['eu', 'us', '', 'EU', 'ü', '10', '9']
    const pages = await Promise.all(
      [false, true].map(async (reversed) => {
        const arranged = (list: readonly string[]) => (reversed ? list.toReversed() : list)
        const house = new ExpositionHouse()
        for (const name of arranged(names)) {
          const gauge = house.metrics.gauge({ name, labelNames: ['region'] })
          for (const region of arranged(regions)) {
            gauge.set(region.length, { region })
            // Pages in between let the writer put new series among those it knows.
            await house.text()
          }
        }
        return house.text()
      }),
    )
    expect(pages[0]).to.equal(pages[1])
    const samples = (pages[0] as string).split('\n').filter((line) => line.startsWith('a{'))
    expect(samples.map((line) => /"(.*)"/.exec(line)?.[1])).to.deep.equal(['', '10', '9', 'EU', 'eu', 'us', 'ü'])
  })

  it('shows the overflow series of a metric that has too many', async () => {
    const house = new ExpositionHouse({ cardinalityLimit: 2 })
    const counter = house.metrics.counter({ name: 'c_total', labelNames: ['id'] })
    for (const id of ['', 'b', 'c', 'd']) counter.add(1, { id })
    expect(await house.text()).to.equal(
      lines(
        '# TYPE c_total counter',
        'c_total{id=""} 1',
        'c_total{id="b"} 1',
        'c_total{otel_metric_overflow="true"} 2',
        '# HELP meterkit_overflowed_measurements_total Measurements without a series of their own: the metric had as many as it may have, or a label value was too long.',
        '# TYPE meterkit_overflowed_measurements_total counter',
        'meterkit_overflowed_measurements_total{metric="c_total"} 2',
      ),
    )
  })

  it('reads numbers anew for each page', async () => {
    const house = new ExpositionHouse()
    const gauge = house.metrics.gauge({ name: 'g', labelNames: ['a'] }).bind({ a: 'x' })
    gauge.set(1)
    expect(await house.text()).to.contain('g{a="x"} 1\n')
    gauge.set(2)
    expect(await house.text()).to.contain('g{a="x"} 2\n')
  })
})
