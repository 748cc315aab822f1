import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { METERKIT, observe } from './observe'
import { ROWS } from './rows'
import { expected, scenariosOf } from './scenarios'
import { Setting } from './setting'
import { BUILT } from './start-ups'

/** Frameworks in which something of ours stays when a service stops. */
const APPS = ['hono', 'h3']

describe('A service that starts when another has measured the application and stopped', () => {
  let setting: Setting

  before(() => {
    setting = new Setting(1)
  })
  after(() => setting.end())

  for (const app of APPS) {
    it(`knows all routes: ${app}`, async () => {
      const file = join(BUILT, `${app}.later.mjs`)
      writeFileSync(
        file,
        `import { createMetrics } from 'meterkit'
import { serve } from '../apps/${app}.mjs'
import { attend } from '../attend.mjs'

const start = () => createMetrics({ prometheus: { server: false }, runtime: false, logger: false })
const before = start()
const server = await serve()
await (await fetch('http://127.0.0.1:' + server.address().port + '/org/acme/users/42')).text()
const beside = start()
await before.shutdown()
const metrics = start()
await beside.shutdown()
attend(server, async () => (await metrics.render()).body)
`,
      )
      const row = ROWS.find((one) => one.app === app)
      if (row === undefined) throw new Error(`${app} is no application`)
      const wanted = scenariosOf(row).map((scenario) => [scenario, expected(scenario, row)])
      const found = await observe(row, { file, flags: [] }, setting.sockets, METERKIT)
      expect(found).to.deep.equal(Object.fromEntries(wanted))
    })
  }
})
