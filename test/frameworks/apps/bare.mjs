import { createServer } from 'node:http'
import { EVENT_STREAM, eventStream, listening } from './support.mjs'

export function serve() {
  return listening(
    createServer((request, response) => {
      const [, , , what] = (request.url ?? '').split('/')
      if (what === 'users') response.end('{}')
      else if (what === 'boom') response.writeHead(500).end()
      else if (what === 'stream') eventStream().pipe(response.setHeader('content-type', EVENT_STREAM))
      else if (what !== 'slow') response.writeHead(404).end()
    }),
  )
}
