import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { excludeRequest } from '../model/http-exclusion'
import { answerText } from './scrape'

export interface ServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly path: string
}

/** How long open scrapes may go on after the server was told to stop, in milliseconds. */
const GRACE_MS = 1_000

/** The endpoint's own server. It never keeps the process alive, and answers nothing but its one path. */
export class MetricsServer {
  readonly #options: ServerOptions
  readonly #server: Server
  #listening: Promise<{ url: string }> | undefined

  constructor(options: ServerOptions, scrape: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#options = options
    this.#server = createServer((request, response) => {
      excludeRequest(request)
      const path = request.url?.split('?', 1)[0]
      if (path === options.path) scrape(request, response)
      else answerText(response, 404, `Metrics are at ${options.path}.`)
    })
    // Neither the listening socket nor a scraper's open connection is a reason for the process to stay.
    this.#server.unref()
    this.#server.on('connection', (socket) => socket.unref())
  }

  /** Listens, once. Rejects where the address cannot be had, saying what to do. */
  start(): Promise<{ url: string }> {
    this.#listening ??= new Promise((resolve, reject) => {
      const { host, port, path } = this.#options
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
      this.#server.listen({ host, port }, () => {
        const { port: actual } = this.#server.address() as AddressInfo
        const shown = host.includes(':') ? `[${host}]` : host
        resolve({ url: `http://${shown}:${actual}${path}` })
      })
    })
    return this.#listening
  }

  /** Stops listening and closes what is open, giving scrapes under way a moment to finish. */
  async stop(): Promise<void> {
    if (this.#listening === undefined) return
    await this.#listening.catch(() => undefined)
    if (!this.#server.listening) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#server.closeAllConnections(), GRACE_MS)
      this.#server.close(() => {
        clearTimeout(timer)
        resolve()
      })
      this.#server.closeIdleConnections()
    })
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const cannot = `Cannot listen on "${host}:${port}":`
  switch (error.code) {
    case 'EADDRINUSE':
      return new Error(`${cannot} the port must be free, got one that is taken. Set prometheus.port, or 0 for any.`, { cause: error })
    case 'EACCES':
      return new Error(`${cannot} the port must be one that this user may open, got ${error.code}. Use 1024 or above.`, { cause: error })
    default:
      return new Error(`${cannot} the host must be an address of this machine, got ${error.code ?? error.message}. Set prometheus.host.`, {
        cause: error,
      })
  }
}
