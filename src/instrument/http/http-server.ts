import { unsubscribe } from 'node:diagnostics_channel'
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Meter } from '@opentelemetry/api'
import type { Instruments } from '../../facade/instruments'
import { recordIn } from '../../facade/record-in'
import type { Clock } from '../../model/clock'
import { errorText } from '../../model/errors'
import { onExcludedRequest } from '../../model/http-exclusion'
import type { HttpOptions } from '../../model/http-options'
import { checkedMaxPaths } from '../../model/http-options'
import { listen } from '../channel-listeners'
import { contextOf } from '../trace-context'
import { BodySizes } from './body-sizes'
import { statusAtEnd } from './ending'
import { type Arrival, attach, Exchange, exchangeOf } from './exchange'
import { Frameworks } from './frameworks/frameworks'
import { HttpSeries } from './http-series'
import { requestOfStream, StreamAnswer } from './http2-stream'
import { type LabelSet, OwnLabels } from './own-labels'
import type { Path } from './paths'
import { Paths } from './paths'
import { leavePipeline, Pipelines } from './pipelines'
import { requestFilter } from './request-filter'
import { Conventions } from './semantic-conventions'
import { ServerEvents } from './server-events'
import { TracedRoutes } from './traced-route'
import { UpgradeAnswer } from './upgrade'

const REQUEST_START = 'http.server.request.start'

interface RequestStart {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: Socket
  readonly server: object
}

/** What ends a measurement. */
export interface Instrumentation {
  /** Lets go of everything it listens to; requests in flight leave the gauge and are not counted. A second call does nothing. */
  stop(): void
}

/**
 * Measures every HTTP server of the process, `http`, `https` and `http2`, whenever and by whomever it was or will be made.
 * With a meter, the measurements also appear under the names of OpenTelemetry's semantic conventions.
 *
 * Throws a `DefinitionError` for options that cannot be used.
 */
export function instrumentHttp(metrics: Instruments, options: HttpOptions = {}, meter?: Meter): Instrumentation {
  const measurement = new HttpMeasurement(metrics, options, meter)
  measurement.start()
  return measurement
}

/**
 * One service's measurement of HTTP requests: an {@link Exchange} is made when a request arrives and recorded when its response
 * closes, which covers answers, aborts and resets alike. Frameworks add to the exchange in between.
 */
class HttpMeasurement implements Instrumentation {
  /** Of this service alone: several may measure the same request. */
  readonly #key = Symbol('meterkit.http.exchange')
  readonly #clock: Clock
  readonly #exemplars: Instruments['exemplarSwitch']
  readonly #tracedRoutes = new TracedRoutes()
  readonly #conventions: Conventions | undefined
  readonly #series: HttpSeries
  readonly #labels: OwnLabels | undefined
  readonly #paths: Paths
  readonly #pipelines = new Pipelines((exchange) => this.#close(exchange))
  readonly #frameworks: Frameworks
  readonly #events: ServerEvents
  readonly #isIgnored: ((request: IncomingMessage) => boolean) | undefined
  readonly #route: HttpOptions['route']
  readonly #onStart = (message: unknown) => this.#onRequest(message as RequestStart)
  #endExclusion = () => {}
  #running = false
  #faultSaid = false

