import { createServer } from 'node:http2'
import { EVENT_STREAM, eventStream, listening } from './support.mjs'

export function serve() {
  return listening(
    createServer((request, response) => {
      const [, , , what] = request.url.split('/')
      if (what === 'users') response.end('{}')
      else if (what === 'boom') response.writeHead(500).end()
      else if (what === 'stream') {
        response.setHeader('content-type', EVENT_STREAM)
        eventStream().pipe(response)
      } else if (what !== 'slow') response.writeHead(404).end()
    }),
  )
}
