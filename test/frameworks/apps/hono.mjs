import { serve as serveHono, upgradeWebSocket } from '@hono/node-server'
import { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { Boom, EVENT_STREAM, webEventStream } from './support.mjs'

export function serve({ middleware } = {}) {
  const users = new Hono()
  users.get('/:user', (context) => context.json(context.req.param()))
  const org = new Hono()
  org.use(async (_context, next) => next())
  org.route('/users', users)
  org.get('/boom', () => {
    throw new Boom('boom')
  })
  org.get('/slow', () => new Promise(() => {}))
  org.get(
    '/socket',
    upgradeWebSocket(() => ({})),
  )
  org.get('/stream', (context) => context.body(webEventStream(), 200, { 'content-type': EVENT_STREAM }))
  const app = new Hono()
  if (middleware !== undefined) app.use('*', middleware)
  app.route('/org/:org', org)
  app.onError((_error, context) => context.text('failed', 500))
  return new Promise((resolve) => {
    const websocket = { server: new WebSocketServer({ noServer: true }) }
    const server = serveHono({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', websocket }, () => {
      server.routesSockets = true
      resolve(server)
    })
  })
}
