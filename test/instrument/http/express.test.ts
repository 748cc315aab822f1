import { expect } from 'chai'
import type { Express } from 'express'
import express from 'express'
import { answer, ExpressFixture, notFound, pass } from './express-fixture'
import { ask, counted, inFlight } from './support'

describe('HTTP: Express 5', () => {
  let fixture: ExpressFixture
  let app: Express

  beforeEach(() => {
    fixture = new ExpressFixture()
    app = fixture.app
  })
  afterEach(() => fixture.end())

  it('counts by the template of the route', async () => {
    app.get('/', answer)
    app.get('/users/:id', answer)
    app.route('/orders').post(answer).all(answer)
    expect(
      await fixture.countsOf(
        'GET /',
        'GET /users/1',
        'GET /users/ann?x=1',
        'HEAD /users/1',
        'POST /orders',
        'PUT /orders',
      ),
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
      await fixture.countsOf(
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
    expect(await fixture.countsOf('GET /org/1', 'GET /org/deep/last')).to.deep.equal({
      'GET /org/:id 200': 1,
      'GET /org/deep/last 200': 1,
    })
  })

  it('tells a mount beside one that is the beginning of its path from a mount within that', async () => {
    const router = (...routes: string[]) => routes.reduce((made, route) => made.get(route, answer), express.Router())
    app.use('/api', pass)
    app.use('/api/admin', router('/x/:id').use('/y/:id', pass).use('/y/:id/z', answer))
    app.use('/v', router('/none'), express.Router().use(express.Router().use('/:version', pass, router('/here'))))
    app.use('/v/:version', router('/q/:id'))
    const inner = express()
    inner.use('/:name', pass)
    inner.use('/:name/n', router('/r/:id'))
    app.use('/inner', inner)
    expect(
      await fixture.countsOf(
        'GET /api/admin/x/1',
        'GET /api/admin/y/1/z?a=b',
        'GET /v/1/here',
        'GET /v/1/q/1',
        'GET /inner/1/n/r/1',
        'GET /api/admin/x/%20',
      ),
    ).to.deep.equal({
      'GET /api/admin/x/:id 200': 2,
      'GET /api/admin/y/:id/z 200': 1,
      'GET /v/:version/here 200': 1,
      'GET /v/:version/q/:id 200': 1,
      'GET /inner/:name/n/r/:id 200': 1,
    })
  })

  it('keeps a mount that may match nothing below the one that it hangs in, and beside its siblings', async () => {
    const versions = express.Router()
    versions.use('{/v-:version}', express.Router().get('/x', answer))
    versions.use('{/w-:version}', express.Router().get('/y', answer))
    app.use('/api', versions)
    expect(await fixture.countsOf('GET /api/x', 'GET /api/v-1/x', 'GET /api/y')).to.deep.equal({
      'GET /api{/v-:version}/x 200': 2,
      'GET /api{/w-:version}/y 200': 1,
    })
  })

  it('leaves a mount that has matched nothing and passed the request on', async () => {
    const versions = express.Router().get('/x', answer)
    const inner = express.Router()
    inner.use('{/v-:version}', versions)
    inner.get('/y', answer)
    inner.use('/z', express.Router().get('/:id', answer))
    inner.use('{/w-:version}', express().get('/in', answer))
    app.use('{/l-:language}', pass)
    app.use('/by/:name', (request, response, next) => inner(request, response, next))
    app.use(inner)
    app.get('/about', answer)
    app.use('/static/:file', answer)
    const paths = ['/about', '/static/1', '/y', '/z/1', '/x', '/in', '/by/1/y', '/by/1/x', '/by/1/v-1/x', '/by/1/z/1']
    expect(await fixture.countsOf(...paths.map((path) => `GET ${path}`))).to.deep.equal({
      'GET /about 200': 1,
      'GET /static/:file 200': 1,
      'GET /y 200': 1,
      'GET /z/:id 200': 1,
      'GET {/v-:version}/x 200': 1,
      'GET {/w-:version}/in 200': 1,
      'GET /by/:name/y 200': 1,
      'GET /by/:name{/v-:version}/x 200': 2,
      'GET /by/:name/z/:id 200': 1,
    })
  })

  it('keeps what a function calls below a mount that has matched nothing, until the function passes the request on', async () => {
    const users = express.Router().get('/users/:id', answer)
    const versions = express.Router()
    versions.use('{/v-:version}', (request, response, next) => users(request, response, next))
    versions.get('/about', answer)
    app.use('/api', versions)
    const paths = ['/api/users/1', '/api/v-1/users/1', '/api/about']
    expect(await fixture.countsOf(...paths.map((path) => `GET ${path}`))).to.deep.equal({
      'GET /api{/v-:version}/users/:id 200': 2,
      'GET /api/about 200': 1,
    })
  })

  it('keeps a mount that may match nothing beside one that has matched the same text', async () => {
    app.use('/:name', pass)
    app.use('{/a}', express.Router().get('/:id', answer))
    expect(await fixture.countsOf('GET /a/1')).to.deep.equal({ 'GET {/a}/:id 200': 1 })
  })

  it('joins the templates of a mounted application', async () => {
    const admin = express()
    admin.get('/jobs/:job', answer)
    admin.use(notFound)
    app.use('/tenants/:tenant', admin)
    expect(await fixture.countsOf('GET /tenants/a/jobs/1', 'GET /tenants/a/none')).to.deep.equal({
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
      await fixture.countsOf(
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

  it('counts the route that answers, not one before that has passed the request on', async () => {
    app.get('/users/:id', pass)
    app.get('/users/:name', (request, response, next) => (request.params.name === 'x' ? next('route') : response.end()))
    app.get('/users/x', answer)
    expect(await fixture.countsOf('GET /users/1', 'GET /users/x')).to.deep.equal({
      'GET /users/:name 200': 1,
      'GET /users/x 200': 1,
    })
  })

  it('counts OPTIONS, also of everything', async () => {
    app.get('/known', answer)
    expect(await fixture.countsOf('OPTIONS /known', 'OPTIONS *')).to.deep.equal({
      'OPTIONS (unmatched) 200': 1,
      'OPTIONS (unmatched) 404': 1,
    })
  })

  it('counts a client that left under the route that it waited for', async () => {
    app.use(
      '/org/:id',
      express.Router().get('/slow', () => {}),
    )
    const server = await fixture.serve()
    const socket = await fixture.socket(server)
    socket.write('GET /org/1/slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await inFlight(fixture.metrics, 1)
    socket.destroy()
    expect(await counted(fixture.metrics, 1)).to.deep.equal({ 'GET /org/:id/slow 499': 1 })
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
    const server = await fixture.serve()
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => ask(server, 'GET', `/${i % 2 === 0 ? 'one' : 'two'}/${i}/x`)),
    )
    expect(await counted(fixture.metrics, 100)).to.deep.equal({ 'GET /one/:id/x 200': 50, 'GET /two/:id/x 200': 50 })
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
    expect(await counted(fixture.metrics, 8)).to.deep.equal({
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
