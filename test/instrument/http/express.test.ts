import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { expect } from 'chai'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import express from 'express'
import type { Meterkit } from '../../../src/init'
import { ask, counted, Fixture, inFlight, inFlightOf } from './support'

const answer: RequestHandler = (_request, response) => {
  response.end('ok')
}
const pass: RequestHandler = (_request, _response, next) => next()
const notFound: RequestHandler = (_request, response) => {
  response.status(404).end('nothing here')
}
const failure = (status: number) => Object.assign(new Error(`failed with ${status}`), { status, expose: true })
const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
  response.status(error.status ?? 500).end('failed')
}

describe('HTTP: Express 5', () => {
  let fixture: Fixture
  let metrics: Meterkit
  let app: Express

  beforeEach(() => {
    fixture = new Fixture()
    metrics = fixture.service()
    app = express()
    app.set('env', 'test')
  })
  afterEach(() => fixture.end())

  async function serve(): Promise<Server> {
    const server = createServer(app)
    await fixture.started(server)
    return server
  }

  /** Asks for each `METHOD /path` in turn and gives what was counted. */
  async function countsOf(...requests: string[]): Promise<Record<string, number>> {
    const server = await serve()
    for (const request of requests) {
      const [method = '', path = ''] = request.split(' ')
      await ask(server, method, path)
    }
    const counts = await counted(metrics, requests.length)
    expect(Object.values(await inFlightOf(metrics)).every((value) => value === 0)).to.equal(true)
    return counts
  }

  it('counts by the template of the route', async () => {
    app.get('/', answer)
    app.get('/users/:id', answer)
    app.route('/orders').post(answer).all(answer)
    expect(
      await countsOf('GET /', 'GET /users/1', 'GET /users/ann?x=1', 'HEAD /users/1', 'POST /orders', 'PUT /orders'),
    ).to.deep.equal({
      'GET / 200': 1,
      'GET /users/:id 200': 2,
      'HEAD /users/:id 200': 1,
      'POST /orders 200': 1,
      'PUT /orders 200': 1,
    })
  })

  it('joins the templates of nested routers, parametric mounts included', async () => {
    const users = express.Router({ mergeParams: true })
    users.get('/', answer)
    users.get('/:user', answer)
    const org = express.Router({ mergeParams: true })
    org.use(pass)
    org.use('/users', users)
    org.get('/about', answer)
    app.use('/org/:id', pass, org)
    app.use('/members/', users)
    app.use(users)
    expect(
      await countsOf(
        'GET /org/1/users/2',
        'GET /org/2/users',
        'GET /org/3/about',
        'GET /members/7',
        'GET /ann',
        'GET /org/4/none',
      ),
    ).to.deep.equal({
      'GET /org/:id/users/:user 200': 1,
      'GET /org/:id/users 200': 1,
      'GET /org/:id/about 200': 1,
      'GET /members/:user 200': 1,
      'GET /:user 200': 1,
      'GET (unmatched) 404': 1,
    })
  })

  it('finds its way out of routers that have matched nothing', async () => {
    const empty = express.Router()
    empty.use('/deep', express.Router().get('/nothing', answer))
    app.use('/:any', empty)
    app.use('/org', express.Router().get('/:id', answer))
    app.use(express.Router().get('/org/deep/last', answer))
    expect(await countsOf('GET /org/1', 'GET /org/deep/last')).to.deep.equal({
      'GET /org/:id 200': 1,
      'GET /org/deep/last 200': 1,
    })
  })

  it('keeps a mount that may match nothing below the one that it hangs in, and beside its siblings', async () => {
    const versions = express.Router()
    versions.use('{/v-:version}', express.Router().get('/x', answer))
    versions.use('{/w-:version}', express.Router().get('/y', answer))
    app.use('/api', versions)
    expect(await countsOf('GET /api/x', 'GET /api/v-1/x', 'GET /api/y')).to.deep.equal({
      'GET /api{/v-:version}/x 200': 2,
      'GET /api{/w-:version}/y 200': 1,
    })
  })

  it('joins the templates of a mounted application', async () => {
    const admin = express()
    admin.get('/jobs/:job', answer)
    admin.use(notFound)
    app.use('/tenants/:tenant', admin)
    expect(await countsOf('GET /tenants/a/jobs/1', 'GET /tenants/a/none')).to.deep.equal({
      'GET /tenants/:tenant/jobs/:job 200': 1,
      'GET (unmatched) 404': 1,
    })
  })

  it('gives arrays and expressions a stable text', async () => {
    app.get(['/cats/:id', '/dogs/:id'], answer)
    app.get(/^\/files\/(.*)\.txt$/, answer)
    app.use(['/v1', '/v2/:flavour'], express.Router().get('/things', answer))
    app.use(/\/re[xg]/, express.Router().get('/:id', answer))
    app.get('/rest/*splat', answer)
    expect(
      await countsOf(
        'GET /cats/1',
        'GET /dogs/1',
        'GET /files/a/b.txt',
        'GET /v1/things',
        'GET /v2/sweet/things',
        'GET /reg/1',
        'GET /rest/a/b',
      ),
    ).to.deep.equal({
      'GET /cats/:id 200': 1,
      'GET /dogs/:id 200': 1,
      'GET /^\\\\/files\\\\/(.*)\\\\.txt$/ 200': 1,
      'GET /v1/things 200': 1,
      'GET /v2/:flavour/things 200': 1,
      'GET /\\\\/re[xg]//:id 200': 1,
      'GET /rest/*splat 200': 1,
    })
  })

  it('counts what matches nothing as (unmatched), whatever the path', async () => {
    app.get('/known/:id', answer)
    expect(await countsOf('GET /wp-login.php', 'GET /users/1', 'POST /known/1', 'GET /known/%E0%A4%A')).to.deep.equal({
      'GET (unmatched) 404': 2,
      'POST (unmatched) 404': 1,
      'GET (unmatched) 400': 1,
    })
  })

  it('keeps the route of a handler that finds nothing', async () => {
    app.get('/users/:id', notFound)
    app.use('/org/:id', express.Router().get('/:user', notFound))
    expect(await countsOf('GET /users/1', 'GET /org/1/2')).to.deep.equal({
      'GET /users/:id 404': 1,
      'GET /org/:id/:user 404': 1,
    })
  })

  it('forgets a failure that an error handler has mended', async () => {
    app.get('/users/:id', (_request, _response, next) => next(failure(500)))
    app.use(((_error, _request, _response, next) => next()) satisfies ErrorRequestHandler)
    app.get('/users/:name', pass)
    expect(await countsOf('GET /users/1')).to.deep.equal({ 'GET (unmatched) 404': 1 })
  })

  it('forgets a route whose handler has called next()', async () => {
    app.get('/users/:id', pass)
    app.use('/api', express.Router().get('/:thing', pass))
    expect(await countsOf('GET /users/1', 'GET /api/1')).to.deep.equal({ 'GET (unmatched) 404': 2 })
  })

  it('forgets such a route before a not-found handler of the application, too', async () => {
    app.all('/{*rest}', pass)
    app.get('/', pass)
    app.use((_request, _response, next) => next(failure(404)))
    app.use(answerError)
    expect(await countsOf('GET /', 'GET /x')).to.deep.equal({ 'GET (unmatched) 404': 2 })
  })

  it('counts the route that answers, not one before that has passed the request on', async () => {
    app.get('/users/:id', pass)
    app.get('/users/:name', (request, response, next) => (request.params.name === 'x' ? next('route') : response.end()))
    app.get('/users/x', answer)
    expect(await countsOf('GET /users/1', 'GET /users/x')).to.deep.equal({
      'GET /users/:name 200': 1,
      'GET /users/x 200': 1,
    })
  })

  it("keeps the route of a handler that fails, with the application's error handler or without", async () => {
    const boom: RequestHandler = (request) => {
      throw failure(Number(request.query.status))
    }
    const late: RequestHandler = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw failure(503)
    }
    app.get('/plain/:id', boom)
    app.get('/late/:id', late)
    app.use('/api/:v', express.Router().get('/boom/:id', boom).use(answerError))
    expect(
      await countsOf(
        'GET /plain/1?status=500',
        'GET /plain/1?status=404',
        'GET /late/1',
        'GET /api/1/boom/2?status=404',
        'GET /api/1/boom/2?status=418',
      ),
    ).to.deep.equal({
      'GET /plain/:id 500': 1,
      'GET /plain/:id 404': 1,
      'GET /late/:id 503': 1,
      'GET /api/:v/boom/:id 404': 1,
      'GET /api/:v/boom/:id 418': 1,
    })
  })

  it('counts what middleware answers under its mount, or as (unmatched) at the root', async () => {
    app.use('/health', answer)
    app.use('/static/:bundle', (request, response, next) => (request.url === '/app.js' ? response.end() : next()))
    app.use('/api', notFound)
    app.use('/gone', (_request, _response, next) => next(failure(404)))
    app.use((request, response, next) => (request.url === '/denied' ? response.status(401).end() : next()))
    expect(
      await countsOf(
        'GET /health',
        'GET /static/x/app.js',
        'GET /static/x/none',
        'GET /api/x',
        'GET /gone/x',
        'GET /denied',
      ),
    ).to.deep.equal({
      'GET /health 200': 1,
      'GET /static/:bundle 200': 1,
      'GET (unmatched) 404': 3,
      'GET (unmatched) 401': 1,
    })
  })

  it('counts what a parameter callback answers under the route that it was called for', async () => {
    const router = express.Router()
    router.param('id', (_request, response, next, id) => {
      if (id === '0') response.status(403).end()
      else next(id === 'none' ? failure(404) : undefined)
    })
    router.param('tenant', (_request, _response, next, tenant) => (tenant === '0' ? next(failure(404)) : next()))
    router.get('/:id', answer)
    router.use('/of/:tenant', express.Router().get('/x', answer))
    app.use('/items', router)
    expect(
      await countsOf('GET /items/0', 'GET /items/1', 'GET /items/none', 'GET /items/of/0/x', 'GET /items/of/1/x'),
    ).to.deep.equal({
      'GET /items/:id 403': 1,
      'GET /items/:id 200': 1,
      'GET /items/:id 404': 1,
      'GET (unmatched) 404': 1,
      'GET /items/of/:tenant/x 200': 1,
    })
  })

  it('keeps the route of a handler that answers and then calls next()', async () => {
    app.get('/eager/:id', (_request, response, next) => {
      response.end('ok')
      next()
    })
    app.use(pass)
    expect(await countsOf('GET /eager/1')).to.deep.equal({ 'GET /eager/:id 200': 1 })
  })

  it('counts OPTIONS, also of everything', async () => {
    app.get('/known', answer)
    expect(await countsOf('OPTIONS /known', 'OPTIONS *')).to.deep.equal({
      'OPTIONS (unmatched) 200': 1,
      'OPTIONS (unmatched) 404': 1,
    })
  })

  it('counts a client that left under the route that it waited for', async () => {
    app.use(
      '/org/:id',
      express.Router().get('/slow', () => {}),
    )
    const server = await serve()
    const socket = await fixture.socket(server)
    socket.write('GET /org/1/slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await inFlight(metrics, 1)
    socket.destroy()
    expect(await counted(metrics, 1)).to.deep.equal({ 'GET /org/:id/slow 499': 1 })
  })

  it('measures an application that was made before', async () => {
    const early = express().use('/a/:b', express.Router().get('/c/:d', answer))
    const server = await fixture.listen(early)
    const late = fixture.service()
    await ask(server, 'GET', '/a/1/c/2')
    expect(await counted(late, 1)).to.deep.equal({ 'GET /a/:b/c/:d 200': 1 })
  })

  it('keeps concurrent requests apart', async () => {
    for (const name of ['one', 'two']) {
      app.use(
        `/${name}/:id`,
        express.Router().get('/x', (_request, response) => void setImmediate(() => response.end())),
      )
    }
    const server = await serve()
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => ask(server, 'GET', `/${i % 2 === 0 ? 'one' : 'two'}/${i}/x`)),
    )
    expect(await counted(metrics, 100)).to.deep.equal({ 'GET /one/:id/x 200': 50, 'GET /two/:id/x 200': 50 })
  })

  it('reads the request where the router publishes nothing, as Express 4', async () => {
    const requests: Record<string, object> = {
      '/org/1/users/2': { baseUrl: '/org/1', route: { path: '/users/:id' } },
      '/cats': { baseUrl: '', route: { path: ['/cats', '/dogs'] } },
      '/x.txt': { baseUrl: '', route: { path: /\.txt$/ } },
      '/root': { baseUrl: '/root', route: { path: '/' } },
      '/': { baseUrl: '', route: { path: '/' } },
      '/middleware': { baseUrl: '' },
      '/left?status=404': { baseUrl: undefined, route: { path: '/:left' } },
      '/thrown?status=500': { baseUrl: undefined, route: { path: '/:thrown' } },
    }
    const server = await fixture.listen((request, response) => {
      Object.assign(request, requests[request.url ?? ''])
      response.writeHead(Number(request.url?.split('status=')[1] ?? 200)).end()
    })
    for (const path of Object.keys(requests)) await ask(server, 'GET', path)
    expect(await counted(metrics, 8)).to.deep.equal({
      'GET /org/:id/users/:id 200': 1,
      'GET /cats|/dogs 200': 1,
      'GET /\\\\.txt$/ 200': 1,
      'GET /root 200': 1,
      'GET / 200': 1,
      'GET (unmatched) 200': 1,
      'GET (unmatched) 404': 1,
      'GET /:thrown 500': 1,
    })
  })
})
