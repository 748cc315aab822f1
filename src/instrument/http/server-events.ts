import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { type Method, type Override, overrideMethod } from '../override-method'

const CONNECTION = 'net.server.socket'

/** What a server tells that Node.js publishes on no channel, or not in every version. */
export interface ServerEventListener {
  /** A request to change the protocol, or to make a tunnel, that the application handles itself. */
  onUpgrade(request: IncomingMessage, socket: Socket, server: object): void
  /** A stream of HTTP/2, before the application has it. */
  onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, server: object): void
  /** The request and response that HTTP/2 makes of a stream for handlers of HTTP/1's kind. */
  onStreamRequest(request: IncomingMessage, response: ServerResponse, stream: object): void
  onFault(error: unknown): void
}

type Emit = (this: unknown, event: unknown, ...values: unknown[]) => boolean

/** A server, as far as it is known by its methods: the classes of HTTP/2 are not exported. */
interface AnyServer {
  readonly emit?: Emit
  readonly listenerCount?: (event: string) => number
  readonly updateSettings?: unknown
}

/**
 * Hears `upgrade`, `connect` and HTTP/2's `stream` where servers emit them. A listener would not do: with one, Node.js takes
 * every request for an upgrade that asks for it, or every stream for handled.
 *
 * `emit` is overridden on single servers, at a connection: on those of HTTP/2, and on others once the application listens to one
 * of the first two.
 */
export class ServerEvents {
  readonly #overrides = new Map<object, Override>()
  readonly #onConnection = (message: unknown) => this.#meet(message as { socket?: { server?: AnyServer } })

  /** One function for all servers; `this` is the one that closed. */
  readonly #onClose: (this: Server) => void

  constructor(private readonly listener: ServerEventListener) {
    const forget = (server: Server) => this.#forget(server)
    this.#onClose = function () {
      forget(this)
    }
  }

  start(): void {
    subscribe(CONNECTION, this.#onConnection)
  }

  stop(): void {
    unsubscribe(CONNECTION, this.#onConnection)
    for (const server of [...this.#overrides.keys()]) this.#forget(server as Server)
  }

  #meet(message: { socket?: { server?: AnyServer } }): void {
    try {
      const server = message.socket?.server
      if (server === undefined || this.#overrides.has(server) || !isWorthHearing(server)) return
      this.#hear(server, server.emit)
    } catch (error) {
      this.listener.onFault(error)
    }
  }

  #hear(server: AnyServer, emit: Emit | undefined): void {
    if (emit === undefined) return
    const hasStreams = isHttp2(server)
    const told = (event: unknown, values: unknown[]) => {
      if (event === 'upgrade' || event === 'connect' || hasStreams) this.#tell(event, values, server)
    }
    const hearing: Emit = function (event, ...values) {
      told(event, values)
      return emit.call(this, event, ...values)
    }
    this.#overrides.set(server, overrideMethod(server, 'emit', hearing as Method, 'an HTTP server'))
    // The map must not hold a server that the application has let go of.
    ;(server as Server).once('close', this.#onClose)
  }

  #forget(server: Server): void {
    server.off('close', this.#onClose)
    this.#overrides.get(server)?.restore()
    this.#overrides.delete(server)
  }

  #tell(event: unknown, values: unknown[], server: object): void {
    try {
      if (event === 'upgrade' || event === 'connect') {
        this.listener.onUpgrade(values[0] as IncomingMessage, values[1] as Socket, server)
      } else if (event === 'stream') {
        this.listener.onStream(values[0] as ServerHttp2Stream, values[1] as IncomingHttpHeaders, server)
      } else if (event === 'request' || event === 'checkContinue' || event === 'checkExpectation') {
        const { stream } = values[0] as { stream?: object }
        if (stream !== undefined) {
          this.listener.onStreamRequest(values[0] as IncomingMessage, values[1] as ServerResponse, stream)
        }
      }
    } catch (error) {
      this.listener.onFault(error)
    }
  }
}

function isWorthHearing(server: AnyServer): boolean {
  if (typeof server.listenerCount !== 'function') return false
  return isHttp2(server) || server.listenerCount('upgrade') > 0 || server.listenerCount('connect') > 0
}

function isHttp2(server: AnyServer): boolean {
  return typeof server.updateSettings === 'function'
}
