import { EventEmitter } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import { isOwnServer } from '../../model/http-exclusion'
import { carriesTelemetry } from '../http-client/telemetry'
import { type Method, type Override, overrideMethod } from '../override-method'
import { carriesTrace, isWithinRequest } from './propagated'
import { isWrapped } from './wrapped'

type AnyMethod = (this: unknown, ...args: unknown[]) => unknown

/** `node:http` or `node:https`, as far as an instrumentation wraps it. */
export interface HttpModule {
  request: AnyMethod
  get: AnyMethod
  readonly Server: { readonly prototype: { emit: AnyMethod } }
}

/** Whether somebody else traces requests: those of a server, or those that are sent. */
export type IsAside = (server?: object) => boolean

/**
 * `node:http` or `node:https` with requests that are traced by an instrumentation of OpenTelemetry's, each one for which
 * nobody else does that.
 *
 * The instrumentation does not wrap the module, where it would take off the wrapper of another one, but stand-ins for its
 * methods. What it makes of them is called by methods of ours, which bear no mark of a wrapper: another instrumentation that
 * comes later stands before them, and is seen there.
 */
export class TracedModule {
  readonly #module: HttpModule
  readonly #overrides: Override[] = []
  #emit: AnyMethod | undefined
  #request: AnyMethod | undefined
  #running = false

  constructor(module: HttpModule) {
    this.#module = module
  }

  /** Whether another instrumentation stands before the module's methods. */
  get isOthers(): boolean {
    const { request, Server } = this.#module
    const { emit } = Server.prototype
    return (emit !== this.#emit && isWrapped(emit)) || (request !== this.#request && isWrapped(request))
  }

  /** Whether anybody at all handles requests before the application: not all who trace have a mark. */
  get isHandled(): boolean {
    return Object.hasOwn(this.#module.Server.prototype, 'emit')
  }

  /** Traces by what `patch` makes of the module, unless `isAside` says that somebody else does. */
  start(patch: (module: HttpModule) => unknown, isAside: IsAside): void {
    const module = this.#module
    const server = module.Server.prototype
    const { request, get } = module
    const { emit } = server
    const traced = standIns(module)
    patch(traced)
    const traces = () => this.#running && !this.isOthers
    const tracesIncoming = (target: unknown) => traces() && !isTracedElsewhere(target, this.#emit, isAside)
    const tracesOutgoing = (args: readonly unknown[]) => traces() && !isSentElsewhere(args, isAside)
    this.#emit = function (event, ...args) {
      const isTraced = event === 'request' && tracesIncoming(this) && isExchange(args)
      const run = isTraced ? traced.Server.prototype.emit : emit
      return run.call(this, event, ...args)
    }
    this.#request = function (...args) {
      return (tracesOutgoing(args) ? traced.request : request).apply(this, args)
    }
    this.#override(server, 'emit', this.#emit)
    this.#override(module, 'request', this.#request)
    this.#override(module, 'get', function (...args) {
      return (tracesOutgoing(args) ? traced.get : get).apply(this, args)
    })
    this.#running = true
    // Named imports of ES modules.
    syncBuiltinESMExports()
  }

  stop(): void {
    if (!this.#running) return
    this.#running = false
    for (const override of this.#overrides.splice(0)) override.restore()
    syncBuiltinESMExports()
  }

  #override(target: object, name: string, method: AnyMethod): void {
    this.#overrides.push(overrideMethod(target, name, method as Method, 'HTTP'))
  }
}

/** Methods that lead to those that the module has now. */
function standIns({ request, get, Server }: HttpModule): HttpModule {
  const { emit } = Server.prototype
  const to = (method: AnyMethod): AnyMethod =>
    function (...args) {
      return method.apply(this, args)
    }
  return { request: to(request), get: to(get), Server: { prototype: { emit: to(emit) } } }
}

/** Whether these are a request and a response as instrumentations take them: anybody may emit something else, for a test. */
function isExchange([request, response]: readonly unknown[]): boolean {
  if (!(request instanceof EventEmitter && response instanceof EventEmitter)) return false
  const { headers, socket } = request as { readonly headers?: unknown; readonly socket?: unknown }
  return typeof headers === 'object' && headers !== null && typeof socket === 'object' && socket !== null
}

function isTracedElsewhere(server: unknown, own: AnyMethod | undefined, isAside: IsAside): boolean {
  try {
    if (isAside(server as object) || isOwnServer(server)) return true
    // Others put a method on the server itself, and bear no mark. A context alone may be that in which the server was made.
    return (server as { readonly emit?: unknown }).emit !== own && isWithinRequest()
  } catch {
    return true
  }
}

function isSentElsewhere(args: readonly unknown[], isAside: IsAside): boolean {
  try {
    if (isAside() || isMisread(args)) return true
    const headers = headersOf(args)
    // Instrumentations take a list for an object.
    if (Array.isArray(headers)) return true
    const names = Object.keys(headers)
    const agent = names.find((name) => name.toLowerCase() === 'user-agent')
    return carriesTelemetry(agent === undefined ? '' : String(headers[agent])) || carriesTrace(names)
  } catch {
    return true
  }
}

/** Whether instrumentations would make another request of these arguments: they lose a callback behind `undefined`, and do not decode the credentials of a `URL`. */
function isMisread([target, options, done]: readonly unknown[]): boolean {
  if (options === undefined && done !== undefined) return true
  return target instanceof URL && (target.username.includes('%') || target.password.includes('%'))
}

function headersOf(args: readonly unknown[]): Readonly<Record<string, unknown>> {
  for (const arg of args.slice(0, 2)) {
    const headers =
      typeof arg === 'object' && arg !== null ? (arg as { readonly headers?: unknown }).headers : undefined
    if (typeof headers === 'object' && headers !== null) return headers as Readonly<Record<string, unknown>>
  }
  return {}
}
