import { createServer, type RequestListener } from 'node:http'
import { expect } from 'chai'
import { ask, counted, Fixture } from '../instrument/http/support'

interface Context {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  status: number
  body: unknown
}
type Middleware = (context: Context, next: () => Promise<void>) => unknown
interface Router {
  use(path: string | Middleware, middleware?: Middleware): Router
  get(path: string, middleware: Middleware): Router
  all(path: string, middleware: Middleware): Router
  routes(): Middleware
}

const answer: Middleware = (context) => {
  context.body = 'answer'
}

const guard: Middleware = (context, next) => {
  if (context.query.deny === undefined) return next()
  context.status = 403
  return undefined
}

const file: Middleware = (context, next) => (context.path.endsWith('.js') ? answer(context, next) : next())

describe('Koa: what middleware of a router has answered', () => {
  it('counts under the route that it stands before, or below its own path where only a route for everything follows', async () => {
    const Koa: new () => { use(middleware: Middleware): void; callback(): RequestListener } = require('koa')
    const koaRouter = require('@koa/router') as { Router: new (options?: { prefix: string }) => Router }
    const fixture = new Fixture()
    const metrics = fixture.service()
    const router = new koaRouter.Router().use(guard).use('/assets', file)
    router.get('/users/:id', answer).all('/{*path}', answer)
    const prefixed = new koaRouter.Router({ prefix: '/api/:version' }).use(guard).use('/assets', file)
    prefixed.get('/users/:id', answer).all('/{*path}', answer)
    const app = new Koa()
    app.use(prefixed.routes())
    app.use(router.routes())
    const server = createServer(app.callback())
    await fixture.started(server)
    const below = ['/users/1', '/users/1?deny=1', '/page', '/page?deny=1', '/assets/a.js', '/assets/none']
    const paths = ['', '/api/1'].flatMap((base) => below.map((path) => base + path))
    for (const path of paths) await ask(server, 'GET', path)
    const counts = await counted(metrics, paths.length)
    await fixture.end()
    expect(counts).to.deep.equal({
      'GET /users/:id 200': 1,
      'GET /users/:id 403': 1,
      'GET /{*path} 200': 2,
      'GET /{*path} 403': 1,
      'GET /assets 200': 1,
      'GET /api/:version/users/:id 200': 1,
      'GET /api/:version/users/:id 403': 1,
      'GET /api/:version/{*path} 200': 2,
      'GET /api/:version/{*path} 403': 1,
      'GET /api/:version/assets 200': 1,
    })
  })
})
