import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { METERKIT, observe } from './observe'
import { ROWS, type Row } from './rows'
import { expected, scenariosOf } from './scenarios'
import { Setting } from './setting'
import { BUILT, compile, type Packages } from './start-ups'

/** A way to make a bundle, other than those in the table, and which paths it leads to. */
interface Way {
  readonly title: string
  readonly packages: Packages
  /** By the application: what is left on the request by a first middleware, and how `route` reads the route there. */
  readonly hints?: Readonly<Record<string, { readonly middleware: string; readonly route: string }>>
  /** Of the file, which says of what kind it is. */
  readonly extension: string
  /** Further options of esbuild. */
  readonly more?: object
  paths(row: Row): Row['paths'] | undefined
}

const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`

const WAYS: readonly Way[] = [
  {
    title: 'are those of a server without routes: the plugin was not given',
    packages: 'inside',
    extension: 'cjs',
    paths: ({ unannounced }) => unannounced,
  },
  {
    title: 'are all known: it is made as an ES module, beside the library, with the plugin',
    packages: 'announced',
    extension: 'outside.mjs',
    more: { format: 'esm', external: ['meterkit'], banner: { js: REQUIRE } },
    paths: ({ paths }) => paths,
  },
  {
    title: 'are all known: the framework has left its context on the request',
    packages: 'inside',
    hints: {
      koa: {
        middleware: '(context, next) => { context.req.koa = context; return next() }',
        route: '(request) => request.koa?._matchedRoute',
      },
      hono: {
        middleware: '(context, next) => { context.env.incoming.hono = context; return next() }',
        route:
          '({ hono }) => (hono === undefined || routePath(hono, -1).endsWith("*") ? undefined : routePath(hono, -1))',
      },
    },
    extension: 'hints.cjs',
    paths: ({ paths }) => paths,
  },
]

describe('The routes of a bundled framework', () => {
  let setting: Setting

  before(() => {
    setting = new Setting(1)
  })
  after(() => setting.end())

  for (const { title, packages, hints, extension, more, paths } of WAYS) {
    for (const row of ROWS.filter(({ app, unannounced }) => (hints ? app in hints : unannounced !== undefined))) {
      it(`${title}: ${row.app}`, async () => {
        const { route = 'undefined', middleware = 'undefined' } = hints?.[row.app] ?? {}
        const source = join(BUILT, `${row.app}.${extension}.source.mjs`)
        writeFileSync(
          source,
          `import { initMetrics } from 'meterkit'
import { routePath } from 'hono/route'
import { serve } from '../apps/${row.app}.mjs'
import { attend } from '../attend.mjs'

const metrics = initMetrics({ prometheus: { server: false }, runtime: false, logger: false, http: { route: ${route} } })
Promise.resolve(serve({ middleware: ${middleware} })).then((server) =>
  attend(server, async () => (await metrics.render()).body),
)
`,
        )
        const file = join(BUILT, `${row.app}.${extension}`)
        await compile(source, file, packages, more)
        const wanted = paths(row)
        if (wanted === undefined) throw new Error(`${row.app} has no paths`)
        const found = await observe(row, { file, flags: [] }, setting.sockets, METERKIT)
        const scenarios = scenariosOf(row).map((scenario) => [scenario, expected(scenario, { paths: wanted })])
        expect(found).to.deep.equal(Object.fromEntries(scenarios))
      })
    }
  }
})
