import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../exchange'
import { exchangeOf } from '../exchange'
import type { Path } from '../paths'
import type { Framework, FrameworkHost } from './framework'

const INITIALIZATION = 'fastify.initialization'
const HANDLER = 'tracing:fastify.request.handler:start'

interface FastifyRequest {
  readonly raw: IncomingMessage
  readonly server: FastifyInstance
  /** `url` is the template, prefixes included; `undefined` where the not-found handler answers. */
  readonly routeOptions: { readonly url?: string }
}

interface FastifyInstance {
  readonly server?: object
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): unknown
}

interface Initialization {
  readonly fastify: FastifyInstance
}

/** What Fastify publishes before it calls a route's handler, as far as it is read here. */
interface HandlerCall {
  readonly request: FastifyRequest
}

/**
 * Takes the matched route from Fastify, in a hook that every application gets as it is made.
 *
 * Applications made before the measurement began have no such hook. Their routes are known from the call of the handler, so a
 * request that a hook or a validation answers before is `(unmatched)` there, and until the first handler was called all
 * requests look like those of a bare server.
 */
export class FastifyRoutes implements Framework {
  readonly #onInitialization = (message: unknown) => this.#hook(message as Initialization)
  readonly #onHandler = (message: unknown) => this.#handle(message as HandlerCall)
  /** The servers of the applications, to know a request that Fastify has turned away before any hook ran. */
  readonly #servers = new WeakSet<object>()
  #seen = false

  constructor(private readonly host: FrameworkHost) {}

  start(): void {
    subscribe(INITIALIZATION, this.#onInitialization)
    subscribe(HANDLER, this.#onHandler)
  }

  /** The hooks that applications already have stay, and find no request to mark. */
  stop(): void {
    unsubscribe(INITIALIZATION, this.#onInitialization)
    unsubscribe(HANDLER, this.#onHandler)
  }

  meet(): void {}

  pathOf(exchange: Exchange): Path {
    return exchange.path ?? this.host.paths.unmatched
  }

  /** `(unmatched)` for a request that a Fastify server turned away before any hook ran; `undefined` on other servers. */
  pathOfUnseen(exchange: Exchange): Path | undefined {
    return this.#seen && this.#servers.has(exchange.server) ? this.host.paths.unmatched : undefined
  }

  #hook(message: Initialization): void {
    try {
      const { fastify } = message
      fastify.addHook('onRequest', (request, _reply, done) => {
        this.#enter(request)
        done()
      })
      this.#remember(fastify)
    } catch (error) {
      this.host.onFault(error)
    }
  }

  #remember(fastify: FastifyInstance): void {
    if (fastify.server !== undefined) this.#servers.add(fastify.server)
    this.#seen = true
  }

  #enter(request: FastifyRequest): void {
    try {
      this.#match(request)
    } catch (error) {
      this.host.onFault(error)
    }
  }

  /** Applications that have the hook are known by now; others are late. */
  #handle(call: HandlerCall): void {
    try {
      const { request } = call
      if (exchangeOf(request.raw, this.host.key)?.router === this) return
      this.#match(request)
      this.#remember(request.server)
    } catch (error) {
      this.host.onFault(error)
    }
  }

  /** By the request: for an upgrade, plugins make a response that Node.js knows nothing of. */
  #match(request: FastifyRequest): void {
    const exchange = exchangeOf(request.raw, this.host.key)
    if (exchange === undefined) return
    const template = request.routeOptions.url
    exchange.router = this
    exchange.path = template === undefined ? undefined : this.host.paths.ofRoute(template)
  }
}
