import type { ServerResponse } from 'node:http'
import type { Exchange } from '../exchange'
import { exchangeOf } from '../exchange'
import { normalisePath } from '../normalise-path'
import type { Path } from '../paths'
import { nextBeyond, nextMended, nextWithin } from './express-failure'
import { type Layer, Layers, layersOf, listenersOf, type Next, type Route, type RoutedRequest } from './express-layer'
import { currentMount, failedMount, Mount } from './express-mounts'
import { express4Pattern } from './express4-pattern'
import type { Framework, FrameworkHost } from './framework'
import type { Pattern } from './route-tree'
import { joinPatterns, RouteNode } from './route-tree'

/**
 * Follows a request through the routers of Express 4 and 5, from layer to layer.
 *
 * `request.route` and `request.baseUrl` at the close of the response do not do: `baseUrl` holds real values (`/org/1`), and
 * `route` stays when its handler has called `next()`. So the last layer called decides: a route gives its own path, a mounted
 * function that of its mount, and middleware at the root none. Error handlers change nothing: they answer for what failed,
 * unless they have mended it and passed the request on.
 */
export class ExpressRoutes implements Framework {
  readonly #host: FrameworkHost
  readonly #root: RouteNode
  readonly #layers: Layers
  /** Under which router 2.3 keeps the pattern that matched on the request. */
  #matchedKey: symbol | undefined

