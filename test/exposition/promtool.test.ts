import { spawnSync } from 'node:child_process'
import { expect } from 'chai'
import { describeWithPrograms } from '../e2e/programs'
import { ExpositionHouse } from '../support/exposition-house'

describeWithPrograms('exposition: promtool check metrics', ['promtool'], () => {
  it('has nothing to say of a page with every kind of metric, of both front doors, and of awkward labels', async () => {
    const house = new ExpositionHouse({
      resource: { 'service.name': 'orders', 'host.name': 'a "quoted"\nhost' },
      constantLabels: { env: 'test' },
    })
    const { metrics } = house
    const counter = metrics.counter({ name: 'orders_placed_total', help: 'Orders', labelNames: ['region'] })
    for (const region of [
      'eu',
      '',
      '"',
      '\\',
      '\n',
      '\0',
      '\r',
      '\ud800',
      '\udc00',
      '\u2028',
      '😀',
      '} 1',
      '# EOF',
      '__proto__',
    ]) {
      counter.add(1, { region })
    }
    metrics.upDownCounter({ name: 'jobs_waiting', help: 'A backslash \\ and\na line' }).add(-1)
    metrics.gauge({ name: 'room_temperature_celsius', help: 'Warmth', unit: 'Cel' }).set(-Number.MAX_VALUE)
    metrics.info({ name: 'build_info', help: 'What runs', labels: { version: '1.2.3' } })
    metrics.stateSet({ name: 'mode', help: 'How it runs', states: ['idle', 'busy'] }).set('busy')
    metrics.histogram({ name: 'height_meters', help: 'Heights', unit: 'm', buckets: [-1e-9, 0, 1e21] }).record(-5)
    const meter = house.meter()
    meter.createCounter('bus.events', { description: 'Events' }).add(1, { 'a.b': 1, a_b: '2' })
    const duration = meter.createHistogram('http.server.duration', { description: 'Durations', unit: 's' })
    duration.record(0.1, { le: 'x', list: ['a', '"'] })
    duration.record(0.1, { '': 'nothing', '1': true })
    const check = spawnSync('promtool', ['check', 'metrics'], { input: await house.text(), encoding: 'utf8' })
    expect({ status: check.status, said: check.stdout + check.stderr }).to.deep.equal({ status: 0, said: '' })
  })

  it('complains of a page that is not valid, so that its silence means something', () => {
    const check = spawnSync('promtool', ['check', 'metrics'], { input: 'a{b="c} 1\n', encoding: 'utf8' })
    expect(check.status).to.equal(1)
  })
})
