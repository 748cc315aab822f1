import restify from 'restify'
import { Boom, EVENT_STREAM, eventStream } from './support.mjs'

export function serve() {
  const app = restify.createServer({ handleUncaughtExceptions: false })
  app.get('/org/:org/users/:user', (request, response, next) => {
    response.send(request.params)
    next()
  })
  app.get('/org/:org/boom', (_request, _response, next) => next(new Boom('boom')))
  app.get('/org/:org/slow', (_request, _response, _next) => {})
  app.get('/org/:org/stream', (_request, response, _next) => {
    response.setHeader('content-type', EVENT_STREAM)
    eventStream().pipe(response)
  })
  return new Promise((resolve) => app.listen(0, '127.0.0.1', () => resolve(app.server)))
}
