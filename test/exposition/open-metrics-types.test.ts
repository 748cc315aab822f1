import { createAllowListAttributesProcessor } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { negotiateFormat } from '../../src/exposition/negotiate'
import { ExpositionHouse, lines, samples } from '../support/exposition-house'

describe('exposition: infos', () => {
  it('have a type of their own in OpenMetrics, and are gauges in text', async () => {
    const house = new ExpositionHouse({ constantLabels: { env: 'test' } })
    house.metrics.info({ name: 'build_info', help: 'What runs', labels: { version: '1.2.3', commit: 'abc' } })
    const sample = 'build_info{env="test",version="1.2.3",commit="abc"} 1'
    expect(await house.openMetrics()).to.equal(lines('# TYPE build info', '# HELP build What runs', sample, '# EOF'))
    expect(await house.text()).to.equal(lines('# HELP build_info What runs', '# TYPE build_info gauge', sample))
    expect(house.logged).to.deep.equal([])
  })

  it('without _info at the end are gauges in OpenMetrics too, and the log says what to write', async () => {
    const house = new ExpositionHouse()
    house.metrics.info({ name: 'build', labels: { version: '1' } })
    house.metrics.info({ name: '_info' })
    expect(await house.openMetrics()).to.equal(
      lines('# TYPE _info gauge', '_info 1', '# TYPE build gauge', 'build{version="1"} 1', '# EOF'),
    )
    expect(house.logged).to.deep.equal([
      '"build": an info\'s name should end in "_info" (OpenMetrics shows it as a gauge until then): write "build_info".',
    ])
  })

  it('keep their whole name where another metric has it without _info', async () => {
    const house = new ExpositionHouse()
    house.metrics.info({ name: 'a_info' })
    house.metrics.gauge({ name: 'a' }).set(2)
    house.metrics.info({ name: 'b_info' })
    house.metrics.counter({ name: 'b_total' }).add(3)
    house.metrics.info({ name: 'target_info' })
    expect(await house.openMetrics()).to.equal(
      lines(
        '# TYPE a gauge',
        'a 2',
        '# TYPE a_info gauge',
        'a_info 1',
        '# TYPE b info',
        'b_info 1',
        '# TYPE b_total unknown',
        'b_total 3',
        '# TYPE target_info gauge',
        'target_info 1',
        '# EOF',
      ),
    )
  })

  it('are gauges beside a gauge of their name', async () => {
    const house = new ExpositionHouse()
    house.metrics.info({ name: 'a_info', labels: { x: '1' } })
    house.meter().createGauge('a.info').record(2)
    expect(await house.openMetrics()).to.equal(lines('# TYPE a_info gauge', 'a_info 2', 'a_info{x="1"} 1', '# EOF'))
  })
})

describe('exposition: state sets', () => {
  it('have a type of their own in OpenMetrics, and are gauges in text', async () => {
    const house = new ExpositionHouse({ constantLabels: { env: 'test' } })
    const mode = house.metrics.stateSet({
      name: 'valve_state',
      help: 'How the valve stands',
      states: ['shut', 'open', 'moving'],
      labelNames: ['valve'],
    })
    mode.set('open', { valve: 'north' })
    mode.set({ shut: true, open: false, moving: true }, { valve: 'east' })
    const states = [
      'valve_state{env="test",valve="east",valve_state="moving"} 1',
      'valve_state{env="test",valve="east",valve_state="open"} 0',
      'valve_state{env="test",valve="east",valve_state="shut"} 1',
      'valve_state{env="test",valve="north",valve_state="moving"} 0',
      'valve_state{env="test",valve="north",valve_state="open"} 1',
      'valve_state{env="test",valve="north",valve_state="shut"} 0',
    ]
    expect(await house.openMetrics()).to.equal(
      lines('# TYPE valve_state stateset', '# HELP valve_state How the valve stands', ...states, '# EOF'),
    )
    expect(await house.text()).to.equal(
      lines('# HELP valve_state How the valve stands', '# TYPE valve_state gauge', ...states),
    )
    expect(house.logged).to.deep.equal([])
  })

  it('without labels are there from the start, with no state that holds', async () => {
    const house = new ExpositionHouse()
    house.metrics.stateSet({ name: 'mode', states: ['a', 'b'] })
    expect(samples(await house.openMetrics())).to.deep.equal(['mode{mode="a"} 0', 'mode{mode="b"} 0'])
  })

  it('are state sets past the limit, too', async () => {
    const house = new ExpositionHouse({ cardinalityLimit: 1 })
    const mode = house.metrics.stateSet({ name: 'mode', states: ['a', 'b'], labelNames: ['room'] })
    for (const room of ['1', '2']) mode.set('a', { room })
    const page = await house.openMetrics()
    expect(page).to.contain('# TYPE mode stateset\n')
    expect(samples(page).filter((line) => line.startsWith('mode'))).to.deep.equal([
      'mode{room="1",mode="a"} 1',
      'mode{room="1",mode="b"} 0',
    ])
  })

  for (const [what, view] of [
    ['another name', { instrumentName: 'mode', name: 'other' }],
    ['fewer labels', { instrumentName: 'mode', attributesProcessors: [createAllowListAttributesProcessor(['room'])] }],
    [
      'its labels in another order',
      { instrumentName: 'mode', attributesProcessors: [createAllowListAttributesProcessor(['mode', 'room'])] },
    ],
  ] as const) {
    it(`are gauges where a view gives them ${what}`, async () => {
      const house = new ExpositionHouse({
        views: [{ ...view, attributesProcessors: [...(view.attributesProcessors ?? [])] }],
      })
      house.metrics.stateSet({ name: 'mode', states: ['a', 'b'], labelNames: ['room'] }).set('b', { room: '1' })
      expect(await house.openMetrics()).to.match(/^# TYPE (mode|other) gauge$/m)
    })
  }

  it('may have names of any characters, which are those of a label too', async () => {
    const house = new ExpositionHouse({ translationStrategy: 'NoTranslation' })
    house.metrics.stateSet({ name: 'größe', states: ['klein'] }).set('klein')
    house.metrics.stateSet({ name: '花火', states: ['an'] }).set('an')
    const accept = 'application/openmetrics-text;version=1.0.0;escaping='
    expect((await house.page(negotiateFormat(`${accept}allow-utf-8`))).toString()).to.equal(
      lines(
        '# TYPE "größe" stateset',
        '{"größe","größe"="klein"} 1',
        '# TYPE "花火" stateset',
        '{"花火","花火"="an"} 1',
        '# EOF',
      ),
    )
    // A label may not begin with two underscores as the metric does, and is then no longer called as it.
    expect((await house.page(negotiateFormat(`${accept}underscores`))).toString()).to.equal(
      lines('# TYPE __ gauge', '__{_="an"} 1', '# TYPE gr__e stateset', 'gr__e{gr__e="klein"} 1', '# EOF'),
    )
  })
})
