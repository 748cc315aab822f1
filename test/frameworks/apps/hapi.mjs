import Hapi from '@hapi/hapi'
import { Boom, EVENT_STREAM, eventStream } from './support.mjs'

export async function serve() {
  const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false })
  const users = {
    name: 'users',
    register(scope) {
      scope.route({ method: 'GET', path: '/users/{user}', handler: (request) => request.params })
      scope.route({
        method: 'GET',
        path: '/boom',
        handler() {
          throw new Boom('boom')
        },
      })
      scope.route({ method: 'GET', path: '/slow', handler: () => new Promise(() => {}) })
      scope.route({
        method: 'GET',
        path: '/stream',
        handler: (_request, h) => h.response(eventStream()).type(EVENT_STREAM),
      })
    },
  }
  await server.register(users, { routes: { prefix: '/org/{org}' } })
  await server.start()
  return server.listener
}
