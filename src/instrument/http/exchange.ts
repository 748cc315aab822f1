import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Answer } from './answer'
import type { BodySizes } from './body-sizes'
import type { Mount } from './frameworks/express-mounts'
import type { InFlight } from './in-flight'
import type { Path } from './paths'

/** What an exchange is made of. */
export interface Arrival {
  readonly request: IncomingMessage
  /** What the application answers with, where there is such an object. */
  readonly response: ServerResponse | undefined
  readonly answer: Answer
  /** The connection; one of HTTP/2 belongs to many requests, and is not given. */
  readonly socket: Socket | undefined
  readonly server: object
  /** Whether the connection is encrypted, where that is asked for. */
  readonly secure: boolean
}

/**
 * One request from its arrival to the close of its response: the one object that measuring it costs.
 *
 * All fields are set at once, so that every exchange has the same shape.
 */
export class Exchange {
  /** Until the response has closed. */
  open = true
  /** Whether it was asked not to count the request. */
  excluded = false
  /** Over HTTP/2, that of the stream until the application's own request and response are made. */
  request: IncomingMessage
  response: ServerResponse | undefined
  readonly answer: Answer
  readonly socket: Socket | undefined
  readonly server: object
  readonly secure: boolean
  /** The target as it arrived: frameworks and handlers rewrite `request.url`. */
  readonly target: string
  /** Who follows the request through a framework, once one has taken it. */
  router: Router | undefined = undefined
  /** What the framework has made of the request, for its router alone. */
  context: object | undefined = undefined
  /** The path that the framework has matched; none means that it matched none. */
  path: Path | undefined = undefined
  /** Whether `path` is that of a mounted function, which may answer 404 for what it does not know. */
  mounted = false
  /** Whether the matched layer passed on an error, so that what answers from then on answers for it. */
  failed = false
  /** What the framework has made of the request that has called this one. */
  around: Around | undefined = undefined
  /** The innermost of the mounts that have had the request, with those that it hangs in. */
  mount: Mount | undefined = undefined
  /** Whether no request came before it on a connection of HTTP/1. */
  isFirst = false
  /** Of its connection, where that is one of HTTP/1. */
  pipeline: Pipeline | undefined = undefined
  /** How long the bodies are, where that is asked for. */
  sizes: BodySizes | undefined = undefined

  constructor(
    { request, response, answer, socket, server, secure }: Arrival,
    readonly inFlight: InFlight,
    readonly startMs: number,
  ) {
    this.request = request
    this.response = response
    this.answer = answer
    this.socket = socket
    this.server = server
    this.secure = secure
    this.target = request.url ?? ''
  }

  /** Has a framework follow the request that another one may have called, and may go on with. */
  enterWithin(router: Router): void {
    if (this.router !== undefined) this.around = { router: this.router, context: this.context, path: this.path }
    this.takenBy(router, undefined, undefined)
  }

  takenBy(router: Router, context: object | undefined, path: Path | undefined): void {
    this.router = router
    this.context = context
    this.path = path
  }
}

/** What a service knows of a connection of HTTP/1. */
export interface Pipeline {
  /** How many of its exchanges are open. */
  open: number
  /** Those that arrived while another one was open, once there was one. */
  waiting: Set<Exchange> | undefined
}

interface Around {
  readonly router: Router
  readonly context: object | undefined
  readonly path: Path | undefined
}

/** Knows what a framework has made of a request. */
export interface Router {
  /** The path to count the request under, once its response has closed. */
  pathOf(exchange: Exchange, statusCode: number): Path
}

/** A symbol under which one service keeps the exchange on its request and response. */
export type ExchangeKey = symbol

interface Measured {
  [key: ExchangeKey]: Exchange | undefined
}

/** Has a request or a response lead to its exchange. */
export function attach(exchange: Exchange, message: object, key: ExchangeKey): void {
  const measured = message as Measured
  measured[key] = exchange
}

/** The exchange of a request or a response, if this service measures it. */
export function exchangeOf(message: object, key: ExchangeKey): Exchange | undefined {
  return (message as Measured)[key]
}
