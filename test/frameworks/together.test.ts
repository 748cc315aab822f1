import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { expect } from 'chai'
import { ask, counted, Fixture } from '../instrument/http/support'
import { METERKIT, observe } from './observe'
import { ROWS } from './rows'
import { expected, scenariosOf } from './scenarios'
import { Setting } from './setting'
import { BUILT } from './start-ups'

type Next = () => void
type Handler = (request: unknown, response: { statusCode: number; end(text: string): void }, next: Next) => void
interface KoaContext {
  readonly req: unknown
  readonly res: unknown
  body: unknown
}
type Middleware = (context: KoaContext, next: () => Promise<void>) => unknown

describe('One framework within another', () => {
  it('Koa: its routes are known where an Express application has passed a request on', async () => {
    const express: () => RequestListener & {
      (request: unknown, response: unknown, next: Next): void
      use(path: string, handler: Handler): void
      get(path: string, handler: Handler): void
    } = require('express')
    const Koa: new () => { use(middleware: unknown): void; callback(): RequestListener } = require('koa')
    const { Router } = require('@koa/router') as {
      Router: new () => { get(path: string, handler: Middleware): void; routes(): unknown }
    }
    const fixture = new Fixture()
    const metrics = fixture.service()
    const inner = express()
    inner.use('/known', (_request, _response, next) => next())
    inner.get('/inner/:id', (_request, response) => {
      response.statusCode = 200
      response.end('inner')
    })
    const router = new Router()
    router.get('/known/:id', (context) => {
      context.body = 'known'
    })
    const app = new Koa()
    app.use(async ({ req, res }: KoaContext, next: () => Promise<void>) => {
      await new Promise<void>((resolve) => {
        ;(res as { once(event: 'finish', listener: () => void): void }).once('finish', resolve)
        inner(req, res, resolve)
      })
      await next()
    })
    app.use(router.routes())
    const server = createServer(app.callback())
    await fixture.started(server)
    for (const path of ['/known/1', '/inner/1', '/nowhere']) await ask(server, 'GET', path)
    const counts = await counted(metrics, 3)
    await fixture.end()
    expect(counts).to.deep.equal({ 'GET /known/:id 200': 1, 'GET /inner/:id 200': 1, 'GET (unmatched) 404': 1 })
  })

  it('Koa: an application is mounted in another, and that in a third', async () => {
    const Koa: new () => { use(middleware: unknown): unknown; callback(): RequestListener } = require('koa')
    const { Router } = require('@koa/router') as {
      Router: new () => { get(path: string, handler: Middleware): void; routes(): unknown }
    }
    const mount: (path: string, app: unknown) => unknown = require('koa-mount')
    const fixture = new Fixture()
    const metrics = fixture.service()
    const withRoutes = (...paths: string[]) => {
      const router = new Router()
      for (const path of paths) {
        router.get(path, (context) => {
          context.body = 'ok'
        })
      }
      return router.routes()
    }
    const users = new Koa()
    users.use(withRoutes('/', '/:user'))
    const api = new Koa()
    api.use(withRoutes('/status'))
    api.use(mount('/users', users))
    const app = new Koa()
    app.use(mount('/api', api))
    app.use(withRoutes('/api/:other/more', '/:page'))
    const server = createServer(app.callback())
    await fixture.started(server)
    const paths = ['/api/users', '/api/users/ada', '/api/status', '/api/users/ada/more', '/api/x/more', '/start']
    for (const path of paths) await ask(server, 'GET', path)
    const counts = await counted(metrics, paths.length)
    await fixture.end()
    expect(counts).to.deep.equal({
      'GET /api/users 200': 1,
      'GET /api/users/:user 200': 1,
      'GET /api/status 200': 1,
      'GET (unmatched) 404': 1,
      'GET /api/:other/more 200': 1,
      'GET /:page 200': 1,
    })
  })

  it("Next.js: its routes are known where a server of Express's calls it", async () => {
    const setting = new Setting(1)
    await setting.built('next')
    const file = join(BUILT, 'next-in-express.mjs')
    writeFileSync(
      file,
      `import { createServer } from 'node:http'
import { join } from 'node:path'
import express from 'express'
import { initMetrics } from 'meterkit'
import next from 'next'
import { listening } from '../apps/support.mjs'
import { attend } from '../attend.mjs'

const metrics = initMetrics({ prometheus: { server: false }, runtime: false, logger: false })
const pages = next({ dev: false, dir: join(process.cwd(), 'apps/next') })
await pages.prepare()
const handle = pages.getRequestHandler()
const app = express()
app.all('/api/{*rest}', (request, response) => handle(request, response))
app.use((request, response) => handle(request, response))
attend(await listening(createServer(app)), async () => (await metrics.render()).body)
`,
    )
    for (const row of ROWS.filter(({ app }) => app === 'next')) {
      const wanted = scenariosOf(row).map((scenario) => [scenario, expected(scenario, row)])
      const found = await observe(row, { file, flags: [] }, setting.sockets, METERKIT)
      expect(found).to.deep.equal(Object.fromEntries(wanted))
    }
    setting.end()
  })
})
