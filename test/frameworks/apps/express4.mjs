import { createServer } from 'node:http'
import express from 'express4'
import { Boom, EVENT_STREAM, eventStream, listening } from './support.mjs'

export function serve({ middleware } = {}) {
  const app = express().set('env', 'test')
  if (middleware !== undefined) app.use(middleware)
  app.use((_request, _response, next) => next())
  const users = express.Router({ mergeParams: true })
  users.get('/:user', (request, response) => response.json(request.params))
  const org = express.Router({ mergeParams: true })
  org.use('/users', users)
  org.get('/boom', () => {
    throw new Boom('boom')
  })
  org.get('/slow', () => {})
  org.get('/stream', (_request, response) => eventStream().pipe(response.type(EVENT_STREAM)))
  app.use('/org/:org', org)
  return listening(createServer(app))
}
