import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../exchange'
import type { Path } from '../paths'
import type { Framework, FrameworkHost } from './framework'

/** What restify leaves on the request. */
interface RestifyRequest extends IncomingMessage {
  /** On every request that a restify server has had. */
  readonly serverName?: string
  readonly route?: { readonly path?: string }
}

/** Reads the matched route that restify leaves on the request. */
export class RestifyRoutes implements Framework {
  constructor(private readonly host: FrameworkHost) {}

  start(): void {}

  stop(): void {}

  meet(): void {}

  pathOf(exchange: Exchange): Path {
    return this.pathOfUnseen(exchange) ?? this.host.paths.unmatched
  }

  pathOfUnseen({ request }: Exchange): Path | undefined {
    const { serverName, route }: RestifyRequest = request
    if (typeof serverName !== 'string' || !Object.hasOwn(request, 'serverName')) return undefined
    return typeof route?.path === 'string' ? this.host.paths.ofRoute(route.path) : this.host.paths.unmatched
  }
}
