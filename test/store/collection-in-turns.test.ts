import { expect } from 'chai'
import { inSlowMotion } from '../support/slow-motion'
import { TestService } from '../support/test-service'

const SERIES = 5_000

/** A metric `m` with series that expire after a second. */
function expiring({ metrics }: TestService, kind: 'counter' | 'gauge' | 'histogram') {
  const instrument = metrics[kind]({ name: 'm', labelNames: ['id'], expireAfterMs: 1_000 })
  const record = (id: string) => {
    if ('set' in instrument) instrument.set(1, { id })
    else if ('record' in instrument) instrument.record(1, { id })
    else instrument.add(1, { id })
  }
  return { record, clear: () => instrument.clear() }
}

describe('collection in turns with the application', () => {
  const ids = Array.from({ length: SERIES }, (_, index) => `${index}`)

  it('has bound counters write what they hold back', async () => {
    const service = new TestService({ cardinalityLimit: SERIES })
    const counter = service.metrics.counter({ name: 'c_total', labelNames: ['id'] })
    const bound = ids.map((id) => counter.bind({ id }))
    for (const each of bound) each.add()
    let turns = 0
    await inSlowMotion(
      () => service.registry.collect(),
      () => void turns++,
    )
    expect(turns).to.be.greaterThan(5)
    const points = await service.points('c_total')
    expect(points.filter(({ value }) => value === 1)).to.have.length(SERIES)
  })

  it('is over when each of those at once is, whichever of them is first', async () => {
    const { now } = performance
    const firsts = new Set<string>()
    for (let slowLooks = 1; slowLooks < 40; slowLooks++) {
      const service = new TestService({ cardinalityLimit: SERIES })
      const { record } = expiring(service, 'gauge')
      ids.forEach(record)
      await service.collect()
      let monotonicMs = 1e6
      service.clock.monotonicMs = () => monotonicMs++
      const ended: string[] = []
      // Turns are short up to some moment, and from then on as long as they have to be.
      const startMs = now.call(performance)
      let looks = 0
      performance.now = () => startMs + Math.min(looks++, slowLooks)
      try {
        for (const name of ['one', 'other']) void service.registry.collect().then(() => ended.push(name))
        await service.registry.whenIdle()
      } finally {
        performance.now = now
      }
      expect(ended, `where ${slowLooks} looks at the time are slow`).to.have.length(2)
      firsts.add(ended[0] as string)
    }
    expect([...firsts]).to.have.members(['one', 'other'])
  })

  for (const kind of ['counter', 'gauge', 'histogram'] as const) {
    it(`drops what has expired, and what came meanwhile stays: ${kind}`, async () => {
      const service = new TestService({ cardinalityLimit: SERIES })
      const { record } = expiring(service, kind)
      ids.forEach(record)
      await service.collect()
      service.clock.advance(1_000)
      let turns = 0
      await inSlowMotion(
        () => service.registry.collect(),
        () => record(`new ${turns++}`),
      )
      expect(turns).to.be.greaterThan(5)
      const points = await service.points('m')
      // Nobody knows whether the last of them came in a turn of the collection or behind its end.
      expect(points.length).to.be.within(turns - 1, turns)
      expect(points.every(({ labels }) => String(labels.id).startsWith('new'))).to.equal(true)
      // There is room for as many as there are not.
      ids.slice(turns).forEach(record)
      expect(await service.points('m')).to.have.length(points.length + SERIES - turns)
    })

    it(`stops where all series are cleared meanwhile: ${kind}`, async () => {
      const service = new TestService({ cardinalityLimit: SERIES })
      const { record, clear } = expiring(service, kind)
      ids.forEach(record)
      await service.collect()
      service.clock.advance(1_000)
      let turns = 0
      await inSlowMotion(
        () => service.registry.collect(),
        () => {
          if (turns++ !== 2) return
          clear()
          ids.forEach(record)
        },
      )
      expect(turns).to.be.greaterThan(2)
      expect(await service.points('m')).to.have.length(SERIES)
    })
  }

  it('drops what was not observed, and has room for what another collection observes meanwhile', async () => {
    const service = new TestService({ cardinalityLimit: SERIES })
    let generation = 0
    service.metrics.observableGauge({
      name: 'm',
      labelNames: ['id'],
      callback: (result) => {
        for (const id of ids) result.observe(generation, { id: `${id} of ${generation}` })
        generation++
      },
    })
    await service.registry.collect()
    let turns = 0
    let there = 0
    let another: Promise<unknown> | undefined
    await inSlowMotion(
      () => service.registry.collect(),
      () => {
        if (turns++ !== 2) return
        there = service.registry.streams.find(({ identity }) => identity.name === 'm')?.table.seriesCount ?? 0
        another = service.registry.collect()
      },
    )
    expect(there).to.be.within(SERIES + 1, 2 * SERIES - 1)
    await another
    const last = generation
    const points = await service.points('m')
    expect(points).to.have.length(SERIES)
    expect(points.every(({ value }) => value === last)).to.equal(true)
  })

  it('finds every series that stays when most others go, and takes back those that went', async () => {
    for (const count of [200, 2_049, 5_000]) {
      const service = new TestService({ cardinalityLimit: count })
      const counter = service.metrics.counter({ name: 'c_total', labelNames: ['id', 'parity'] })
      const labelsOf = (index: number) => ({ id: `${index}`, parity: `${index % 2}` })
      for (let index = 0; index < count; index++) counter.add(index, labelsOf(index))
      for (let index = 0; index < count; index++) if (index % 4 > 0) counter.remove(labelsOf(index))
      for (let index = 0; index < count; index++) counter.add(1, labelsOf(index))
      const points = await service.points('c_total')
      const wanted = new Map(
        Array.from({ length: count }, (_, index) => [`${index}`, index % 4 > 0 ? 1 : index + 1] as const),
      )
      expect(new Map(points.map(({ labels, value }) => [labels.id, value]))).to.deep.equal(wanted)
    }
  })
})
