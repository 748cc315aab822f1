import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../exchange'
import type { Path } from '../paths'
import type { Framework, FrameworkHost } from './framework'

/** What Next.js keeps on the request, under a symbol that is registered for all its copies. */
interface NextMeta {
  /** The file of the route that was found, rewrites included. */
  readonly invokeOutput?: unknown
  /** What renders the answer in the end: an error's page, where there was one. */
  readonly match?: { readonly definition?: { readonly pathname?: unknown } }
}

const META = 'NextInternalRequestMeta'
/** Pages that answer for what is no route. */
const ERROR_PAGES: ReadonlySet<unknown> = new Set(['/_not-found', '/_error', '/404', '/500'])
/** The files of a build; their names are new with each. */
const BUILD_FILES = '/_next/static/'

/** Reads the matched route of both routers of Next.js, `app` and `pages`, from what it leaves on the request. */
export class NextRoutes implements Framework {
  readonly #host: FrameworkHost
  readonly #meta = Symbol.for(META)
  #isLoaded = false

  constructor(host: FrameworkHost) {
    this.#host = host
  }

  start(): void {}

  stop(): void {}

  meet(): void {}

  /** Its server is loaded: that of another framework may call it. */
  meetServer(): void {
    this.#isLoaded = true
  }

  /** The path of a request that another framework has followed; `undefined` where that has not called Next.js. */
  pathWithin(exchange: Exchange, statusCode: number): Path | undefined {
    return this.#isLoaded ? this.pathOfUnseen(exchange, statusCode) : undefined
  }

  pathOf(exchange: Exchange, statusCode: number): Path {
    return this.pathOfUnseen(exchange, statusCode) ?? this.#host.paths.unmatched
  }

  pathOfUnseen({ request, target }: Exchange, statusCode: number): Path | undefined {
    const meta = (request as IncomingMessage & Record<symbol, NextMeta | undefined>)[this.#meta]
    if (typeof meta !== 'object' || meta === null) return undefined
    const { paths } = this.#host
    const template = routeOf(meta)
    if (template !== undefined) return paths.ofRoute(template)
    return statusCode !== 404 && target.startsWith(BUILD_FILES) ? paths.ofRoute(`${BUILD_FILES}*`) : paths.unmatched
  }
}

function routeOf({ invokeOutput, match }: NextMeta): string | undefined {
  if (isRoute(invokeOutput)) return invokeOutput
  const pathname = match?.definition?.pathname
  return isRoute(pathname) ? pathname : undefined
}

function isRoute(text: unknown): text is string {
  return typeof text === 'string' && !ERROR_PAGES.has(text)
}
