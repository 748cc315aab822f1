import { createServer } from 'node:http'
import { Router } from '@koa/router'
import Koa from 'koa'
import { Boom, EVENT_STREAM, eventStream, listening } from './support.mjs'

export function serve({ middleware } = {}) {
  const app = new Koa()
  app.silent = true
  if (middleware !== undefined) app.use(middleware)
  app.use((_context, next) => next())
  const users = new Router()
  users.get('/:user', (context) => {
    context.body = context.params
  })
  const org = new Router({ prefix: '/org/:org' })
  org.use('/users', users.routes())
  org.get('/boom', () => {
    throw new Boom('boom')
  })
  org.get('/slow', () => new Promise(() => {}))
  org.get('/stream', (context) => {
    context.type = EVENT_STREAM
    context.body = eventStream()
  })
  app.use(org.routes())
  return listening(createServer(app.callback()))
}
