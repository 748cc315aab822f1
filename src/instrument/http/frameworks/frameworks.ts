import { HAPI_FILE, HONO_COMMONJS_FILES, HONO_FILES, KOA_FILE, LAYER_FILES } from '../../../model/framework-modules'
import type { Exchange } from '../exchange'
import type { Path } from '../paths'
import { ExpressRoutes } from './express-routes'
import { FastifyRoutes } from './fastify-routes'
import type { Framework, FrameworkHost } from './framework'
import { H3Routes } from './h3-routes'
import { HapiRoutes } from './hapi-routes'
import { HonoRoutes } from './hono-routes'
import { KoaRoutes } from './koa-routes'
import { LoadedModules, type WantedModule } from './loaded-modules'
import { NextRoutes } from './next-routes'
import { RestifyRoutes } from './restify-routes'

/** How many requests a server has had when it was looked at for the last time: an application may load a framework late. */
const LAST_LOOK = 1024

type TellingFramework = Framework & Required<Pick<Framework, 'pathOfUnseen'>>

/** When a server is looked at. */
interface Visit {
  readonly server: object
  requests: number
  /** The number of the request before which it is looked at next. */
  next: number
}

/** All frameworks whose routes are known, each of which is followed where the application has loaded it. */
export class Frameworks {
  readonly #host: FrameworkHost
  readonly #all: readonly Framework[]
  /** Those that can tell of a request which they have not followed. */
  readonly #telling: readonly TellingFramework[]
  readonly #next: NextRoutes
  readonly #modules: LoadedModules
  readonly #visits = new WeakMap<object, Visit>()
  #recent: Visit = { server: this, requests: 0, next: 0 }

  constructor(host: FrameworkHost) {
    const express = new ExpressRoutes(host)
    const koa = new KoaRoutes(host)
    const hono = new HonoRoutes(host)
    const hapi = new HapiRoutes(host)
    this.#host = host
    this.#next = new NextRoutes(host)
    this.#all = [
      express,
      new FastifyRoutes(host),
      koa,
      hono,
      hapi,
      new RestifyRoutes(host),
      new H3Routes(host),
      this.#next,
    ]
    this.#telling = this.#all.filter(canTell)
    this.#modules = new LoadedModules([
      ...wanted(LAYER_FILES, (exports) => express.meetLayerClass(exports)),
      ...wanted([KOA_FILE], (exports) => koa.meetApplicationClass(exports)),
      ...wanted(['/next/dist/server/next-server.js'], () => this.#next.meetServer()),
      ...wanted([HAPI_FILE], (exports) => hapi.meetRequestClass(exports)),
      ...wanted([...HONO_FILES, ...HONO_COMMONJS_FILES], (exports) => hono.meetRouterModule(exports)),
    ])
  }

  start(): void {
    for (const framework of this.#all) framework.start()
  }

  stop(): void {
    for (const framework of this.#all) framework.stop()
  }

  /** Is told of every request before the application has it. */
  arrive(server: object): void {
    const visit = this.#recent.server === server ? this.#recent : this.#visit(server)
    visit.requests++
    if (visit.requests === visit.next) this.#look(visit)
  }

  /** The path of a request, by the framework that has followed it; `undefined` where none has had it. */
  pathOf(exchange: Exchange, statusCode: number): Path | undefined {
    const { router, response } = exchange
    // An upgrade that no framework has followed was handled beside it.
    if (router === undefined && response === undefined) return undefined
    // Next.js leaves what it knows on the request, and is called by servers of other frameworks. Its requests are dictionaries
    // to V8, in which it takes microseconds to find that there is nothing of all the others.
    const path = this.#next.pathWithin(exchange, statusCode)
    return path ?? router?.pathOf(exchange, statusCode) ?? this.#pathOfUnseen(exchange, statusCode)
  }

  #pathOfUnseen(exchange: Exchange, statusCode: number): Path | undefined {
    for (const framework of this.#telling) {
      const path = framework.pathOfUnseen(exchange, statusCode)
      if (path !== undefined) return path
    }
    return undefined
  }

  #visit(server: object): Visit {
    let visit = this.#visits.get(server)
    if (visit === undefined) {
      visit = { server, requests: 0, next: 1 }
      this.#visits.set(server, visit)
    }
    this.#recent = visit
    return visit
  }

  /** At a server's first request, and at its 2nd, 4th, 8th and so on. */
  #look(visit: Visit): void {
    visit.next = visit.next < LAST_LOOK ? visit.next * 2 : Number.POSITIVE_INFINITY
    try {
      this.#modules.look()
      for (const framework of this.#all) framework.meet(visit.server)
    } catch (error) {
      this.#host.onFault(error)
    }
  }
}

function canTell(framework: Framework): framework is TellingFramework {
  return framework.pathOfUnseen !== undefined
}

function wanted(files: readonly string[], onLoaded: (exports: unknown) => void): WantedModule[] {
  return files.map((file) => ({ file, onLoaded }))
}
