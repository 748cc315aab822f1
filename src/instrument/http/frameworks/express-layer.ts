import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Method, type Override, overrideMethod } from '../../override-method'
import type { Pattern } from './route-tree'

/** A step of Express's router: a function, or a route, and the path that it is for. */
export interface Layer {
  /** The route, on the layer that leads into one. */
  readonly route?: Route
  /** Own on the layers inside a route, `undefined` there for `.all()`. */
  readonly method?: string
  /** What is called. */
  readonly handle: { readonly length: number }
  /** In router 2 (Express 5): whether the path is `/` and so matches everything. */
  readonly slash?: boolean
  /** Since router 2.3 (Express 5.3): the path as it was given. */
  readonly rawPath?: Pattern
  /** In Express 4: what the path was made into. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean }
  /** In Express 4: the parameters of the path. */
  readonly keys?: readonly LayerKey[]
}

export interface LayerKey {
  readonly name: string | number
}

export interface Route {
  readonly path?: Pattern
  readonly stack?: readonly Layer[]
}

/** What an application or a router has that handles requests. */
interface Listener {
  /** A router's layers. */
  readonly stack?: unknown
  /** Express 4: makes the router, and says by its presence that `router` throws. */
  readonly lazyrouter?: unknown
  readonly _router?: { readonly stack?: unknown }
  /** Express 5. */
  readonly router?: { readonly stack?: unknown }
  readonly set?: unknown
  readonly handle?: unknown
}

/** What every version of the router keeps on the request. */
export interface RoutedRequest extends IncomingMessage {
  /** The text that the mounts so far have matched; `undefined` again once the outermost router has given up. */
  readonly baseUrl?: string
  /** The route entered last, whoever answers in the end. */
  readonly route?: Route
  /** What passes the request on, or an error, for those that are not handed it. */
  next?: Next
  /** The application that has the request. */
  readonly app?: object
}

export type Next = (error?: unknown) => void

/** Is told of a layer before its function is called, and gives what that function is to have as `next`. */
export type LayerListener = (layer: Layer, request: RoutedRequest, response: ServerResponse, next: Next) => Next

/** The methods through which a layer's function is called, in Express 4 and in router 2: for a request, and for an error. */
const CALLS = ['handle_request', 'handleRequest']
const ERROR_CALLS = ['handle_error', 'handleError']

type Call = (this: Layer, request: RoutedRequest, response: ServerResponse, next: Next) => unknown
type ErrorCall = (this: Layer, error: unknown, request: RoutedRequest, response: ServerResponse, next: Next) => unknown

/**
 * Hears of each layer that is called, from the methods of their class through which that goes. There is a class for each copy
 * of the router.
 *
 * Router 2.3 publishes these calls too, but whoever subscribes makes each of them several times dearer, and Express 4 publishes
 * nothing.
 */
export class Layers {
  readonly #overrides = new Map<object, readonly Override[]>()

  /** `onError` is told of the layers that an error has come to, whether they handle errors or not. */
  constructor(
    private readonly onCall: LayerListener,
    private readonly onError: LayerListener,
  ) {}

  /** Listens to all layers of the class that this one is of. */
  watchLike(layer: unknown): void {
    if (typeof layer === 'object' && layer !== null) this.watch(Object.getPrototypeOf(layer))
  }

  isWatched(layer: unknown): boolean {
    return typeof layer === 'object' && layer !== null && this.#overrides.has(Object.getPrototypeOf(layer))
  }

  /** Listens to all layers of a class; anything else is left alone. */
  watch(prototype: unknown): void {
    if (typeof prototype !== 'object' || prototype === null || this.#overrides.has(prototype)) return
    const overrides = [
      ...overridden(prototype, CALLS, (call) => this.#watchedCall(call as Call)),
      ...overridden(prototype, ERROR_CALLS, (call) => this.#watchedErrorCall(call as ErrorCall)),
    ]
    if (overrides.length > 0) this.#overrides.set(prototype, overrides)
  }

  unwatch(): void {
    for (const overrides of this.#overrides.values()) for (const override of overrides) override.restore()
    this.#overrides.clear()
  }

  #watchedCall(call: Call): Call {
    const { onCall } = this
    return function (request, response, next) {
      return call.call(this, request, response, onCall(this, request, response, next))
    }
  }

  #watchedErrorCall(call: ErrorCall): ErrorCall {
    const { onError } = this
    return function (error, request, response, next) {
      return call.call(this, error, request, response, onError(this, request, response, next))
    }
  }
}

function overridden(prototype: object, names: readonly string[], watched: (call: unknown) => unknown): Override[] {
  return names.flatMap((name) => {
    const call: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value
    if (typeof call !== 'function') return []
    return [overrideMethod(prototype, name, watched(call) as Method, 'an Express router')]
  })
}

/** What a server has its requests handled by. */
export function listenersOf(server: object): unknown[] {
  const { listeners } = server as { listeners?(event: string): unknown[] }
  return listeners?.call(server, 'request') ?? []
}

/** The layers of an application or a router; none of anything else. */
export function layersOf(listener: unknown): readonly Layer[] {
  if (typeof listener !== 'function') return []
  const stack = stackOf(listener as Listener)
  return Array.isArray(stack) ? stack : []
}

function stackOf(listener: Listener): unknown {
  if (listener.stack !== undefined) return listener.stack
  if (typeof listener.set !== 'function' || typeof listener.handle !== 'function') return undefined
  return listener.lazyrouter === undefined ? listener.router?.stack : listener._router?.stack
}
