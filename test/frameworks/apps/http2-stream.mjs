import { createServer } from 'node:http2'
import { EVENT_STREAM, eventStream, listening } from './support.mjs'

export function serve() {
  const server = createServer()
  server.on('stream', (stream, headers) => {
    const [, , , what] = headers[':path'].split('/')
    const respond = (status, body) => {
      stream.respond({ ':status': status })
      stream.end(body)
    }
    // A client that leaves is an error of the stream.
    stream.on('error', () => {})
    if (what === 'users') respond(200, '{}')
    else if (what === 'boom') respond(500)
    else if (what === 'stream') {
      stream.respond({ ':status': 200, 'content-type': EVENT_STREAM })
      eventStream().pipe(stream)
    } else if (what !== 'slow') respond(404)
  })
  return listening(server)
}
