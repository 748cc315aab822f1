import { subscribe } from 'node:diagnostics_channel'
import { WebSocketServer } from 'ws'

/** Requests that have arrived, told by Node.js itself. */
let arrived = 0

/**
 * Has the server take WebSockets where its framework does not, tells the test where it is, and from then on does what the test
 * says: `readPage` gives the page of metrics.
 */
export function attend(server, readPage) {
  if (server.updateSettings === undefined) {
    if (server.routesSockets !== true) takeSockets(server)
    subscribe('http.server.request.start', () => {
      arrived++
    })
  } else {
    server.on('stream', () => {
      arrived++
    })
  }
  const commands = {
    page: readPage,
    arrived: () => arrived,
    endStreams: () => globalThis.endStreams(),
  }
  process.on('message', async (command) => {
    try {
      process.send({ answer: await commands[command]() })
    } catch (error) {
      process.send({ error: String(error.stack ?? error) })
    }
  })
  process.on('disconnect', () => process.exit())
  process.send({ answer: server.address() })
}

function takeSockets(server) {
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, () => {}))
}
