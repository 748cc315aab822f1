import { HONO_FILES } from '../../../model/framework-modules'
import { type Method, type Override, overrideMethod } from '../../override-method'
import type { Exchange } from '../exchange'
import { exchangeOf } from '../exchange'
import type { Path } from '../paths'
import type { Framework, FrameworkHost } from './framework'
import {
  type Followed,
  type HonoContext,
  joined,
  type Match,
  mountOf,
  notingPassOn,
  standIn,
  templateOf,
} from './hono-template'
import { moduleOfApplication } from './loaded-modules'

type MatchResult = readonly [matches: Match[], params?: unknown]

interface Router {
  match: (method: string, path: string) => MatchResult
}

/** By method: one expression for all paths with parameters, what it leads to, and what single paths lead to. */
type Matchers = Readonly<
  Record<string, readonly [RegExp, (Match[] | undefined)[], Readonly<Record<string, MatchResult>>]>
>

const PACKAGE = 'hono'

/** The services that follow requests now. What stands in applications tells all of them, and so serves one that starts later. */
const followers = new Set<HonoRoutes>()
/** The overridden methods of router classes, there once for all services. */
const overrides = new Map<object, Override>()
/** The functions of ours that routers have in their answers. */
const entries = new WeakSet<Match>()

/**
 * Learns from Hono's router which functions match a request, and from its context which of them was called last.
 *
 * Nothing leads from the request of Node.js to that context. So the router, which every application asks, has its answer begin
 * with a function of ours, which sees the context, leads on to the application's own, and stays out of the way otherwise. Routers
 * keep their answers, so that this is done once for each.
 */
export class HonoRoutes implements Framework {
  readonly #host: FrameworkHost
  /** The servers of applications, to know a request that matches nothing. */
  readonly #servers = new WeakSet<object>()
  #looked = false

  constructor(host: FrameworkHost) {
    this.#host = host
  }

  start(): void {
    followers.add(this)
  }

  /** Routers that have answered before stay as they are, and lead on to the application's functions. */
  stop(): void {
    followers.delete(this)
    if (followers.size > 0) return
    for (const override of overrides.values()) override.restore()
    overrides.clear()
  }

  /** The module of a class of routers. */
  meetRouterModule(exports: unknown): void {
    for (const routerClass of Object.values(exports ?? {})) {
      const prototype = typeof routerClass === 'function' ? routerClass.prototype : undefined
      if (typeof prototype?.add !== 'function' || overrides.has(prototype)) continue
      const { match, buildAllMatchers } = prototype
      if (typeof match === 'function') override(prototype, 'match', followedMatch(match) as Method)
      else if (typeof buildAllMatchers === 'function')
        override(prototype, 'buildAllMatchers', followedMatchers(buildAllMatchers) as Method)
    }
  }

  /** Its ES modules are found where the application has them: an import leaves no trace of its own. */
  meet(): void {
    if (this.#looked) return
    this.#looked = true
    for (const file of HONO_FILES) {
      this.meetRouterModule(moduleOfApplication(PACKAGE, file.slice(`/${PACKAGE}/`.length)))
    }
  }

  pathOf(exchange: Exchange, statusCode: number): Path {
    const followed = exchange.context as Followed
    const template = templateOf(followed, statusCode)
    if (template === undefined) return this.#host.paths.unmatched
    const mount = mountOf(followed)
    return this.#host.paths.ofRoute(mount === '' ? template : joined(mount, template), template)
  }

  pathOfUnseen(exchange: Exchange): Path | undefined {
    return this.#servers.has(exchange.server) ? this.#host.paths.unmatched : undefined
  }

  enter(context: HonoContext, matches: readonly Match[]): void {
    try {
      const request = context.env?.incoming
      const exchange = request === undefined ? undefined : exchangeOf(request, this.#host.key)
      if (exchange === undefined) return
      const above = exchange.router === this ? (exchange.context as Followed) : undefined
      exchange.router = this
      exchange.context = { context, matches, above } satisfies Followed
      this.#servers.add(exchange.server)
    } catch (error) {
      this.#host.onFault(error)
    }
  }
}

function override(prototype: object, name: string, method: Method): void {
  overrides.set(prototype, overrideMethod(prototype, name, method, 'a Hono router'))
}

/** A RegExpRouter makes all of its answers beforehand, and keeps the method that picks one on the router itself. */
function followedMatchers(build: (this: unknown) => Matchers): (this: unknown) => Matchers {
  return function () {
    const matchers = build.call(this)
    for (const [, answers, answersByPath] of Object.values(matchers)) {
      for (const matches of answers) if (matches !== undefined) followed([matches])
      for (const answer of Object.values(answersByPath)) followed(answer)
    }
    return matchers
  }
}

/** The first answer of a SmartRouter puts the router that it has chosen into its own place. */
function followedMatch(match: Router['match']): (this: Router, method: string, path: string) => MatchResult {
  return function (method, path) {
    const result = match.call(this, method, path)
    if (Object.hasOwn(this, 'match')) {
      const chosen = this.match
      this.match = (method, path) => followed(chosen(method, path))
    }
    return followed(result)
  }
}

/** The answer itself, which begins with a function of ours from now on. */
function followed(result: MatchResult): MatchResult {
  const [matches] = result
  const [first] = matches
  if (first === undefined || entries.has(first) || followers.size === 0) return result
  const last = matches.length - 1
  matches[last] = notingPassOn(matches[last] as Match)
  const [[handler, route], params] = matches[0] as Match
  const entered = standIn(handler, (context, next) => {
    for (const follower of followers) follower.enter(context, matches)
    return handler(context, next)
  })
  const entry: Match = [[entered, route], params]
  entries.add(entry)
  matches[0] = entry
  return result
}
