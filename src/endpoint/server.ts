import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { excludeRequest, markOwnServer } from '../model/http-exclusion'
import { answerText } from './scrape'

export interface ServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The path of the page that {@link MetricsServer.start} tells of. */
  readonly path: string
  /** What answers at each path, the main one included. */
  readonly pages: ReadonlyMap<string, RequestListener>
}

/** How long open scrapes may go on after the server was told to stop, in milliseconds. */
const GRACE_MS = 1_000

/** The endpoint's own server. It never keeps the process alive, and answers nothing but its paths. */
export class MetricsServer {
  readonly #options: ServerOptions
  readonly #server: Server
  #listening: Promise<{ url: string }> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: ServerOptions) {
    this.#options = options
    const { pages } = options
    this.#server = createServer((request, response) => {
      excludeRequest(request)
      // Not 'close', to which a pipeline listens so often that one listener more has Node.js warn.
      response.on('finish', () => {
        // Kept alive for the next scrape, its connection would have the server wait.
        if (this.#stopping !== undefined) setImmediate(() => this.#server.closeIdleConnections())
      })
      const page = pages.get(pathOf(request.url ?? ''))
      if (page === undefined) answerText(response, 404, `Metrics are at ${[...pages.keys()].join(', ')}.`)
      else page(request, response)
    })
    markOwnServer(this.#server)
    // Neither the listening socket nor a scraper's open connection is a reason for the process to stay.
    this.#server.unref()
    this.#server.on('connection', (socket) => socket.unref())
    // Once it listens, an error is a connection that could not be accepted: no reason for the application to end.
    this.#server.on('error', () => undefined)
  }

  /** Listens, unless it does already. Rejects where the address cannot be had, saying what to do. */
  start(): Promise<{ url: string }> {
    this.#listening ??= this.#listen().catch((error: Error) => {
      this.#listening = undefined
      throw error
    })
    return this.#listening
  }

  /** Stops listening and closes what is open, giving scrapes under way a moment to finish. */
  stop(): Promise<void> {
    this.#stopping ??= this.#close().finally(() => {
      this.#stopping = undefined
      this.#listening = undefined
    })
    return this.#stopping
  }

  async #listen(): Promise<{ url: string }> {
    const { host, port, path } = this.#options
    try {
      const listening = once(this.#server, 'listening')
      // A worker of a cluster would share the port with others, and a scrape would reach any one of them.
      this.#server.listen({ host, port, exclusive: true })
      await listening
    } catch (error) {
      throw listenError(error as NodeJS.ErrnoException, host, port)
    }
    const { port: actual } = this.#server.address() as AddressInfo
    const shown = host.includes(':') ? `[${host}]` : host
    return { url: `http://${shown}:${actual}${path}` }
  }

  async #close(): Promise<void> {
    await this.#listening?.catch(() => undefined)
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

/** The path of a request's target; servers must take the whole address for it too (RFC 9112, section 3.2.2). */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '')
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const cannot = `Cannot listen on "${host}:${port}":`
  switch (error.code) {
    case 'EADDRINUSE':
      return new Error(`${cannot} the port must be free, got one that is taken. Set prometheus.port, or 0 for any.`, {
        cause: error,
      })
    case 'EACCES':
      return new Error(
        `${cannot} the port must be one that this user may open, got ${error.code}. Use 1024 or above.`,
        { cause: error },
      )
    case 'ERR_SOCKET_BAD_PORT':
      return new Error(`${cannot} the port must be a whole number from 0 to 65535, got ${port}. Use 0 for any.`, {
        cause: error,
      })
    default:
      return new Error(
        `${cannot} the host must be an address of this machine, got ${error.code ?? error.message}. Set prometheus.host.`,
        {
          cause: error,
        },
      )
  }
}
