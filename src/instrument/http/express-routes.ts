import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange, ExchangeKey, Router } from './exchange'
import { exchangeOf } from './exchange'
import { normalisePath } from './normalise-path'
import type { Path, Paths } from './paths'
import type { Pattern } from './route-tree'
import { joinPatterns, RouteNode } from './route-tree'

const START = 'tracing:express.router.request:start'
const ERROR = 'tracing:express.router.request:error'

/** What the router (2.3 and up; Express 5.3 and up) publishes before it calls a function, as far as it is read here. */
interface LayerCall {
  readonly req: RoutedRequest
  readonly res: ServerResponse
  readonly layer: Layer
  /** The pattern that matched: of several, the one. */
  readonly route?: Pattern
  /** Set on calls of `router.param()` functions. */
  readonly param?: string
  /** Set on calls of error handlers. */
  readonly errorHandler?: boolean
}

interface Layer {
  /** Own on the layers inside a route, `undefined` there for `.all()`. */
  readonly method?: string
  /** The route, on the layer that leads into one. */
  readonly route?: object
  readonly handle?: { readonly stack?: readonly object[] }
}

/** What every version of the router keeps on the request. */
interface RoutedRequest extends IncomingMessage {
  /** The text that the mounts so far have matched; `undefined` again once the outermost router has given up. */
  readonly baseUrl?: string
  /** The route entered last, whoever answers in the end. */
  readonly route?: { readonly path?: Pattern | readonly Pattern[] }
}

/**
 * Follows a request through Express's routers, as they publish each function before they call it.
 *
 * `request.route` and `request.baseUrl` at the close of the response do not do: `baseUrl` holds real values (`/org/1`), and
 * `route` stays when its handler has called `next()`. So the last function called decides: a route's handler gives its route,
 * a mounted function its mount, and middleware at the root none. Error handlers change nothing: they answer for what failed.
 */
export class ExpressRoutes implements Router {
  readonly #root: RouteNode
  readonly #onStart = (message: unknown) => this.#enter(message as LayerCall)
  readonly #onError = (message: unknown) => this.#fail(message as LayerCall)

  constructor(
    private readonly key: ExchangeKey,
    private readonly paths: Paths,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.#root = RouteNode.root(paths)
  }

  start(): void {
    subscribe(START, this.#onStart)
    subscribe(ERROR, this.#onError)
  }

  stop(): void {
    unsubscribe(START, this.#onStart)
    unsubscribe(ERROR, this.#onError)
  }

  pathOf(exchange: Exchange, statusCode: number): Path {
    if (exchange.path === undefined) return this.paths.unmatched
    if (statusCode !== 404) return exchange.path
    // A 404 is the route's own while its router has the request, or when it was the route that failed with it.
    const request: RoutedRequest = exchange.request
    const ofRoute = !exchange.mounted && (request.baseUrl !== undefined || exchange.failed)
    return ofRoute ? exchange.path : this.paths.unmatched
  }

  /**
   * The path of a request of which the router has published nothing: none of its functions was called, or it is a version that
   * publishes nothing (Express 4, and 5 before 5.3). `undefined` where no router has had the request.
   */
  pathOfUnseen(exchange: Exchange, statusCode: number): Path | undefined {
    const request: RoutedRequest = exchange.request
    if (!('baseUrl' in request)) return undefined
    const pattern = request.route?.path
    if (pattern === undefined || (statusCode === 404 && request.baseUrl === undefined)) return this.paths.unmatched
    const base = request.baseUrl === undefined || request.baseUrl === '' ? '' : normalisePath(request.baseUrl)
    return this.paths.ofRoute(
      joinPatterns(base, Array.isArray(pattern) ? pattern.join('|') : (pattern as Pattern)) || '/',
    )
  }

  #enter(call: LayerCall): void {
    try {
      const exchange = exchangeOf(call.res, this.key)
      // What runs after the answer has begun, and what answers for an error, does not change whose answer it is.
      if (exchange === undefined || call.errorHandler === true || call.res.headersSent) return
      exchange.router = this
      exchange.failed = false
      this.#follow(exchange, call, call.req.baseUrl ?? '')
    } catch (error) {
      this.onFault(error)
    }
  }

  #follow(exchange: Exchange, call: LayerCall, baseUrl: string): void {
    const { layer, route: pattern } = call
    const isRoute = 'method' in layer || layer.route !== undefined
    exchange.mounted = !isRoute
    if (pattern === undefined || (pattern === '/' && !isRoute)) exchange.path = undefined
    else if (isRoute || call.param !== undefined) exchange.path = this.#reached(exchange, baseUrl).child(pattern).path
    else exchange.path = this.#mount(exchange, baseUrl, pattern, layer)
  }

  #fail(call: LayerCall): void {
    try {
      const exchange = exchangeOf(call.res, this.key)
      if (exchange !== undefined) exchange.failed = true
    } catch (error) {
      this.onFault(error)
    }
  }

  /** The node of the router that is at `baseUrl` now; forgets the mounts that have been left. */
  #reached(exchange: Exchange, baseUrl: string): RouteNode {
    const mounts = exchange.mounts
    if (mounts === undefined) return this.#root
    let last = mounts.at(-1)
    while (last !== undefined && last.baseUrl.length > baseUrl.length) {
      mounts.pop()
      last = mounts.at(-1)
    }
    return last === undefined ? this.#root : last.node
  }

  #mount(exchange: Exchange, baseUrl: string, pattern: Pattern, layer: Layer): Path {
    this.#reached(exchange, baseUrl)
    exchange.mounts ??= []
    const mounts = exchange.mounts
    let last = mounts.at(-1)
    // The same text again: a sibling of the mount before, unless it hangs inside that one and has matched nothing ("{/:version}").
    while (last !== undefined && last.baseUrl === baseUrl && !(last.layer as Layer).handle?.stack?.includes(layer)) {
      mounts.pop()
      last = mounts.at(-1)
    }
    const node = (last === undefined ? this.#root : last.node).child(pattern)
    mounts.push({ baseUrl, node, layer })
    return node.path
  }
}
