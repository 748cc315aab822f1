import { join } from 'node:path'
import { expect } from 'chai'
import type { ErrorRequestHandler, Express, RequestHandler, RequestParamHandler, Router } from 'express'
import express from 'express'
import { answer, answerError, ExpressFixture, failure, notFound, pass } from './express-fixture'

describe('HTTP: what Express 5 answers without a route, or after one', () => {
  let fixture: ExpressFixture
  let app: Express

  beforeEach(() => {
    fixture = new ExpressFixture()
    app = fixture.app
  })
  afterEach(() => fixture.end())

  it('counts what matches nothing as (unmatched), whatever the path', async () => {
    app.get('/known/:id', answer)
    expect(
      await fixture.countsOf('GET /wp-login.php', 'GET /users/1', 'POST /known/1', 'GET /known/%E0%A4%A'),
    ).to.deep.equal({
      'GET (unmatched) 404': 2,
      'POST (unmatched) 404': 1,
      'GET (unmatched) 400': 1,
    })
  })

  it('counts a route for everything as one that finds nothing where it answers 404, at the root and in a router', async () => {
    const router = express.Router()
    router.all('*path', (request, response) => response.status(request.url === '/some' ? 200 : 404).end())
    app.use('/api', router)
    app.all('/{*rest}', notFound)
    expect(await fixture.countsOf('GET /api/some', 'GET /api/none', 'PUT /none/1')).to.deep.equal({
      'GET /api*path 200': 1,
      'GET (unmatched) 404': 1,
      'PUT (unmatched) 404': 1,
    })
  })

  it('keeps the route of a handler that finds nothing', async () => {
    app.get('/users/:id', notFound)
    app.use('/org/:id', express.Router().get('/:user', notFound))
    expect(await fixture.countsOf('GET /users/1', 'GET /org/1/2')).to.deep.equal({
      'GET /users/:id 404': 1,
      'GET /org/:id/:user 404': 1,
    })
  })

  it('forgets a failure that an error handler has mended, whatever follows', async () => {
    const mend: ErrorRequestHandler = (_error, _request, _response, next) => next()
    const fail: RequestHandler = (_request, _response, next) => next(failure(404))
    app.get('/within/:id', fail, mend)
    const router = express.Router().get('/:id', fail)
    router.param('none', (_request, _response, next) => next(failure(404)))
    router.get('/deep/:none', answer)
    app.use('/mended', router)
    app.use(mend)
    app.get('/users/:id', fail)
    app.use(mend)
    app.get('/users/:name', pass)
    app.use('/after/:id', express.Router().use(fail, mend).get('/x', answer))
    const onward: ErrorRequestHandler = (error, _request, _response, next) => next(error)
    app.get('/kept/:id', fail, onward)
    const paths = ['/users/1', '/within/1', '/mended/1', '/mended/deep/1', '/after/1/x', '/kept/1']
    expect(await fixture.countsOf(...paths.map((path) => `GET ${path}`))).to.deep.equal({
      'GET (unmatched) 404': 4,
      'GET /after/:id/x 200': 1,
      'GET /kept/:id 404': 1,
    })
  })

  it('forgets a route whose handler has called next()', async () => {
    app.get('/users/:id', pass)
    app.use('/api', express.Router().get('/:thing', pass))
    expect(await fixture.countsOf('GET /users/1', 'GET /api/1')).to.deep.equal({ 'GET (unmatched) 404': 2 })
  })

  it('forgets such a route before a not-found handler of the application, too', async () => {
    app.all('/{*rest}', pass)
    app.get('/', pass)
    app.use((_request, _response, next) => next(failure(404)))
    app.use(answerError)
    expect(await fixture.countsOf('GET /', 'GET /x')).to.deep.equal({ 'GET (unmatched) 404': 2 })
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
      await fixture.countsOf(
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
      await fixture.countsOf(
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
      await fixture.countsOf(
        'GET /items/0',
        'GET /items/1',
        'GET /items/none',
        'GET /items/of/0/x',
        'GET /items/of/1/x',
      ),
    ).to.deep.equal({
      'GET /items/:id 403': 1,
      'GET /items/:id 200': 1,
      'GET /items/:id 404': 1,
      'GET (unmatched) 404': 1,
      'GET /items/of/:tenant/x 200': 1,
    })
  })

  it('counts it so in an application that has called nothing before, unless an error handler mends it', async () => {
    app.param('id', (_request, _response, next) => next(failure(404)))
    app.get('/:id', answer)
    app.use('/mended', ((_error, _request, _response, next) => next()) satisfies ErrorRequestHandler)
    app.use('/passed', answerError)
    expect(await fixture.countsOf('GET /none', 'GET /passed', 'GET /mended')).to.deep.equal({
      'GET /:id 404': 2,
      'GET (unmatched) 404': 1,
    })
  })

  it('counts it below what the route hangs in, be that an application or a router within a router', async () => {
    const check: RequestParamHandler = (_request, response, next, id) => {
      if (id === '0') response.status(403).end()
      else next(id === 'none' ? failure(404) : undefined)
    }
    const withRoute = <R extends Router>(router: R, path: string): R => {
      router.param('id', check)
      router.get(path, answer)
      return router
    }
    app.use(express.Router().use(withRoute(express.Router(), '/api/root/:id')))
    app.use('/api', pass)
    app.use('/api/inner/:name', pass, withRoute(express().set('env', 'test'), '/a/:id'))
    app.use('/api/deep', express.Router().use(withRoute(express.Router(), '/b/:id')))
    app.use('/api/outer', pass)
    withRoute(app, '/api/outer/:id')
    const bases = ['/api/root', '/api/inner/x/a', '/api/deep/b', '/api/outer']
    expect(await fixture.countsOf(...bases.flatMap((base) => [`GET ${base}/0`, `GET ${base}/none`]))).to.deep.equal({
      'GET /api/root/:id 403': 1,
      'GET /api/root/:id 404': 1,
      'GET /api/inner/:name/a/:id 403': 1,
      'GET /api/inner/:name/a/:id 404': 1,
      'GET /api/deep/b/:id 403': 1,
      'GET /api/deep/b/:id 404': 1,
      'GET /api/outer/:id 403': 1,
      'GET /api/outer/:id 404': 1,
    })
  })

  it('counts it where it hangs in functions, after mounts there that have passed the request on', async () => {
    const withRoute = <R extends Router>(router: R, path: string): R => {
      router.param('id', (_request, response, next, id) =>
        id === '0' ? response.status(403).end() : next(failure(500)),
      )
      router.get(path, answer)
      return router
    }
    const hidden = withRoute(express.Router(), '/b/:id')
    app.use('/app', withRoute(express().set('env', 'test').use('/a/:p', pass), '/a/:id'))
    app.use(
      '/in/:name',
      pass,
      express.Router().use((request, response, next) => hidden(request, response, next)),
    )
    const within = express().set('env', 'test')
    within.use('/deep', (request, response, next) => hidden(request, response, next))
    app.use('/within/:name', within)
    const bases = ['/app/a', '/in/x/b', '/within/x/deep/b']
    expect(await fixture.countsOf(...bases.flatMap((base) => [`GET ${base}/0`, `GET ${base}/1`]))).to.deep.equal({
      'GET /app/a/:id 403': 1,
      'GET /app/a/:id 500': 1,
      'GET /in/:name/b/:id 403': 1,
      'GET /in/:name/b/:id 500': 1,
      'GET /within/:name/deep/b/:id 403': 1,
      'GET /within/:name/deep/b/:id 500': 1,
    })
  })

  it('keeps the route of a handler that sends a file which is not there', async () => {
    const files = express.Router().get('/:file', (_request, response) => response.sendFile(join(__dirname, 'none')))
    app.get('/file/:id', (_request, response) => response.sendFile(join(__dirname, 'none')))
    app.use('/files', files)
    app.get('/passed', pass, (_request, _response, next) => next('route'))
    expect(await fixture.countsOf('GET /file/1', 'GET /files/a', 'GET /passed')).to.deep.equal({
      'GET /file/:id 404': 1,
      'GET /files/:file 404': 1,
      'GET (unmatched) 404': 1,
    })
  })

  it('keeps the route of a handler that answers and then calls next()', async () => {
    app.get('/eager/:id', (_request, response, next) => {
      response.end('ok')
      next()
    })
    app.use(pass)
    expect(await fixture.countsOf('GET /eager/1')).to.deep.equal({ 'GET /eager/:id 200': 1 })
  })
})
