import { createNoopMeter, type Span } from '@opentelemetry/api'
import { errorText } from '../../model/errors'
import type { Logger } from '../../model/log'
import { isHeardByOthers } from '../channel-listeners'
import { HTTP, type HttpPackage, type Instrumentation, UNDICI, type UndiciPackage } from './instrumentations'
import { NextSpans } from './next-spans'
import { OwnSpans } from './own-spans'
import { isRefused } from './refused'
import { type HttpModule, TracedModule } from './traced-module'
import { isUndiciSentElsewhere, undiciInstrumentations } from './traced-undici'

export type Load = (name: string) => unknown

/** What the instrumentations measure goes nowhere: the requests are measured already. */
const NOWHERE = { getMeter: () => createNoopMeter() }

/** Where others make spans of requests without touching the methods of `http`, as Sentry does. */
const CHANNELS = ['http.server.request.start', 'http.client.request.created', 'http.client.request.start']

/** Each with its own methods to send and to serve. */
const MODULES = ['http', 'https'] as const

/**
 * Has requests traced by OpenTelemetry's own instrumentations, each one that nobody else traces: another instrumentation may
 * come at any time.
 */
export class HttpTracing {
  readonly #log: Logger
  readonly #load: Load
  readonly #isAsked: boolean
  readonly #modules = new Map<string, TracedModule>()
  readonly #next: NextSpans | undefined
  readonly #spans = new OwnSpans()
  readonly #packages: string[] = []
  #undici: Instrumentation | undefined
  #isSaid: boolean

  constructor(log: Logger, isAsked: boolean, load: Load) {
    this.#log = log
    this.#load = load
    this.#isAsked = isAsked
    this.#isSaid = isAsked
    if (!isAsked) this.#next = new NextSpans()
    for (const name of MODULES) {
      const module = process.getBuiltinModule(`node:${name}`) as HttpModule | undefined
      if (module !== undefined) this.#modules.set(name, new TracedModule(module))
    }
  }

  /** Whether requests are traced by others already, so that there is nothing to start. */
  get isOthers(): boolean {
    const isHttpOthers = [...this.#modules.values()].some((module) => module.isOthers || module.isHandled)
    return isHttpOthers || CHANNELS.some(isHeardByOthers) || this.#isUndiciOthers() || this.#makesOwn()
  }

  start(): void {
    this.#try(HTTP, () => this.#startHttp())
    this.#try(UNDICI, () => this.#startUndici())
  }

  stop(): void {
    for (const module of this.#modules.values()) module.stop()
    this.#undici?.disable()
    this.#spans.stop()
  }

  #startHttp(): void {
    if ([...this.#modules.values()].every((module) => module.isOthers)) return
    const { HttpInstrumentation } = this.#load(HTTP) as HttpPackage
    if (HttpInstrumentation === undefined) throw new Error('it has no HttpInstrumentation')
    const instrumentation = new HttpInstrumentation({
      // It would wrap the modules itself.
      enabled: false,
      requestHook: (span, request) => this.#begun(span, request),
    })
    instrumentation.setMeterProvider(NOWHERE)
    const isAside = (server?: object) => this.#makesOwn(server)
    for (const definition of instrumentation.init()) {
      const module = this.#modules.get(definition.name)
      if (module?.isOthers === false) module.start((exports) => definition.patch(exports), isAside)
    }
  }

  #startUndici(): void {
    if (this.#isUndiciOthers()) return
    const { UndiciInstrumentation } = this.#load(UNDICI) as UndiciPackage
    if (UndiciInstrumentation === undefined) throw new Error('it has no UndiciInstrumentation')
    this.#undici = new UndiciInstrumentation({
      ignoreRequestHook: (request) => this.#isUndiciOthers() || this.#makesOwn() || isUndiciSentElsewhere(request),
      requestHook: () => this.#sayOnce(),
    })
    this.#undici.setMeterProvider(NOWHERE)
  }

  /** Whether a framework does it by itself; where it was asked for, it was meant beside that. */
  #makesOwn(server?: object): boolean {
    return this.#next?.makes(server) === true
  }

  #isUndiciOthers(): boolean {
    return undiciInstrumentations() > (this.#undici === undefined ? 0 : 1)
  }

  #begun(span: Span, request: object): void {
    this.#spans.add(span, request)
    this.#sayOnce()
  }

  /** Not before there is a span, which is when the application has not set up an instrumentation of its own. */
  #sayOnce(): void {
    if (this.#isSaid) return
    this.#isSaid = true
    this.#log.info(
      `HTTP requests are traced by ${this.#packages.join(' and ')}, as a tracer provider is registered and nothing else traces them (http: { engine: 'channels' } turns that off)`,
    )
  }

  #try(name: string, begin: () => void): void {
    if (!this.#isAsked && isRefused(name)) return
    try {
      begin()
      this.#packages.push(name)
    } catch (error) {
      // Who has not asked for it need not have it.
      if (!this.#isAsked && (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return
      const asks = this.#isAsked ? "http.engine 'opentelemetry'" : 'Tracing HTTP requests'
      this.#log.warn(
        `${asks} needs ${name}, which cannot be loaded: ${errorText(error).split('\n', 1)[0]}. Install it; until then such requests are measured and not traced.`,
      )
    }
  }
}
