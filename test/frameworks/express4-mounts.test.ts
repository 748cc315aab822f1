import { createServer, type RequestListener } from 'node:http'
import { expect } from 'chai'
import { ask, counted, Fixture } from '../instrument/http/support'

type Handler = (request: unknown, response: { end(text: string): void }, next: () => void) => void
type Router = RequestListener & {
  use(path: string | RegExp, ...handlers: (Handler | Router)[]): Router
  get(path: string, handler: Handler): Router
}

describe('Express 4', () => {
  it('tells a mount beside one that is the beginning of its path from a mount within that', async () => {
    const express: { (): Router; Router(): Router } = require('express4')
    const fixture = new Fixture()
    const metrics = fixture.service()
    const answer: Handler = (_request, response) => response.end('ok')
    const pass: Handler = (_request, _response, next) => next()
    const inner = express()
    inner.use('/:name', pass)
    inner.use('/:name/n', express.Router().get('/r/:id', answer))
    const app = express()
    app.use('/api', pass)
    app.use('/api/admin', express.Router().get('/x/:id', answer).use('/y/:id', pass).use('/y/:id/z', answer))
    app.use(/\/re/g, pass)
    app.use('/re/gexp', express.Router().get('/:id', answer))
    app.use('/inner', inner)
    const server = createServer(app)
    await fixture.started(server)
    const paths = ['/api/admin/x/1', '/api/admin/y/1/z', '/re/gexp/1', '/inner/1/n/r/1']
    for (const path of paths) await ask(server, 'GET', path)
    const counts = await counted(metrics, paths.length)
    await fixture.end()
    expect(counts).to.deep.equal({
      'GET /api/admin/x/:id 200': 1,
      'GET /api/admin/y/:id/z 200': 1,
      'GET /re/gexp/:id 200': 1,
      'GET /inner/:name/n/r/:id 200': 1,
    })
  })
})
