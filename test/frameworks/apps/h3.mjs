import { createServer } from 'node:http'
import { H3, toNodeHandler } from 'h3'
import { Boom, EVENT_STREAM, listening, webEventStream } from './support.mjs'

export function serve() {
  const org = new H3()
  org.get('/users/:user', (event) => event.context.params)
  org.get('/boom', () => {
    throw new Boom('boom')
  })
  org.get('/slow', () => new Promise(() => {}))
  org.get('/stream', (event) => {
    event.res.headers.set('content-type', EVENT_STREAM)
    return webEventStream()
  })
  const app = new H3({ silent: true, debug: false })
  app.mount('/org/:org', org)
  return listening(createServer(toNodeHandler(app)))
}
