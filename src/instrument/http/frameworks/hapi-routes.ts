import type { IncomingMessage } from 'node:http'
import { type Method, type Override, overrideMethod } from '../../override-method'
import type { Exchange } from '../exchange'
import { exchangeOf } from '../exchange'
import type { Path } from '../paths'
import type { Framework, FrameworkHost } from './framework'

/** hapi's request. */
interface HapiRequest {
  readonly route: { readonly path: string; readonly method: string }
}

/** The method of the routes that answer what matches no other. */
const SPECIAL = '_special'

type Generate = (this: unknown, server: object, request: IncomingMessage, ...rest: unknown[]) => HapiRequest

/** Reads the matched route from hapi's request, as its class makes it for a request of the server. */
export class HapiRoutes implements Framework {
  readonly #host: FrameworkHost
  readonly #overrides = new Map<object, Override>()

  constructor(host: FrameworkHost) {
    this.#host = host
  }

  start(): void {}

  stop(): void {
    for (const override of this.#overrides.values()) override.restore()
    this.#overrides.clear()
  }

  /** The class of requests, as a module that is loaded. */
  meetRequestClass(requestClass: unknown): void {
    if (typeof requestClass !== 'function' || this.#overrides.has(requestClass)) return
    const generate: unknown = Object.getOwnPropertyDescriptor(requestClass, 'generate')?.value
    if (typeof generate !== 'function') return
    const enter = (request: IncomingMessage, made: HapiRequest) => this.#enter(request, made)
    const entered: Generate = function (server, request, ...rest) {
      const made: HapiRequest = generate.call(this, server, request, ...rest)
      enter(request, made)
      return made
    }
    this.#overrides.set(requestClass, overrideMethod(requestClass, 'generate', entered as Method, 'hapi'))
  }

  meet(): void {}

  pathOf(exchange: Exchange): Path {
    const { route } = exchange.context as HapiRequest
    return route.method === SPECIAL ? this.#host.paths.unmatched : this.#host.paths.ofRoute(route.path)
  }

  #enter(request: IncomingMessage, made: HapiRequest): void {
    try {
      const exchange = exchangeOf(request, this.#host.key)
      if (exchange === undefined) return
      exchange.router = this
      exchange.context = made
    } catch (error) {
      this.#host.onFault(error)
    }
  }
}
