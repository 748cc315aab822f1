import { createServer, type RequestListener } from 'node:http'
import { expect } from 'chai'
import { ask, counted, Fixture } from '../instrument/http/support'

type Handler = (request: unknown, response: { end(text: string): void }) => void
type KoaContext = { readonly path: string; body: unknown }

describe('What frameworks do not tell', () => {
  let fixture: Fixture

  beforeEach(() => {
    fixture = new Fixture()
  })
  afterEach(() => fixture.end())

  it('Koa: what a router other than @koa/router matches is (unmatched), beside routes that are known', async () => {
    const Koa: new () => { use(middleware: unknown): void; callback(): RequestListener } = require('koa')
    const { Router } = require('@koa/router') as {
      Router: new () => { get(path: string, handler: (context: KoaContext) => void): void; routes(): unknown }
    }
    const metrics = fixture.service()
    const app = new Koa()
    app.use((context: KoaContext, next: () => Promise<void>) => {
      if (!/^\/other\/\d+$/.test(context.path)) return next()
      context.body = 'other'
      return undefined
    })
    const known = new Router()
    known.get('/known/:id', (context) => {
      context.body = 'known'
    })
    app.use(known.routes())
    const server = createServer(app.callback())
    await fixture.started(server)
    for (const path of ['/other/1', '/other/2', '/known/1']) await ask(server, 'GET', path)
    expect(await counted(metrics, 3)).to.deep.equal({ 'GET (unmatched) 200': 2, 'GET /known/:id 200': 1 })
  })

  it('Express 4: which of several patterns of one route has matched, so that it shows all', async () => {
    const express: () => RequestListener & {
      get(path: readonly string[], handler: Handler): void
    } = require('express4')
    const metrics = fixture.service()
    const app = express()
    app.get(['/cats/:id', '/dogs/:id'], (_request, response) => response.end('ok'))
    const server = createServer(app)
    await fixture.started(server)
    for (const path of ['/cats/1', '/dogs/1']) await ask(server, 'GET', path)
    expect(await counted(metrics, 2)).to.deep.equal({ 'GET /cats/:id|/dogs/:id 200': 2 })
  })
})
