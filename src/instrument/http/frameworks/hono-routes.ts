import type { IncomingMessage } from 'node:http'
import { type Method, type Override, overrideMethod } from '../../override-method'
import type { Exchange } from '../exchange'
import { exchangeOf } from '../exchange'
import type { Path } from '../paths'
import type { Framework, FrameworkHost } from './framework'
import { moduleOfApplication } from './loaded-modules'

/** Hono's context, as far as it is read here. */
interface HonoContext {
  /** What @hono/node-server hands to the application. */
  readonly env?: { readonly incoming?: IncomingMessage }
  readonly req: { readonly routeIndex: number }
}

type Handler = (context: HonoContext, next: unknown) => unknown

interface HonoRoute {
  /** The template, with that of every application it was mounted in. */
  readonly path: string
  /** `ALL` for middleware, too. */
  readonly method: string
}

/** A function whose path matches, and its parameters. */
type Match = readonly [handler: readonly [Handler, HonoRoute], params: unknown]
type MatchResult = readonly [matches: readonly Match[], params?: unknown]

interface Router {
  match: (method: string, path: string) => MatchResult
}

/** What an exchange keeps: which of the functions was called last is known by their number in the context. */
interface Followed {
  readonly context: HonoContext
  readonly matches: readonly Match[]
}

/** The router that applications have, and that of the smallest preset. */
const ROUTER_FILES = ['dist/router/smart-router/router.js', 'dist/router/pattern-router/router.js']

/**
 * Learns from Hono's router which functions match a request, and from its context which of them was called last.
 *
 * Nothing leads from the request of Node.js to that context. So the router, which every application asks, has its answer begin
 * with a function of ours, which sees the context, leads on to the application's own, and stays out of the way otherwise.
 */
export class HonoRoutes implements Framework {
  readonly #host: FrameworkHost
  readonly #overrides = new Map<object, Override>()
  readonly #followed = new WeakMap<readonly Match[], readonly Match[]>()
  /** The servers of applications, to know a request that matches nothing. */
  readonly #servers = new WeakSet<object>()
  #running = false
  #looked = false

  constructor(host: FrameworkHost) {
    this.#host = host
  }

  start(): void {
    this.#running = true
  }

  /** Routers that have answered before stay as they are, and pass their answers on untouched. */
  stop(): void {
    this.#running = false
    for (const override of this.#overrides.values()) override.restore()
    this.#overrides.clear()
  }

  /** The module of a class of routers. */
  meetRouterModule(exports: unknown): void {
    for (const routerClass of Object.values(exports ?? {})) {
      const prototype = typeof routerClass === 'function' ? routerClass.prototype : undefined
      const match = prototype?.match
      if (typeof match !== 'function' || typeof prototype.add !== 'function' || this.#overrides.has(prototype)) continue
      const followed = this.#followedMatch(match)
      this.#overrides.set(prototype, overrideMethod(prototype, 'match', followed as Method, 'a Hono router'))
    }
  }

  /** Its ES modules are found where the application has them: an import leaves no trace of its own. */
  meet(): void {
    if (this.#looked) return
    this.#looked = true
    for (const file of ROUTER_FILES) this.meetRouterModule(moduleOfApplication('hono', file))
  }

  pathOf(exchange: Exchange, statusCode: number): Path {
    const { context, matches } = exchange.context as Followed
    const index = matches.length === 1 ? 0 : context.req.routeIndex
    const last = matches[index]
    if (last === undefined) return this.#host.paths.unmatched
    if (!isMiddleware(last)) return this.#host.paths.ofRoute(last[0][1].path)
    // Middleware has answered: for the route that it stands before, or for all that is below its path.
    const route = matches.find((match, at) => at > index && !isMiddleware(match))
    if (route !== undefined) return this.#host.paths.ofRoute(route[0][1].path)
    const { path } = last[0][1]
    return statusCode === 404 || path === '*' || path === '/*'
      ? this.#host.paths.unmatched
      : this.#host.paths.ofRoute(path)
  }

  pathOfUnseen(exchange: Exchange): Path | undefined {
    return this.#servers.has(exchange.server) ? this.#host.paths.unmatched : undefined
  }

  /** The first answer of a SmartRouter puts the router that it has chosen into its own place. */
  #followedMatch(match: Router['match']): (this: Router, method: string, path: string) => MatchResult {
    const follow = (result: MatchResult) => this.#follow(result)
    return function (method, path) {
      const result = match.call(this, method, path)
      if (Object.hasOwn(this, 'match')) {
        const chosen = this.match
        this.match = (method, path) => follow(chosen(method, path))
      }
      return follow(result)
    }
  }

  #follow(result: MatchResult): MatchResult {
    const [matches] = result
    const [first] = matches
    if (first === undefined || !this.#running) return result
    let followed = this.#followed.get(matches)
    if (followed === undefined) {
      const [[handler, route], params] = first
      const entered: Handler = (context, next) => {
        this.#enter(context, matches)
        return handler(context, next)
      }
      Object.defineProperty(entered, 'length', { value: handler.length })
      followed = [[[entered, route], params], ...matches.slice(1)]
      this.#followed.set(matches, followed)
    }
    return [followed, ...result.slice(1)] as unknown as MatchResult
  }

  #enter(context: HonoContext, matches: readonly Match[]): void {
    try {
      const request = context.env?.incoming
      const exchange = request === undefined ? undefined : exchangeOf(request, this.#host.key)
      if (exchange === undefined) return
      exchange.router = this
      exchange.context = { context, matches } satisfies Followed
      this.#servers.add(exchange.server)
    } catch (error) {
      this.#host.onFault(error)
    }
  }
}

/** Hono registers middleware as it does the handlers of all methods; these seldom have a second parameter and a wildcard. */
function isMiddleware([[handler, { method, path }]]: Match): boolean {
  return method === 'ALL' && path.endsWith('*') && handler.length > 1
}
