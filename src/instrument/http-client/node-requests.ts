import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { listen } from '../channel-listeners'
import { attach, type Outgoing, type OutgoingKey, type OutgoingRecorder, outgoingOf } from './outgoing'

const CREATED = 'http.client.request.created'
const ERROR = 'http.client.request.error'

interface Created {
  readonly request: MeasuredRequest
}

interface Failed extends Created {
  readonly error: unknown
}

/** A request as Node.js has it. */
interface MeasuredRequest extends ClientRequest {
  /** The response, once its head has come; of an informational one (1xx) nothing stays. */
  readonly res?: IncomingMessage | null
}

/**
 * Requests of `node:http` and `node:https`, from their making to the `close` event, which each has once: when the
 * response was read to its end, when the connection was lost or never made, and when it was upgraded.
 */
export class NodeRequests {
  /** Of this service alone: several may measure the same request. */
  readonly #key: OutgoingKey = Symbol('meterkit.http.outgoing')
  readonly #recorder: OutgoingRecorder
  readonly #onCreated = (message: unknown) => this.#begin((message as Created).request)
  readonly #onError = (message: unknown) => this.#fail(message as Failed)
  readonly #onClose: (this: MeasuredRequest) => void

  constructor(recorder: OutgoingRecorder) {
    this.#recorder = recorder
    const key = this.#key
    // One function for all requests; `this` is the one that closed.
    this.#onClose = function () {
      const outgoing = outgoingOf(this, key)
      if (outgoing !== undefined) close(recorder, outgoing, this.res ?? undefined)
    }
  }

  start(): void {
    listen(CREATED, this.#onCreated)
    subscribe(ERROR, this.#onError)
  }

  stop(): void {
    unsubscribe(CREATED, this.#onCreated)
    unsubscribe(ERROR, this.#onError)
  }

  #begin(request: MeasuredRequest): void {
    try {
      const userAgent = request.getHeader('user-agent')
      const agent = typeof userAgent === 'string' ? userAgent : ''
      const outgoing = this.#recorder.begin(request.method, originOf(request), request.path, agent)
      if (outgoing === undefined) return
      attach(outgoing, request, this.#key)
      request.on('close', this.#onClose)
    } catch (error) {
      this.#recorder.fault(error)
    }
  }

  #fail({ request, error }: Failed): void {
    outgoingOf(request, this.#key)?.fail(error)
  }
}

function close(recorder: OutgoingRecorder, outgoing: Outgoing, response: IncomingMessage | undefined): void {
  try {
    if (response !== undefined) {
      outgoing.statusCode = response.statusCode ?? 0
      if (!response.complete && !isUpgraded(response)) outgoing.fail(response.errored ?? new AbandonedError())
    }
    recorder.end(outgoing)
  } catch (error) {
    recorder.fault(error)
  }
}

/** After an upgrade, and after `CONNECT`, what follows is no body, so the response never completes. */
function isUpgraded(response: IncomingMessage & { readonly upgrade?: unknown }): boolean {
  return response.upgrade === true
}

/** Stands for the error of a response that the application has destroyed without one: nobody is thrown it. */
class AbandonedError extends Error {
  override readonly name = 'AbortError'
}

/** Where a request is sent to. Its `Host` header has the port, but may name another host: a virtual one, or that of a tunnel. */
function originOf(request: MeasuredRequest): string {
  const { host, protocol, path } = request
  const address = host.includes(':') ? `[${host}]` : host
  const header = request.getHeader('host')
  const isSame =
    typeof header === 'string' &&
    header !== path &&
    header.startsWith(address) &&
    (header.length === address.length || header.charCodeAt(address.length) === 0x3a)
  return `${protocol}//${isSame ? header : address}`
}
