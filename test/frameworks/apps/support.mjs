import { PassThrough } from 'node:stream'

/** What ends each event stream that is open. */
const streams = new Set()

/** Ends the event streams of all clients. */
globalThis.endStreams = () => {
  for (const end of streams) end()
  streams.clear()
}

const EVENT = 'data: 1\n\n'

/** An event stream of Node.js, which has sent one event and stays open. */
export function eventStream() {
  const stream = new PassThrough()
  stream.write(EVENT)
  streams.add(() => stream.end())
  return stream
}

/** The same of the Web API. */
export function webEventStream() {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(EVENT))
      streams.add(() => controller.close())
    },
  })
}

export const EVENT_STREAM = 'text/event-stream'

export class Boom extends Error {}

/** Has a server listen on a free port of the loopback interface. */
export function listening(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
