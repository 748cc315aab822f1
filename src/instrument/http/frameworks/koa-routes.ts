import type { IncomingMessage } from 'node:http'
import { type Method, type Override, overrideMethod } from '../../override-method'
import type { Exchange } from '../exchange'
import { exchangeOf } from '../exchange'
import { normalisePath, pathOfTarget } from '../normalise-path'
import type { Path } from '../paths'
import type { Framework, FrameworkHost } from './framework'
import { type Pattern, RouteNode } from './route-tree'

/** Koa's context, with what @koa/router keeps on it. */
interface KoaContext {
  readonly req: IncomingMessage
  readonly method: string
  /** The path of the layer of a router that was called last, with all prefixes. */
  readonly _matchedRoute?: Pattern
  /** The layers of all routers whose path matches, whatever their methods. */
  readonly matched?: readonly RouterLayer[]
  /** What koa-mount has taken off the path, here or in a mount that was left again; of mounts in each other the innermost. */
  readonly mountPath?: string
  readonly response: { readonly _explicitStatus?: boolean }
}

/** A route, or a middleware of a router, which has no methods. */
interface RouterLayer {
  readonly path: Pattern
  readonly methods: readonly string[]
  match(path: string): boolean
}

/** How a pattern ends that matches all below a path. */
const WILDCARD = /\/?(?:\{?\/?\*\w+\}?|\(\.\*\))$/

type HandleRequest = (this: unknown, context: KoaContext, middleware: unknown) => unknown

/**
 * Reads the matched route from the context, which Koa hands to `handleRequest` of the application's class and leaves nowhere
 * within reach of the request.
 */
export class KoaRoutes implements Framework {
  readonly #host: FrameworkHost
  readonly #root: RouteNode
  readonly #overrides = new Map<object, Override>()

  constructor(host: FrameworkHost) {
    this.#host = host
    this.#root = RouteNode.root(host.paths)
  }

  start(): void {}

  stop(): void {
    for (const override of this.#overrides.values()) override.restore()
    this.#overrides.clear()
  }

  /** The class of applications, as a module that is loaded. */
  meetApplicationClass(applicationClass: unknown): void {
    const prototype = typeof applicationClass === 'function' ? applicationClass.prototype : undefined
    const handle = prototype?.handleRequest
    if (typeof handle !== 'function' || this.#overrides.has(prototype)) return
    const enter = (context: KoaContext) => this.#enter(context)
    const entered: HandleRequest = function (context, middleware) {
      enter(context)
      return handle.call(this, context, middleware)
    }
    this.#overrides.set(prototype, overrideMethod(prototype, 'handleRequest', entered as Method, 'Koa'))
  }

  meet(): void {}

  pathOf(exchange: Exchange, statusCode: number): Path {
    const context = exchange.context as KoaContext
    const { _matchedRoute: matched } = context
    // Koa says 404 where nobody has said anything: then the route that was entered has passed the request on.
    if (matched === undefined || (statusCode === 404 && context.response._explicitStatus !== true)) {
      return this.#host.paths.unmatched
    }
    return this.#mountOf(exchange, context).child(routeAround(context) ?? matched).path
  }

  /** The node of the mounts in which the route was matched: koa-mount leaves nothing of them, so it is the text before that. */
  #mountOf({ target }: Exchange, { mountPath, matched = [], _matchedRoute }: KoaContext): RouteNode {
    const layer = mountPath === undefined ? undefined : matched.find(({ path }) => path === _matchedRoute)
    const path = pathOfTarget(target) ?? ''
    if (layer === undefined || layer.match(path)) return this.#root
    for (let at = path.indexOf('/', 1); at !== -1; at = path.indexOf('/', at + 1)) {
      if (layer.match(path.slice(at))) return this.#root.child(normalisePath(path.slice(0, at)))
    }
    return layer.match('/') ? this.#root.child(normalisePath(path)) : this.#root
  }

  #enter(context: KoaContext): void {
    try {
      const exchange = exchangeOf(context.req, this.#host.key)
      if (exchange === undefined) return
      exchange.router = this
      exchange.context = context
    } catch (error) {
      this.#host.onFault(error)
    }
  }
}

/** The route before which a middleware of its router has answered; `undefined` where no middleware was called last. */
function routeAround({ _matchedRoute, matched = [], method }: KoaContext): Pattern | undefined {
  const index = matched.findIndex(({ path }) => path === _matchedRoute)
  const last = matched[index]
  if (last === undefined || last.methods.length > 0) return undefined
  const route = matched.find(({ methods }, at) => at > index && methods.includes(method))?.path
  return route !== undefined && isAround(route, last.path) ? undefined : route
}

/** Whether a route is for all paths of a middleware and more, as one is that answers what no other route does. */
function isAround(route: Pattern, path: Pattern): boolean {
  const text = String(route)
  const start = text.replace(WILDCARD, '')
  return start !== text && String(path).startsWith(`${start}/`)
}
