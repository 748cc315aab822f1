import { InstrumentType, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { TestService } from '../support/test-service'

const KINDS = {
  counter: InstrumentType.COUNTER,
  upDownCounter: InstrumentType.UP_DOWN_COUNTER,
  gauge: InstrumentType.GAUGE,
  histogram: InstrumentType.HISTOGRAM,
  observableCounter: InstrumentType.OBSERVABLE_COUNTER,
  observableUpDownCounter: InstrumentType.OBSERVABLE_UP_DOWN_COUNTER,
  observableGauge: InstrumentType.OBSERVABLE_GAUGE,
} as const

/** The metrics of a facade, one of each kind and some with a unit, that a view with these selectors describes. */
async function selectedBy(selectors: ViewOptions): Promise<string[]> {
  const service = new TestService({ views: [{ ...selectors, description: 'selected' }] })
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    for (const unit of ['', 's']) {
      const name = `${kind}${unit && '_seconds'}`
      if (!kind.startsWith('observable')) service.metrics[kind]({ name, unit })
      else service.metrics[kind as 'observableGauge']({ name, unit, callback: (result) => result.observe(1) })
    }
  }
  service.meterProvider.getMeter('library', '1.0').createCounter('counter').add(1)
  const metrics = await service.collect()
  return metrics
    .filter(({ descriptor }) => descriptor.description === 'selected')
    .map(({ descriptor }) => descriptor.name)
}

describe('A view selects instruments of the facade', () => {
  for (const [kind, instrumentType] of Object.entries(KINDS)) {
    it(`by their type: ${instrumentType}`, async () => {
      const names = await selectedBy({ instrumentType, meterName: 'meterkit' })
      expect(names).to.deep.equal([kind, `${kind}_seconds`])
    })
  }

  it('by their unit', async () => {
    const names = await selectedBy({ instrumentUnit: 's' })
    expect(names).to.deep.equal(Object.keys(KINDS).map((kind) => `${kind}_seconds`))
  })

  it('by meterkit as their meter, which has neither version nor schema', async () => {
    expect(await selectedBy({ meterName: 'meterkit' })).to.have.lengthOf(14)
    expect(await selectedBy({ instrumentName: 'counter', meterName: 'meterkit', meterVersion: '' })).to.deep.equal([
      'counter',
    ])
    expect(await selectedBy({ meterName: 'meterkit', meterVersion: '1.0' })).to.deep.equal([])
    expect(await selectedBy({ meterName: 'meterkit', meterSchemaUrl: 'https://s/1' })).to.deep.equal([])
  })

  it('together with those of libraries that have the same name', async () => {
    expect(await selectedBy({ instrumentName: 'counter' })).to.deep.equal(['counter', 'counter'])
    expect(await selectedBy({ instrumentName: 'counter', meterVersion: '1.0' })).to.deep.equal(['counter'])
  })
})
