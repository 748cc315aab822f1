import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { METERKIT, observe } from './observe'
import { ROWS } from './rows'
import { expected, scenariosOf } from './scenarios'
import { Setting } from './setting'
import { BUILT, compile } from './start-ups'

/** By the application: a middleware that leaves the framework's context on the request, and `route`, which reads it there. */
const HINTS: Readonly<Record<string, { readonly middleware: string; readonly route: string }>> = {
  koa: {
    middleware: '(context, next) => { context.req.koa = context; return next() }',
    route: '(request) => request.koa?._matchedRoute',
  },
  hono: {
    middleware: '(context, next) => { context.env.incoming.hono = context; return next() }',
    route: '({ hono }) => (hono === undefined || routePath(hono, -1).endsWith("*") ? undefined : routePath(hono, -1))',
  },
}

describe('The routes of a bundled framework whose context is left on the request', () => {
  let setting: Setting

  before(() => {
    setting = new Setting(1)
  })
  after(() => setting.end())

  for (const [app, { middleware, route }] of Object.entries(HINTS)) {
    it(`are all known: ${app}`, async () => {
      const source = join(BUILT, `${app}.hints.mjs`)
      writeFileSync(
        source,
        `import { initMetrics } from 'meterkit'
import { routePath } from 'hono/route'
import { serve } from '../apps/${app}.mjs'
import { attend } from '../attend.mjs'

const metrics = initMetrics({ prometheus: { server: false }, runtime: false, logger: false, http: { route: ${route} } })
Promise.resolve(serve({ middleware: ${middleware} })).then((server) =>
  attend(server, async () => (await metrics.render()).body),
)
`,
      )
      const file = source.replace(/mjs$/, 'cjs')
      await compile(source, file, true)
      const row = ROWS.find((one) => one.app === app)
      if (row === undefined) throw new Error(`${app} is no application`)
      const wanted = scenariosOf(row).map((scenario) => [scenario, expected(scenario, row, 'esm')])
      const found = await observe(row, { file, flags: [] }, setting.sockets, METERKIT)
      expect(found).to.deep.equal(Object.fromEntries(wanted))
    })
  }
})
