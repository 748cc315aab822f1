import type { IncomingMessage } from 'node:http'

/** Hono's context, as far as it is read here. */
export interface HonoContext {
  /** What @hono/node-server hands to the application. */
  readonly env?: { readonly incoming?: IncomingMessage }
  /** `path` without the path of the mount, in an application that is mounted with `app.mount()`. */
  readonly req: { readonly routeIndex: number; readonly path: string }
}

export type Handler = (context: HonoContext, next: () => unknown) => unknown

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

/** The requests that the last of their functions has passed on, after which nothing is found. */
const passedOn = new WeakSet<HonoContext>()

/**
 * The last function of an answer, which notes when it passes a request on: Hono's context does not tell. One that names no `next`
 * may have it among its rest parameters or its `arguments`.
 */
export function notingPassOn(match: Match): Match {
  const [[handler, route], params] = match
  if (isMiddleware(match)) return match
  const noting: Handler = (context, next) =>
    handler(context, () => {
      passedOn.add(context)
      return next()
    })
  Object.defineProperty(noting, 'length', { value: handler.length })
  return [[noting, route], params]
}

/** What has answered; `undefined` where that is for no path in particular. */
export function templateOf({ context, matches }: Followed, statusCode: number): string | undefined {
  const index = matches.length === 1 ? 0 : context.req.routeIndex
  const last = matches[index]
  if (last === undefined) return undefined
  if (!isMiddleware(last)) return statusCode === 404 && passedOn.has(context) ? undefined : last[0][1].path
  // Middleware has answered: for the route that it stands before, or for all that is below its path.
  const route = matches.find((match, at) => at > index && !isMiddleware(match))
  if (route !== undefined) return route[0][1].path
  const { path } = last[0][1]
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
export function isMiddleware([[handler, { method, path }]]: Match): boolean {
  return method === 'ALL' && path.endsWith('*') && handler.length > 1
}
