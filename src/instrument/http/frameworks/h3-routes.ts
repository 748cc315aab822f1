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
/** Where a request has what was assigned: as an own property of the same name it would take ten times as long to put there. */
const KEPT = Symbol('meterkit.h3.context')

/** A request with what h3 has assigned to it. */
interface Entered extends SrvxRequest {
  [KEPT]?: unknown
}

/** The services that are told. The property is put there once for all of them, and stays: requests have their context by it. */
const listeners = new Set<H3Routes>()
let heard = false

/**
 * Reads the matched route from the context that h3 leaves on the request of the Web API, which leads to that of Node.js.
 *
 * h3 assigns it as `request.context`. `Request.prototype` has no property of that name, so one that keeps what is assigned and
 * tells of it reaches every copy of h3, in Nitro's bundles too. It is put there only where a server has a listener of srvx, on
 * which h3 and Nitro build.
 */
export class H3Routes implements Framework {
  readonly #host: FrameworkHost

  constructor(host: FrameworkHost) {
    this.#host = host
  }

  start(): void {}

  stop(): void {
    listeners.delete(this)
  }

  meet(server: object): void {
    if (listeners.has(this)) return
    const { listeners: listenersOf } = server as { listeners?(event: string): unknown[] }
    const isSrvx = (listener: unknown) => typeof listener === 'function' && SRVX_LISTENER.test(String(listener))
    if (listenersOf?.call(server, 'request').some(isSrvx) !== true) return
    listeners.add(this)
    hearOfContexts(rootOfRequests())
  }

  pathOf(exchange: Exchange): Path {
    const { matchedRoute } = exchange.context as H3Context
    const template = matchedRoute?.route
    return typeof template === 'string' ? this.#host.paths.ofRoute(template) : this.#host.paths.unmatched
  }

  enter(request: SrvxRequest, context: unknown): void {
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

function hearOfContexts(prototype: object): void {
  // Another copy of this library may hear of it already: it is told as well.
  const before = Object.getOwnPropertyDescriptor(prototype, CONTEXT)
  if (heard || (before !== undefined && before.set === undefined)) return
  heard = true
  Object.defineProperty(prototype, CONTEXT, {
    configurable: true,
    enumerable: false,
    get(this: Entered): unknown {
      return this[KEPT]
    },
    set(this: Entered, value: unknown) {
      this[KEPT] = value
      before?.set?.call(this, value)
      for (const listener of listeners) listener.enter(this, value)
    },
  })
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
