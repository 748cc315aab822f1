import { availableParallelism } from 'node:os'
import { expect } from 'chai'
import { METERKIT, type Observed, observe } from './observe'
import { ROWS, type Row } from './rows'
import { expected, scenariosOf } from './scenarios'
import { Setting } from './setting'
import { programFor, START_UPS, type StartUp } from './start-ups'
import { commit, committed, measuredTables } from './tables'

const MARK = 'Measured'

describe('The series of real servers', () => {
  const observations = new Map<string, Promise<Observed>>()
  const key = (row: Row, startUp: StartUp) => `${row.name} ${startUp}`
  let setting: Setting

  before(() => {
    setting = new Setting(availableParallelism())
    const { sockets } = setting
    for (const row of ROWS) {
      // Built while the others are served.
      const built = setting.built(row.app)
      for (const startUp of startUpsOf(row)) {
        const observation = built.then(() =>
          setting.inTurn(async () => observe(row, await programFor(row, startUp), sockets, METERKIT)),
        )
        // Whoever waits for it is told.
        observation.catch(() => {})
        observations.set(key(row, startUp), observation)
      }
    }
  })

  after(() => setting.end())

  for (const row of ROWS) {
    describe(row.name, () => {
      for (const startUp of startUpsOf(row)) {
        it(START_UPS[startUp], async () => {
          const wanted = scenariosOf(row).map((scenario) => [scenario, expected(scenario, row)])
          expect(await observations.get(key(row, startUp))).to.deep.equal(Object.fromEntries(wanted))
        })
      }
    })
  }

  // Behind the others, which have waited for what it needs.
  describe('all together', () => {
    it('stand in docs/HTTP.md', async () => {
      const found = new Map<string, Observed>()
      for (const [name, observation] of observations) found.set(name, await observation)
      const tables = measuredTables((row, startUp) => found.get(key(row, startUp)) ?? {})
      if (process.env.WRITE !== undefined) commit(MARK, tables)
      expect(committed(MARK)).to.equal(tables)
    })
  })
})

function startUpsOf({ without }: Row): readonly StartUp[] {
  return (Object.keys(START_UPS) as StartUp[]).filter((startUp) => without?.[startUp] === undefined)
}
