import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { overrideMethod } from '../override-method'
import { contextOfHeader } from '../trace-context'
import { attach, type Outgoing, type OutgoingKey, type OutgoingRecorder, outgoingOf } from './outgoing'
import { headerOf } from './undici-headers'

const CREATE = 'undici:request:create'
const HEADERS = 'undici:request:headers'
const TRAILERS = 'undici:request:trailers'
const ERROR = 'undici:request:error'

/** The origin of an absolute URL. */
const ABSOLUTE = /^https?:\/\/[^/?#]+/i

/** A request of undici 6 to 8, as far as it is read here. */
interface UndiciRequest {
  readonly origin: string | URL
  readonly method: string
  readonly path: string
  /** Names and values in turn. */
  readonly headers: readonly unknown[]
  /** The protocol to change to, such as `websocket`. */
  readonly upgrade?: unknown
}

interface Message {
  readonly request: UndiciRequest
}

interface HeadersMessage extends Message {
  readonly response: { readonly statusCode: number }
}

interface ErrorMessage extends Message {
  readonly error: unknown
}

/**
 * Requests of undici: those of `fetch`, of its own functions, and of every dispatcher; of the undici in Node.js and of
 * the package, which publish on the same channels.
 *
 * A redirect and a retry are requests of their own. A response that comes from a cache or a mock is none.
 */
export class UndiciRequests {
  /** Of this service alone: several may measure the same request. */
  readonly #key: OutgoingKey = Symbol('meterkit.http.outgoing')
  readonly #listeners: readonly (readonly [channel: string, listener: (message: unknown) => void])[]

  constructor(private readonly recorder: OutgoingRecorder) {
    this.#listeners = [
      [CREATE, (message) => this.#begin(message as Message)],
      [HEADERS, (message) => this.#answer(message as HeadersMessage)],
      [TRAILERS, (message) => this.#end(message as Message)],
      [ERROR, (message) => this.#fail(message as ErrorMessage)],
    ]
  }

  start(): void {
    for (const [channel, listener] of this.#listeners) subscribe(channel, listener)
  }

  stop(): void {
    for (const [channel, listener] of this.#listeners) unsubscribe(channel, listener)
  }

  #begin({ request }: Message): void {
    try {
      const { method, headers, path } = request
      const target = targetIn(path)
      const origin = target ?? String(request.origin)
      const rest = target === undefined ? path : path.slice(target.length)
      const outgoing = this.recorder.begin(method, origin, rest, headerOf(headers, 'user-agent'))
      if (outgoing === undefined) return
      attach(outgoing, request, this.#key)
      if (method === 'CONNECT' || (request.upgrade ?? null) !== null) this.#watchUpgrade(request, outgoing)
    } catch (error) {
      this.recorder.fault(error)
    }
  }

  #answer({ request, response }: HeadersMessage): void {
    const outgoing = outgoingOf(request, this.#key)
    if (outgoing !== undefined) answer(outgoing, response.statusCode)
  }

  #end({ request }: Message): void {
    const outgoing = outgoingOf(request, this.#key)
    if (outgoing !== undefined) this.#finish(outgoing, request)
  }

  /** An instrumentation makes the span of a request when that is made, before or after ours; the header tells which it is. */
  #finish(outgoing: Outgoing, request: UndiciRequest): void {
    if (outgoing.context !== undefined) {
      outgoing.context = contextOfHeader(headerOf(request.headers, 'traceparent')) ?? outgoing.context
    }
    this.recorder.end(outgoing)
  }

  #fail({ request, error }: ErrorMessage): void {
    const outgoing = outgoingOf(request, this.#key)
    // What a handler throws when all is over is published here, too.
    if (outgoing === undefined || !outgoing.open) return
    outgoing.fail(error)
    this.#finish(outgoing, request)
  }

  /**
   * The undici in Node.js publishes nothing when a connection is upgraded, as a `WebSocket`'s is. So the method that is
   * called then is overridden on this one request: `onUpgrade`, and from undici 8 on `onRequestUpgrade`.
   */
  #watchUpgrade(request: UndiciRequest, outgoing: Outgoing): void {
    const finish = () => this.#finish(outgoing, request)
    const methods = request as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>
    const name = methods.onRequestUpgrade === undefined ? 'onUpgrade' : 'onRequestUpgrade'
    const original = methods[name]
    if (original === undefined) return
    overrideMethod(
      request,
      name,
      function (this: unknown, ...args: unknown[]) {
        answer(outgoing, Number(args[0]))
        finish()
        return original.apply(this, args)
      },
      'an undici request',
    )
  }
}

/** The origin that a request is for which a proxy is to pass on without a tunnel: its own is the proxy's. */
function targetIn(path: string): string | undefined {
  return path.startsWith('/') ? undefined : ABSOLUTE.exec(path)?.[0]
}

/** Responses with 1xx announce the one that counts; 101 is the last of its request. */
function answer(outgoing: Outgoing, statusCode: number): void {
  if (statusCode >= 200 || statusCode === 101) outgoing.statusCode = statusCode
}
