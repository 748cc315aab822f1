import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../exchange'
import { exchangeOf } from '../exchange'
import type { Path } from '../paths'
import type { Framework, FrameworkHost } from './framework'

/** The request that srvx makes for h3 of one of Node.js. It is a `Request`, with more. */
interface SrvxRequest {
  readonly runtime?: { readonly node?: { readonly req?: IncomingMessage } }
}

/** What h3 knows of a request; the route is there once it has matched. */
interface H3Context {
  readonly matchedRoute?: { readonly route?: string }
}

/** What the listener that srvx gives to a server does first, minified or not. */
const SRVX_LISTENER = /new [\w$.]+\(\{\s*req:\s*[\w$]+,\s*res:\s*[\w$]+/

const CONTEXT = 'context'

/**
 * Reads the matched route from the context that h3 leaves on the request of the Web API, which leads to that of Node.js.
 *
 * h3 assigns it as `request.context`. `Request.prototype` has no property of that name, so one that hears of the assignment
 * and then does just what it would have done reaches every copy of h3, in Nitro's bundles too. It is put there only where a
 * server has a listener of srvx, on which h3 and Nitro build.
 */
export class H3Routes implements Framework {
  readonly #host: FrameworkHost
  #prototype: object | undefined
  #descriptor: PropertyDescriptor | undefined

  constructor(host: FrameworkHost) {
    this.#host = host
  }

  start(): void {}

  stop(): void {
    if (this.#prototype === undefined) return
    if (Object.getOwnPropertyDescriptor(this.#prototype, CONTEXT)?.set === this.#descriptor?.set) {
      Reflect.deleteProperty(this.#prototype, CONTEXT)
    }
    this.#prototype = undefined
  }

  meet(server: object): void {
    if (this.#prototype !== undefined) return
    const { listeners } = server as { listeners?(event: string): unknown[] }
    const isSrvx = (listener: unknown) => typeof listener === 'function' && SRVX_LISTENER.test(String(listener))
    if (listeners?.call(server, 'request').some(isSrvx) === true) this.#listen(rootOfRequests())
  }

  pathOf(exchange: Exchange): Path {
    const { matchedRoute } = exchange.context as H3Context
    const template = matchedRoute?.route
    return typeof template === 'string' ? this.#host.paths.ofRoute(template) : this.#host.paths.unmatched
  }

  pathOfUnseen(): undefined {}

  #listen(prototype: object): void {
    const before = Object.getOwnPropertyDescriptor(prototype, CONTEXT)
    // Another service of this process may listen already: it is told as well.
    if (before !== undefined && before.set === undefined) return
    const enter = (request: SrvxRequest, context: unknown) => this.#enter(request, context)
    this.#descriptor = {
      configurable: true,
      enumerable: false,
      get: () => undefined,
      set(this: SrvxRequest, value: unknown) {
        if (before?.set === undefined) {
          Object.defineProperty(this, CONTEXT, { value, writable: true, enumerable: true, configurable: true })
        } else before.set.call(this, value)
        enter(this, value)
      },
    }
    if (Reflect.defineProperty(prototype, CONTEXT, this.#descriptor)) this.#prototype = prototype
  }

  #enter(request: SrvxRequest, context: unknown): void {
    try {
      const incoming = request.runtime?.node?.req
      const exchange = incoming === undefined ? undefined : exchangeOf(incoming, this.#host.key)
      if (exchange === undefined || typeof context !== 'object' || context === null) return
      exchange.router = this
      exchange.context = context
    } catch (error) {
      this.#host.onFault(error)
    }
  }
}

/** The prototype of the runtime's own `Request`, under those that frameworks have put on top of it. */
function rootOfRequests(): object {
  let prototype: object = globalThis.Request.prototype
  for (;;) {
    const below: object | null = Object.getPrototypeOf(prototype)
    if (below === null || below === Object.prototype) return prototype
    prototype = below
  }
}
