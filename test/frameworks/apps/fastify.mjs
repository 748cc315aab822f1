import websocket from '@fastify/websocket'
import fastify from 'fastify'
import { Boom, EVENT_STREAM, eventStream } from './support.mjs'

export async function serve({ plugins = [] } = {}) {
  const app = fastify({ forceCloseConnections: true })
  for (const { plugin, options } of plugins) await app.register(plugin, options)
  await app.register(websocket)
  await app.register(
    async (org) => {
      await org.register(async (users) => users.get('/:user', async (request) => request.params), { prefix: '/users' })
      org.get('/boom', async () => {
        throw new Boom('boom')
      })
      org.get('/slow', () => new Promise(() => {}))
      org.get('/socket', { websocket: true }, () => {})
      org.get('/stream', (_request, reply) => reply.type(EVENT_STREAM).send(eventStream()))
    },
    { prefix: '/org/:org' },
  )
  await app.listen({ port: 0, host: '127.0.0.1' })
  app.server.routesSockets = true
  return app.server
}
