import type { IncomingMessage } from 'node:http'

/** Hono's context, as far as it is read here. */
export interface HonoContext {
  /** What @hono/node-server hands to the application. */
  readonly env?: { readonly incoming?: IncomingMessage }
  /** `path` without the path of the mount, in an application that is mounted with `app.mount()`. */
  readonly req: { readonly routeIndex: number; readonly path: string }
}

/** Where Hono keeps what a function was that it has put another one around, for its own errors; and we do. */
const COMPOSED = '__COMPOSED_HANDLER'

export type Handler = ((context: HonoContext, next: () => unknown) => unknown) & { readonly [COMPOSED]?: Handler }

interface HonoRoute {
  /** The template, with that of every application it was mounted in. */
  readonly path: string
  /** `ALL` for middleware, too. */
  readonly method: string
}

/** A function whose path matches, and its parameters. */
export type Match = readonly [handler: readonly [Handler, HonoRoute], params: unknown]

/** What an exchange keeps: which of the functions was called last is known by their number in the context. */
export interface Followed {
  readonly context: HonoContext
  readonly matches: readonly Match[]
  /** The application that has called this one. */
  readonly above: Followed | undefined
}

/** How the function goes on with which `app.mount()` calls what is mounted, minified or not; nothing else marks it. */
const MOUNT = /\.req\.raw\)[^;]*,\s*\.\.\.[\w$]+\([\w$]+\)\)/
const mounts = new WeakMap<Handler, boolean>()

/** The requests that the last of their functions has passed on, after which nothing is found. */
const passedOn = new WeakSet<HonoContext>()

/**
 * The last function of an answer, which notes when it passes a request on: Hono's context does not tell. One that names no `next`
 * may have it among its rest parameters or its `arguments`.
 */
export function notingPassOn(match: Match): Match {
  const [[handler, route], params] = match
  if (isMiddleware(match)) return match
  const noting = standIn(handler, (context, next) =>
    handler(context, () => {
      passedOn.add(context)
      return next()
    }),
  )
  return [[noting, route], params]
}

/** A function that stands for another one, of which the rest of this file still knows. */
export function standIn(handler: Handler, stand: Handler): Handler {
  return Object.assign(stand, { [COMPOSED]: handler })
}

/** What has answered; `undefined` where that is for no path in particular. */
export function templateOf({ context, matches }: Followed, statusCode: number): string | undefined {
  const index = matches.length === 1 ? 0 : context.req.routeIndex
  const last = matches[index]
  if (last === undefined) return undefined
  const { path } = last[0][1]
  if (!isMiddleware(last)) return statusCode === 404 && passedOn.has(context) ? undefined : path
  // Middleware has answered: for the route that it stands before, or for all that is below its path, as what is mounted does.
  const isRoute = (match: Match) => (!isMiddleware(match) || isMount(match)) && !isAround(match[0][1].path, path)
  const route = isMount(last) ? undefined : matches.find((match, at) => at > index && isRoute(match))
  if (route !== undefined) return route[0][1].path
  return statusCode === 404 || path === '*' || path === '/*' ? undefined : path
}

/** The template of what an application is mounted at, whose path it does not see; `''` where it is not mounted. */
export function mountOf({ context, above }: Followed): string {
  if (above === undefined) return ''
  const { path } = context.req
  const whole = above.context.req.path
  const isMounted = whole !== path && (path === '/' || whole.endsWith(path))
  const template = isMounted ? above.matches[above.context.req.routeIndex]?.[0][1].path : undefined
  return joined(mountOf(above), template?.replace(/\/\*$/, '') ?? '')
}

export function joined(mount: string, template: string): string {
  return template === '/' ? mount : mount + template
}

/** Hono registers middleware as it does the handlers of all methods; these seldom have a second parameter and a wildcard. */
function isMiddleware([[handler, { method, path }]]: Match): boolean {
  return method === 'ALL' && path.endsWith('*') && ownOf(handler).length > 1
}

function isMount([[handler]]: Match): boolean {
  const own = ownOf(handler)
  let known = mounts.get(own)
  if (known === undefined) {
    known = MOUNT.test(String(own))
    mounts.set(own, known)
  }
  return known
}

/** Whether a route is for all paths of a middleware and more, as one is that answers what no other route does. */
function isAround(route: string, path: string): boolean {
  return route.endsWith('*') && route !== path && path.startsWith(route.slice(0, -1))
}

/** The function that the application has given. */
function ownOf(handler: Handler): Handler {
  const own = handler[COMPOSED]
  return own === undefined ? handler : ownOf(own)
}
