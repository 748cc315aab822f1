/** What is measured of a request. The plugin decorates requests with the first three. */
export interface GuardedRequest {
  /** The guard that let it through; 0 where none has. */
  readonly _cbRouteId: number
  /** Whether a guard refused it. */
  readonly _cbIsOpen: boolean
  /** When it was let through, in milliseconds of `process.hrtime`. */
  readonly _cbTime: number
  [mark: symbol]: unknown
}

export interface GuardedReply {
  readonly raw: { readonly statusCode: number }
}

export type Guard = (this: unknown, request: GuardedRequest, reply: GuardedReply) => Promise<unknown>

export type Answer = (this: unknown, request: GuardedRequest, reply: never) => unknown

/** The options of @fastify/circuit-breaker that are used here, of the plugin and of `circuitBreaker()` alike. */
export interface GuardOptions {
  /** Failures in a row that open it. Default: 5. */
  readonly threshold?: number
  /** Milliseconds until it is half-open. Default: 10000. */
  readonly resetTimeout?: number
  /** Answers a request that is refused, or that opened it. */
  readonly onCircuitOpen?: Answer
  /** Answers a request that took too long. */
  readonly onTimeout?: Answer
}

/** The part of a Fastify application that is used here. */
export interface FastifyApplication {
  circuitBreaker(options?: GuardOptions): Guard
  decorateRequest(name: symbol, value: undefined): unknown
  hasRequestDecorator(name: string): boolean
  addHook(
    name: 'onSend',
    hook: (request: GuardedRequest, reply: GuardedReply, payload: unknown, done: () => void) => void,
  ): unknown
  addHook(
    name: 'onError',
    hook: (request: GuardedRequest, reply: GuardedReply, error: unknown, done: () => void) => void,
  ): unknown
  addHook(name: 'onClose', hook: (instance: unknown, done: () => void) => void): unknown
}