  constructor(host: FrameworkHost) {
    this.#host = host
    this.#root = RouteNode.root(host.paths)
    this.#layers = new Layers(
      (layer, request, response, next) => this.#call(layer, request, response, next),
      (layer, request, _response, next) => this.#callWithError(layer, request, next),
    )
  }

  start(): void {}

  stop(): void {
    this.#layers.unwatch()
  }

  /** The class of layers, as a module that is loaded. */
  meetLayerClass(layerClass: unknown): void {
    if (typeof layerClass === 'function') this.#layers.watch(layerClass.prototype)
  }

  meet(server: object): void {
    for (const listener of listenersOf(server)) this.#meetApplication(listener)
  }

  pathOf(exchange: Exchange, statusCode: number): Path {
    const path = this.#ownPathOf(exchange, statusCode)
    const { around } = exchange
    if (around === undefined) return path
    // Another framework has called it and goes on where it has given up.
    if ((exchange.request as RoutedRequest).baseUrl !== undefined && path !== this.#host.paths.unmatched) return path
    exchange.takenBy(around.router, around.context, around.path)
    return around.router.pathOf(exchange, statusCode)
  }

  #ownPathOf(exchange: Exchange, statusCode: number): Path {
    const request: RoutedRequest = exchange.request
    const { route } = request
    // A route that was found and not entered: a function for one of its parameters has answered or failed.
    if (route !== undefined && route !== exchange.context) return this.#beside(exchange, route).path
    if (exchange.path === undefined) return this.#host.paths.unmatched
    if (statusCode !== 404) return exchange.path
    // A 404 is the route's own while its router has the request, or when it was the route that failed with it.
    const ofRoute = !exchange.mounted && (request.baseUrl !== undefined || exchange.failed)
    return ofRoute ? exchange.path : this.#host.paths.unmatched
  }

  /**
   * The path of a request whose router was not known until now: what it has left on the request tells nearly as much. Further
   * requests are followed.
   */
  pathOfUnseen(exchange: Exchange, statusCode: number): Path | undefined {
    const request: RoutedRequest = exchange.request
    if (!('baseUrl' in request)) return undefined
    const layer = request.route?.stack?.[0]
    // One that would have been seen was not entered: a function for one of its parameters has failed.
    const hasFailed = this.#layers.isWatched(layer)
    this.#layers.watchLike(layer)
    if (request.app !== undefined) this.#meetApplication(request.app)
    const pattern = request.route?.path
    if (pattern === undefined || (statusCode === 404 && request.baseUrl === undefined && !hasFailed))
      return this.#host.paths.unmatched
    const base = request.baseUrl === undefined || request.baseUrl === '' ? '' : normalisePath(request.baseUrl)
    return this.#host.paths.ofRoute(joinPatterns(base, pattern) || '/', String(pattern))
  }

  #meetApplication(listener: unknown): void {
    this.#layers.watchLike(layersOf(listener)[0])
  }

  #call(layer: Layer, request: RoutedRequest, response: ServerResponse, next: Next): Next {
    try {
      const exchange = exchangeOf(request, this.#host.key)
      if (exchange === undefined || (layer.slash === true && this.#isAtRoot(exchange, request))) return next
      // What runs after the answer has begun does not change whose answer it is, and error handlers are passed over here.
      if (response.headersSent || layer.handle.length > 3) return next
      exchange.failed = false
      if ('method' in layer) return nextWithin(exchange, next)
      if (exchange.router !== this) exchange.enterWithin(this)
      exchange.context = request.route
      return this.#follow(exchange, layer, request, next)
    } catch (error) {
      this.#host.onFault(error)
    }
    return next
  }

  #callWithError(layer: Layer, request: RoutedRequest, next: Next): Next {
    if (layer.handle.length !== 4) return next
    try {
      const exchange = exchangeOf(request, this.#host.key)
      if (exchange?.router === undefined) exchange?.enterWithin(this)
      if (exchange?.router !== this) return next
      // A route that was found and not entered: a function for one of its parameters has failed.
      if (request.route !== exchange.context) exchange.failed = true
      return nextMended(exchange, next)
    } catch (error) {
      this.#host.onFault(error)
      return next
    }
  }

  /** Whether middleware at the root changes nothing, which is what most of it does: it comes first. */
  #isAtRoot(exchange: Exchange, request: RoutedRequest): boolean {
    return (
      exchange.router === this &&
      exchange.path === undefined &&
      exchange.mount === undefined &&
      exchange.context === request.route
    )
  }

  #follow(exchange: Exchange, layer: Layer, request: RoutedRequest, next: Next): Next {
    const { route, regexp } = layer
    exchange.mounted = route === undefined
    const { baseUrl = '' } = request
    const above = currentMount(exchange.mount, baseUrl)
    exchange.mount = above
    if (route !== undefined) {
      // With it, `response.sendFile` and `render` pass on what they have failed with.
      if (request.next !== undefined) request.next = nextWithin(exchange, request.next)
      const node = above?.node ?? this.#root
      exchange.path = node.child(this.#matched(layer.rawPath ?? route.path ?? '', request)).path
      return next
    }
    if (layer.slash === true || regexp?.fast_slash === true) {
      exchange.path = above?.node.path
      return next
    }
    const mount = new Mount(baseUrl, this.#nodeOf(layer, above, request), above)
    exchange.mount = mount
    exchange.path = mount.node.path
    return nextBeyond(mount, next)
  }

  /** Of several patterns, the one that matched, where the router says so. */
  #matched(pattern: Pattern, request: RoutedRequest): Pattern {
    if (!Array.isArray(pattern)) return pattern
    const kept = request as unknown as Record<symbol, Pattern | undefined>
    if (this.#matchedKey === undefined || kept[this.#matchedKey] === undefined) {
      const keys = Object.getOwnPropertySymbols(request)
      this.#matchedKey = keys.find(({ description }) => description === 'router.tracing.matchedRoute')
    }
    return (this.#matchedKey === undefined ? undefined : kept[this.#matchedKey]) ?? pattern
  }

  /** The node of a mount. Router 2 before 2.3 keeps no pattern: there the text that matched has to do. */
  #nodeOf(layer: Layer, mount: Mount | undefined, request: RoutedRequest): RouteNode {
    const above = mount === undefined ? this.#root : mount.node
    if (layer.rawPath !== undefined) return above.child(this.#matched(layer.rawPath, request))
    if (layer.regexp !== undefined) return above.child(layer.regexp, () => express4Pattern(layer))
    return above.child(normalisePath(request.baseUrl?.slice(mount?.baseUrl.length ?? 0) ?? ''))
  }

  /** The node of a route that was found and not entered, below the mount that it hangs in. */
  #beside({ mount, failed, request }: Exchange, route: Route): RouteNode {
    const { baseUrl } = request as RoutedRequest
    // Who has answered has it still; after a failure it is that of who answers for it.
    const isStill = baseUrl !== undefined && !failed
    const found = isStill ? currentMount(mount, baseUrl) : failedMount(mount)
    const node = found?.node ?? this.#root
    return node.child(this.#matched(route.path ?? '', request))
  }
}
