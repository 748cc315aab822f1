import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Instruments } from '../../facade/instruments'
import { errorText } from '../../model/errors'
import { onExcludedRequest } from '../../model/http-exclusion'
import type { HttpOptions } from '../../model/http-options'
import { checkedMaxPaths } from '../../model/http-options'
import { attach, Exchange, exchangeOf } from './exchange'
import { Frameworks } from './frameworks/frameworks'
import { boundedStatus, CLIENT_CLOSED_REQUEST, HttpSeries } from './http-series'
import type { Path } from './paths'
import { Paths } from './paths'
import { Pipelines } from './pipelines'
import { requestFilter } from './request-filter'

const REQUEST_START = 'http.server.request.start'

interface RequestStart {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: Socket
  readonly server: Server
}

/** What ends a measurement. */
export interface Instrumentation {
  /** Lets go of everything it listens to; requests in flight leave the gauge and are not counted. A second call does nothing. */
  stop(): void
}

/**
 * Measures every HTTP/1 server of the process, `http` and `https`, whenever and by whomever it was or will be made.
 *
 * Upgraded connections (WebSocket) and `CONNECT` tunnels are not seen: Node.js publishes no request for them. Throws a
 * `DefinitionError` for options that cannot be used.
 */
export function instrumentHttp(metrics: Instruments, options: HttpOptions = {}): Instrumentation {
  const measurement = new HttpMeasurement(metrics, options)
  measurement.start()
  return measurement
}

/**
 * One service's measurement of HTTP requests: an {@link Exchange} is made when a request arrives and recorded when its response
 * closes, which covers answers, aborts and resets alike. Routers add to the exchange in between.
 */
class HttpMeasurement implements Instrumentation {
  /** Of this service alone: several may measure the same request. */
  readonly #key = Symbol('meterkit.http.exchange')
  readonly #series: HttpSeries
  readonly #paths: Paths
  readonly #pipelines = new Pipelines((exchange) => this.#close(exchange))
  readonly #frameworks: Frameworks
  readonly #isIgnored: ((request: IncomingMessage) => boolean) | undefined
  readonly #route: HttpOptions['route']
  readonly #onStart = (message: unknown) => this.#arrive(message as RequestStart)
  readonly #onClose: (this: ServerResponse) => void
  #endExclusion = () => {}
  #running = false
  #faultSaid = false

  constructor(
    private readonly metrics: Instruments,
    options: HttpOptions,
  ) {
    this.#paths = new Paths(checkedMaxPaths(options.maxPaths), (limit) => this.#sayLimit(limit))
    this.#series = new HttpSeries(metrics, options.buckets)
    this.#frameworks = new Frameworks({
      key: this.#key,
      paths: this.#paths,
      onFault: (error) => this.#sayFault(error),
    })
    this.#isIgnored = requestFilter(options.ignore)
    this.#route = options.route
    const key = this.#key
    const close = (exchange: Exchange) => this.#close(exchange)
    // One function for all responses; `this` is the response that closed.
    this.#onClose = function () {
      const exchange = exchangeOf(this, key)
      if (exchange !== undefined) close(exchange)
    }
  }

  start(): void {
    this.#running = true
    this.#endExclusion = onExcludedRequest((request) => this.#exclude(request))
    this.#frameworks.start()
    subscribe(REQUEST_START, this.#onStart)
  }

  stop(): void {
    if (!this.#running) return
    this.#running = false
    unsubscribe(REQUEST_START, this.#onStart)
    this.#frameworks.stop()
    this.#endExclusion()
    this.#series.leaveAll()
  }

  // What is thrown to a channel or to an event would end the process, so nothing is.
  #arrive(message: RequestStart): void {
    try {
      const { request, response, socket, server } = message
      if (this.#isIgnored?.(request) === true) return
      this.#frameworks.arrive(server)
      const method = this.#series.ofMethod(request.method ?? '')
      const exchange = new Exchange(request, response, socket, server, method, this.metrics.clock.monotonicMs())
      this.#pipelines.enter(exchange)
      attach(exchange, request, this.#key)
      attach(exchange, response, this.#key)
      response.on('close', this.#onClose)
      // Last, when nothing can fail any more: what enters the gauge must leave it.
      method.enter()
    } catch (error) {
      this.#sayFault(error)
    }
  }

  #close(exchange: Exchange): void {
    if (!exchange.open) return
    try {
      exchange.open = false
      this.#pipelines.leave(exchange)
      if (exchange.excluded || !this.#running) return
      exchange.method.leave()
      const response = exchange.response
      const statusCode = response.writableFinished ? boundedStatus(response.statusCode) : CLIENT_CLOSED_REQUEST
      const seconds = (this.metrics.clock.monotonicMs() - exchange.startMs) / 1000
      this.#series.record(exchange.method, this.#pathOf(exchange, statusCode), statusCode, seconds)
    } catch (error) {
      this.#sayFault(error)
    }
  }

  #exclude(request: IncomingMessage): void {
    const exchange = exchangeOf(request, this.#key)
    if (exchange === undefined || exchange.excluded || !exchange.open) return
    exchange.excluded = true
    exchange.method.leave()
  }

  #pathOf(exchange: Exchange, statusCode: number): Path {
    const named = this.#route === undefined ? undefined : this.#namedRoute(exchange.request)
    if (named !== undefined) return named
    if (exchange.router !== undefined) return exchange.router.pathOf(exchange, statusCode)
    return this.#frameworks.pathOfUnseen(exchange, statusCode) ?? this.#paths.ofTarget(exchange.target, statusCode)
  }

  #namedRoute(request: IncomingMessage): Path | undefined {
    try {
      const text = this.#route?.(request)
      return typeof text === 'string' ? this.#paths.ofRoute(text) : undefined
    } catch (error) {
      this.#sayFault(error)
      return undefined
    }
  }

  #sayLimit(limit: number): void {
    this.metrics.log.warn(
      `HTTP: ${limit} distinct paths have been measured; further ones are counted as "(other)". Name the routes with http: { route }.`,
    )
  }

  #sayFault(error: unknown): void {
    if (this.#faultSaid) return
    this.#faultSaid = true
    this.metrics.log.error(
      `HTTP: a request could not be measured: ${errorText(error)}. Further failures are not reported.`,
    )
  }
}