  constructor(
    private readonly metrics: Instruments,
    options: HttpOptions,
    meter: Meter | undefined,
  ) {
    this.#clock = metrics.clock
    this.#exemplars = metrics.exemplarSwitch
    this.#paths = new Paths(checkedMaxPaths(options.maxPaths), (limit) =>
      this.#sayLimit('paths', limit, 'Name the routes with http: { route }.'),
    )
    this.#labels =
      options.labels &&
      new OwnLabels(options.labels, (label, limit) =>
        this.#sayLimit(`values of the label "${label}"`, limit, 'Raise it with http: { labels: { limit } }.'),
      )
    this.#conventions = meter && new Conventions(meter, options)
    this.#series = new HttpSeries(metrics, options, this.#conventions)
    const onFault = (error: unknown) => this.#sayFault(error)
    this.#frameworks = new Frameworks({ key: this.#key, paths: this.#paths, onFault })
    this.#events = new ServerEvents({
      onUpgrade: (request, socket, server) => this.#onUpgrade(request, socket, server),
      onStream: (stream, headers, server) => this.#onStream(stream, headers, server),
      onStreamRequest: (request, response, stream) => this.#onStreamRequest(request, response, stream),
      onFault,
    })
    this.#isIgnored = requestFilter(options.ignore)
    this.#route = options.route
  }

  start(): void {
    this.#running = true
    this.#endExclusion = onExcludedRequest((request) => this.#exclude(request))
    this.#frameworks.start()
    this.#events.start()
    listen(REQUEST_START, this.#onStart)
  }

  stop(): void {
    if (!this.#running) return
    this.#running = false
    unsubscribe(REQUEST_START, this.#onStart)
    this.#events.stop()
    this.#frameworks.stop()
    this.#endExclusion()
    this.#series.leaveAll()
    this.#conventions?.leaveAll()
  }

  // What is thrown to a channel or to an event would end the process, so nothing is.
  #onRequest(message: RequestStart): void {
    try {
      const { request, response, socket, server } = message
      const secure = this.#isSecure(socket)
      const exchange = this.#begin({ request, response, answer: response, socket, server, secure })
      if (exchange === undefined) return
      this.#pipelines.enter(exchange, socket)
      response.on('close', () => this.#end(exchange, response))
      exchange.sizes?.countRequest(request, request)
      exchange.sizes?.countResponse(response as object as Parameters<BodySizes['countResponse']>[0])
      this.#enter(exchange)
    } catch (error) {
      this.#sayFault(error)
    }
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, server: object): void {
    let exchange: Exchange | undefined
    const answer = new UpgradeAnswer(socket, () => {
      if (exchange !== undefined) this.#close(exchange)
    })
    exchange = this.#begin({ request, response: undefined, answer, socket, server, secure: this.#isSecure(socket) })
    if (exchange !== undefined) this.#enter(exchange)
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, server: object): void {
    const request = requestOfStream(headers)
    const exchange = this.#begin({
      request,
      response: undefined,
      answer: new StreamAnswer(stream),
      socket: undefined,
      server,
      secure: stream.session?.encrypted === true,
    })
    if (exchange === undefined) return
    attach(exchange, stream, this.#key)
    stream.on('close', () => this.#end(exchange, stream))
    exchange.sizes?.countRequest(request, stream)
    exchange.sizes?.countResponse(stream as object as Parameters<BodySizes['countResponse']>[0])
    this.#enter(exchange)
  }

  #onStreamRequest(request: IncomingMessage, response: ServerResponse, stream: object): void {
    const exchange = exchangeOf(stream, this.#key)
    if (exchange === undefined) return
    exchange.request = request
    exchange.response = response
    attach(exchange, request, this.#key)
  }

  #begin(arrival: Arrival): Exchange | undefined {
    const { request, server } = arrival
    if (this.#isIgnored !== undefined && this.#ignores(request)) return undefined
    this.#frameworks.arrive(server)
    const inFlight = this.#series.ofMethod(request.method ?? '')
    const exchange = new Exchange(arrival, inFlight, this.#clock.monotonicMs())
    if (this.#series.hasSizes) exchange.sizes = new BodySizes()
    attach(exchange, request, this.#key)
    return exchange
  }

  /** Last, when nothing can fail any more: what enters the gauge must leave it. */
  #enter(exchange: Exchange): void {
    exchange.inFlight.enter()
    this.#conventions?.enter(exchange.inFlight.method, exchange.secure)
  }

  #leave(exchange: Exchange): void {
    exchange.inFlight.leave()
    this.#conventions?.leave(exchange.inFlight.method, exchange.secure)
  }

  #end(exchange: Exchange, emitter: EventEmitter): void {
    // The span of the request is the exemplar's; when a response closes, it need not be the active one.
    if (this.#exemplars.isOnAt(exchange.startMs)) {
      recordIn(contextOf(emitter), () => this.#close(exchange))
    } else this.#close(exchange)
  }

  #close(exchange: Exchange): void {
    if (!exchange.open) return
    try {
      exchange.open = false
      leavePipeline(exchange)
      if (exchange.excluded || !this.#running) return
      this.#leave(exchange)
      const statusCode = statusAtEnd(exchange)
      const seconds = (this.#clock.monotonicMs() - exchange.startMs) / 1000
      const labels = this.#labels === undefined ? undefined : this.#labelsOf(this.#labels, exchange)
      this.#series.record(exchange, this.#pathOf(exchange, statusCode), statusCode, labels, seconds)
    } catch (error) {
      this.#sayFault(error)
    }
  }

  #exclude(request: IncomingMessage): void {
    const exchange = exchangeOf(request, this.#key)
    if (exchange === undefined || exchange.excluded || !exchange.open) return
    exchange.excluded = true
    this.#leave(exchange)
  }

  #pathOf(exchange: Exchange, statusCode: number): Path {
    const named = this.#route === undefined ? undefined : this.#namedRoute(exchange.request)
    if (named !== undefined) return named
    const path = this.#frameworks.pathOf(exchange, statusCode) ?? this.#tracedPath(exchange)
    if (path === undefined) return this.#paths.ofTarget(exchange.target, statusCode)
    // How applications write what to do where nothing is found.
    return path.isCatchAll && statusCode === 404 ? this.#paths.unmatched : path
  }

  #tracedPath({ response, startMs }: Exchange): Path | undefined {
    const route = response && this.#tracedRoutes.of(response, startMs)
    return route === undefined ? undefined : this.#paths.ofRoute(route)
  }

  /** A predicate that throws has no say: the request counts. */
  #ignores(request: IncomingMessage): boolean {
    try {
      return this.#isIgnored?.(request) === true
    } catch (error) {
      this.#sayFault(error)
      return false
    }
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

  #labelsOf(labels: OwnLabels, { request, response }: Exchange): LabelSet {
    try {
      return labels.read(request, response as ServerResponse)
    } catch (error) {
      this.#sayFault(error)
      return labels.none
    }
  }

  /** Looked up for the conventions alone: of a socket without encryption it is found in no object of a long chain. */
  #isSecure(socket: Socket): boolean {
    return this.#conventions !== undefined && (socket as { readonly encrypted?: boolean }).encrypted === true
  }

  #sayLimit(what: string, limit: number, mend: string): void {
    this.metrics.log.warn(
      `HTTP: ${limit} distinct ${what} have been measured; further ones are counted as "(other)". ${mend}`,
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
