import { createServer, type RequestListener } from 'node:http'
import { expect } from 'chai'
import { ask, counted, Fixture } from '../instrument/http/support'

interface Context {
  readonly secret?: string
  text(body: string, status?: number): unknown
}
interface App {
  readonly fetch: unknown
  get(path: string, handler: (context: Context) => unknown): void
  use(path: string, handler: (context: Context, next: () => Promise<void>) => unknown): void
}

const ROUTERS = {
  RegExpRouter: 'reg-exp-router',
  TrieRouter: 'trie-router',
  LinearRouter: 'linear-router',
  PatternRouter: 'pattern-router',
}

describe('Hono with a router that the application has chosen', () => {
  for (const [name, file] of Object.entries(ROUTERS)) {
    it(`tells all routes: ${name}`, async () => {
      const { Hono } = require('hono') as { Hono: new (options: { router: unknown }) => App }
      const { getRequestListener } = require('@hono/node-server') as {
        getRequestListener(fetch: unknown): RequestListener
      }
      const Router = require(`hono/router/${file}`)[name] as new () => unknown
      const fixture = new Fixture()
      const metrics = fixture.service()
      const app = new Hono({ router: new Router() })
      app.use('/guarded/*', (context, next) => (context.secret ? next() : context.text('no', 401)))
      app.get('/fixed', (context) => context.text('fixed'))
      app.get('/users/:name', (context) => context.text('user'))
      app.get('/guarded/:name', (context) => context.text('never'))
      const server = createServer(getRequestListener(app.fetch))
      await fixture.started(server)
      for (const path of ['/fixed', '/users/ada', '/users/bob', '/guarded/x', '/nowhere'])
        await ask(server, 'GET', path)
      const counts = await counted(metrics, 5)
      await fixture.end()
      expect(counts).to.deep.equal({
        'GET /fixed 200': 1,
        'GET /users/:name 200': 2,
        'GET /guarded/:name 401': 1,
        'GET (unmatched) 404': 1,
      })
    })
  }
})
