import { createServer, type RequestListener } from 'node:http'
import { expect } from 'chai'
import { ask, counted, Fixture } from '../instrument/http/support'

interface Context {
  readonly req: { readonly raw: unknown; readonly path: string }
  readonly env: unknown
  readonly secret?: string
  res: Response
  text(body: string, status?: number): unknown
}
interface App {
  readonly fetch: (request: unknown, env: unknown) => unknown
  mount(path: string, fetch: unknown): void
  onError(handler: (error: unknown, context: Context) => unknown): void
  route(path: string, app: App): void
  all(path: string, handler: (context: Context) => unknown): void
  get(path: string, handler: (context: Context, next: () => Promise<void>) => unknown): void
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
      app.get('/alone', (_context, next) => next())
      app.use('/passed/*', (_context, next) => next())
      app.get('/passed/:name', (_context, next) => next())
      app.get('/rest', (...given) => given[1]())
      app.get('/late/:name', async (context, next) => {
        await next()
        context.res = new Response('found after all')
      })
      app.get('/none/:name', (context, _next) => context.text('no such name', 404))
      const server = createServer(getRequestListener(app.fetch))
      await fixture.started(server)
      const users = ['/fixed', '/users/ada', '/users/bob', '/guarded/x', '/nowhere']
      const paths = [...users, '/alone', '/rest', '/passed/x', '/late/x', '/none/x']
      for (const path of paths) await ask(server, 'GET', path)
      const counts = await counted(metrics, paths.length)
      await fixture.end()
      expect(counts).to.deep.equal({
        'GET /fixed 200': 1,
        'GET /users/:name 200': 2,
        'GET /guarded/:name 401': 1,
        'GET (unmatched) 404': 4,
        'GET /late/:name 200': 1,
        'GET /none/:name 404': 1,
      })
    })
  }
})

describe('Hono within Hono', () => {
  it('tells the routes of mounted applications, below their mounts, and of those that are handed the whole path', async () => {
    const { Hono } = require('hono') as { Hono: new () => App }
    const { getRequestListener } = require('@hono/node-server') as {
      getRequestListener(fetch: unknown): RequestListener
    }
    const fixture = new Fixture()
    const metrics = fixture.service()
    const inner = new Hono()
    inner.get('/', (context) => context.text('start'))
    inner.get('/users/:name', (context) => context.text('user'))
    const middle = new Hono()
    middle.mount('/inner', inner.fetch)
    const app = new Hono()
    app.mount('/inner', inner.fetch)
    app.mount('/of/:tenant', middle.fetch)
    app.mount('/other', () => new Response('other'))
    app.all('/users/*', ({ req, env }) => inner.fetch(req.raw, env))
    const server = createServer(getRequestListener(app.fetch))
    await fixture.started(server)
    const paths = ['/inner', '/inner/users/1', '/inner/none', '/of/1/inner/users/2', '/other/x', '/users/3']
    for (const path of paths) await ask(server, 'GET', path)
    const counts = await counted(metrics, paths.length)
    await fixture.end()
    expect(counts).to.deep.equal({
      'GET /inner 200': 1,
      'GET /inner/users/:name 200': 1,
      'GET (unmatched) 404': 1,
      'GET /of/:tenant/inner/users/:name 200': 1,
      'GET /other/* 200': 1,
      'GET /users/:name 200': 1,
    })
  })

  it('tells what a mounted application and middleware answer before a route for everything', async () => {
    const { Hono } = require('hono') as { Hono: new () => App }
    const { getRequestListener } = require('@hono/node-server') as {
      getRequestListener(fetch: unknown): RequestListener
    }
    const fixture = new Fixture()
    const metrics = fixture.service()
    const inner = new Hono()
    inner.get('/known', (context) => context.text('known'))
    const app = new Hono()
    app.use('/other/*', (context, next) => (context.secret ? next() : context.text('no', 401)))
    app.mount('/inner', inner.fetch)
    app.mount('/fetch', ({ url }: Request) => new Response('', { status: url.endsWith('/none') ? 404 : 200 }))
    app.get('/other/:name', (context) => context.text('never'))
    app.use('/assets/*', (context, next) => (context.req.path.endsWith('.js') ? context.text('file') : next()))
    // Its handlers are within a function of Hono's own, which has another number of parameters.
    const sub = new Hono()
    sub.onError((_error, context) => context.text('failed', 500))
    sub.all('/all/*', (context) => context.text('no such file', 404))
    app.route('/sub', sub)
    app.get('*', (context) => context.text('page'))
    const server = createServer(getRequestListener(app.fetch))
    await fixture.started(server)
    const paths = [
      '/inner/known',
      '/inner/none',
      '/fetch/x',
      '/fetch/none',
      '/other/x',
      '/other/x/y',
      '/assets/a.js',
      '/assets/none',
      '/sub/all/x',
      '/page',
    ]
    for (const path of paths) await ask(server, 'GET', path)
    const counts = await counted(metrics, paths.length)
    await fixture.end()
    expect(counts).to.deep.equal({
      'GET /inner/known 200': 1,
      'GET (unmatched) 404': 2,
      'GET /fetch/* 200': 1,
      'GET /other/:name 401': 1,
      'GET /other/* 401': 1,
      'GET /assets/* 200': 1,
      'GET /* 200': 2,
      'GET /sub/all/* 404': 1,
    })
  })
})
