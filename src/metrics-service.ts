import { metrics as globalMetrics, type MeterProvider } from '@opentelemetry/api'
import { type MetricProducer, MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics'
import { checkAllOptions, checkOptions } from './config/check-options'
import { enabled, serves } from './config/enabled'
import { loggerOf } from './config/logger-of'
import type { OptionSource } from './config/option-source'
import type { MetricsOptions, PrometheusOptions, PushOptions } from './config/options'
import { asksForExponential } from './config/otlp-settings'
import { pushSettings } from './config/push-settings'
import { startOnly } from './config/reload-limits'
import { ExpositionReader, type RenderedPage, type ServerAddress } from './endpoint/exposition-reader'
import { type Handler, scrapeHandler } from './endpoint/handler'
import { instrumentHttp } from './instrument/http/http-server'
import { instrumentHttpClients } from './instrument/http-client/http-client'
import { traceHttp } from './instrument/http-tracing/trace-http'
import { Instrumenting } from './instrument/instrumenting'
import { instrumentRuntime } from './instrument/runtime/runtime'
import { withheld } from './instrument/withheld'
import { systemClock } from './model/clock'
import { DEFAULT_CARDINALITY_LIMIT } from './model/definition'
import { DefinitionError, errorText } from './model/errors'
import type { HttpOptions } from './model/http-options'
import { guarded } from './model/log'
import type { Selection } from './model/selection'
import { DEFAULT_TRANSLATION, keepsUtf8, translatedLabel } from './model/translation'
import { StoreMeterProvider } from './otel/meter-provider'
import { StoreProducer } from './otel/producer'
import { onHangUp } from './otel/push/hang-up'
import { LAST_FLUSH_MS } from './otel/push/last-flush'
import { flushAtEnd } from './otel/push/process-end'
import { WaysOut } from './otel/push/ways-out'
import { serviceNameOf, serviceResource } from './otel/resource'
import { Pusher } from './push/pusher'
import { Registry } from './store/registry'
import { waysOut } from './ways-out'

/** Where the process keeps its service: one for all copies of this package that may be loaded. */
export const PROCESS_SERVICE = Symbol.for('meterkit.service')
export const slots = globalThis as { [PROCESS_SERVICE]?: MetricsService | undefined }

/** A service's metrics: its instruments, what is instrumented, and the ways out. */
export class MetricsService extends Instrumenting {
  /** An OpenTelemetry API `MeterProvider` over the same store. */
  readonly meterProvider: MeterProvider
  /** The store as sdk-metrics's readers take it, for a provider of your own. */
  readonly metricProducer: MetricProducer
  readonly #registry: Registry
  readonly #reader: ExpositionReader
  readonly #sdkProvider: SdkMeterProvider
  readonly #waysOut: WaysOut
  readonly #source: OptionSource | undefined
  readonly #pusher: Pusher
  #options: MetricsOptions
  /** The options that hold for what cannot change. */
  #made: MetricsOptions
  /** The label `job` of what is pushed, unless something else is said. */
  readonly #job: string
  #listening: Promise<{ url: string }>
  #reloading: Promise<unknown> = Promise.resolve()
  /** A reload that has not begun. */
  #waiting: Promise<void> | undefined
  #flushesAtEnd = false
  readonly #instrumentations: { stop(): void }[] = []
  #shutdown: Promise<void> | undefined

  /** `source` is where the options are from that may be loaded again; none for a service of code alone. */
  constructor(given: MetricsOptions, source?: OptionSource) {
    checkAllOptions(given)
    const options = enabled(given)
    const log = guarded(loggerOf(options))
    const constantLabels = new Map(
      Object.entries(options.constantLabels ?? {}).map(([name, value]) => [name, String(value)]),
    )
    const registry = new Registry({
      clock: systemClock,
      log,
      views: options.views ?? [],
      cardinalityLimit: options.cardinalityLimit ?? DEFAULT_CARDINALITY_LIMIT,
      exemplars: options.exemplars,
      exponentialHistograms: asksForExponential(options),
      selfMetrics: options.selfMetrics !== false,
    })
    const { prometheus = {} } = options
    const { timeoutMs, created = false } = prometheus
    const { translationStrategy = DEFAULT_TRANSLATION } = prometheus
    const { resourceLabels = [] } = options
    // Before the instruments, so that none of them takes the name of what it measures.
    const reader = new ExpositionReader({
      registry,
      selfMetrics: options.selfMetrics !== false,
      log,
      constantLabels,
      preventServerStart: true,
      ...addressOf(prometheus),
      timeoutMs,
      created,
      translationStrategy,
      resourceLabels,
    })
    const { semconv } = options
    const utf8 = keepsUtf8(translationStrategy)
    const ofResource = resourceLabels.map((name) => translatedLabel(name, translationStrategy))
    const fixedLabels = [...constantLabels.keys(), ...ofResource]
    super({ semconv }, registry, log, fixedLabels, utf8)
    this.#registry = registry
    this.#reader = reader
    this.#pusher = new Pusher(reader, registry, options.selfMetrics !== false)
    this.#options = options
    this.#made = options

    this.#source = source
    this.metricProducer = new StoreProducer(registry, constantLabels)
    this.meterProvider = new StoreMeterProvider(registry, log, withheld(this, options))
    const resource = serviceResource(options)
    this.#job = serviceNameOf(resource)
    this.#sdkProvider = new SdkMeterProvider({
      resource,
      readers: [this.#reader],
    })
    this.#waysOut = new WaysOut(resource, this.metricProducer, log)
    const open = this.#waysOut.prepare(waysOut(options, registry, log))

    try {
      if (options.runtime !== false) this.#instrumentations.push(instrumentRuntime(this))
      if (options.http !== false) this.#measureHttp(options.http, semconv)
    } catch (error) {
      // Options of http that cannot be: what has been started so far must not outlive the service that is not made.
      void this.shutdown()
      throw error
    }
    // There is no reader to wait for yet.
    void open()
    this.#flushAtEnd()
    if (source?.bySignal === true) this.#instrumentations.push(onHangUp(() => this.#hangUp()))
    this.#listening = serves(options) ? this.#listen(reader.listen()) : Promise.resolve({ url: '' })
    // Whoever wants to know of a failure awaits ready(); it is in the log in any case.
    this.#listening.catch(() => undefined)
  }

  /**
   * Resolves when the endpoint listens, with the address of the page (`''` where there is no server of our own). Rejects
   * where it cannot listen, saying what to do. Not awaiting it is safe.
   */
  ready(): Promise<{ url: string }> {
    return this.#listening
  }

  /** The page without a server, in the format that `accept` (an `Accept` header) asks for. Default: text 0.0.4. */
  render(accept?: string): Promise<RenderedPage> {
    return this.#reader.render(accept)
  }

  /**
   * Answers scrapes on another server: a handler for plain `http`, Express, Fastify or any connect-style framework, with
   * the metrics that `selection` shows. Default: all. Throws where the selection cannot be.
   */
  handler(selection: Selection = {}): Handler {
    return scrapeHandler(this.#reader.requestHandler(selection))
  }

  /** Sends what the push readers have not sent yet. Never rejects: a reader that fails is told of in the log. */
  async flush(): Promise<void> {
    await this.#waysOut.flush(LAST_FLUSH_MS)
  }

  /**
   * Pushes all metrics once, to a Pushgateway or by remote write: what is said here goes before the option `push`. Tries
   * again while the receiver cannot take it, and rejects where it has not by `timeoutMs`, or refused. Throws for options
   * that cannot be.
   */
  async push(target: PushOptions = {}): Promise<void> {
    checkOptions({ push: target })
    if (this.#options.disabled === true) return
    const settings = pushSettings(target, this.#options.push)
    await this.#pusher.push({ ...settings, job: settings.job ?? this.#job })
  }

  /**
   * Reads environment and file again and has what they say from now on, without losing a count: exporters, OTLP with its
   * intervals, exemplars, views, the cardinality limit. What waits for the next start is told of in the log. Rejects where
   * something cannot be: everything stays as it is then, as it does for a service of `createMetrics`.
   */
  async reload(): Promise<void> {
    // Those that come while one waits for its turn have that one, which has yet to read anything.
    if (this.#waiting === undefined) {
      this.#waiting = this.#reloading.then(() => {
        this.#waiting = undefined
        return this.#reload()
      })
      this.#reloading = this.#waiting.catch(() => undefined)
    }
    await this.#waiting
  }

  /** Flushes the readers, closes the endpoint and ends instrumentation, once. Recording afterwards is harmless. Never rejects. */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#close()
    return this.#shutdown
  }

  async #reload(): Promise<void> {
    if (this.#source === undefined || this.#shutdown !== undefined) {
      const got = this.#shutdown === undefined ? 'one of createMetrics' : 'one that was shut down'
      throw new DefinitionError(
        `Cannot reload "metrics": the service must be a running one of initMetrics or meterkit/register, got ${got}. Start it by one of these.`,
      )
    }
    const given = this.#source.options()
    checkAllOptions(given)
    const options = enabled(given)
    // What cannot be throws before anything has changed.
    const reconfigure = this.#registry.reconfigure({
      views: options.views ?? [],
      exemplars: options.exemplars,
      cardinalityLimit: options.cardinalityLimit ?? DEFAULT_CARDINALITY_LIMIT,
      exponentialHistograms: asksForExponential(options),
    })
    const change = this.#waysOut.prepare(waysOut(options, this.#registry, this.log))
    await this.#registry.whenIdle()
    if (this.#shutdown !== undefined) return
    const begun = reconfigure()
    const before = this.#options
    this.#options = options
    await change()
    if (this.#shutdown !== undefined) return
    this.#flushAtEnd()
    if (serves(options) && !serves(before)) this.#listenAnew(options)
    else if (!serves(options) && serves(before)) {
      this.#listening = Promise.resolve({ url: '' })
      await this.#reader.stopServer()
    }
    if (begun.length > 0) {
      this.log.warn(`views make something else of these, which begin anew: ${begun.join(', ')}`)
    }
    const waiting = startOnly(this.#made, options)
    if (waiting.length > 0)
      this.log.warn(`the next start of the process has these, and not this one: ${waiting.join(', ')}`)
  }

  #hangUp(): void {
    this.reload().then(
      () => this.log.info('the configuration was loaded again'),
      (error: unknown) => this.log.error(`the configuration stays as it is: ${errorText(error)}`),
    )
  }

  #flushAtEnd(): void {
    if (this.#flushesAtEnd || this.#waysOut.isEmpty) return
    this.#flushesAtEnd = true
    this.#instrumentations.push({ stop: flushAtEnd(() => this.flush()) })
  }

  #measureHttp(options: HttpOptions = {}, semconv = false): void {
    this.#instrumentations.push(traceHttp(this, options.engine, this.#source !== undefined))
    const meter = semconv ? this.meterProvider.getMeter('meterkit') : undefined
    this.#instrumentations.push(instrumentHttp(this, options, meter))
    if (options.client !== false) this.#instrumentations.push(instrumentHttpClients(this, options.client))
  }

  /** With an endpoint that was not there before, which is where the options of now say. */
  #listenAnew({ prometheus = {} }: MetricsOptions): void {
    const { host, port, path, endpoints } = prometheus
    this.#made = { ...this.#made, prometheus: { ...this.#made.prometheus, host, port, path, endpoints } }
    this.#listening = this.#listen(this.#reader.listenAt(addressOf(prometheus)))
    this.#listening.catch(() => undefined)
  }

  async #listen(started: Promise<{ url: string }>): Promise<{ url: string }> {
    const listening = await started
    this.log.info(`metrics are at ${listening.url} (prometheus.host and prometheus.port change where)`)
    return listening
  }

  async #close(): Promise<void> {
    // Whoever starts a service from here on gets a new one.
    if (slots[PROCESS_SERVICE] === this) slots[PROCESS_SERVICE] = undefined
    if (globalMetrics.getMeterProvider() === this.meterProvider) globalMetrics.disable()
    try {
      const ways = [this.#waysOut.shutdown(LAST_FLUSH_MS), this.#sdkProvider.shutdown({ timeoutMillis: LAST_FLUSH_MS })]
      await Promise.all(ways)
    } catch (error) {
      this.log.warn(`a reader could not be flushed and closed: ${errorText(error)}`)
    }
    const ends = [...this.#instrumentations.map((instrumentation) => () => instrumentation.stop()), ...this.ends]
    for (const end of ends) {
      try {
        end()
      } catch (error) {
        this.log.warn(`an instrumentation could not be ended: ${errorText(error)}`)
      }
    }
  }
}

/** Where the endpoint is, as its reader calls it. */
function addressOf({ host, port, path, endpoints }: PrometheusOptions): ServerAddress {
  return { host, port, endpoint: path, endpoints }
}
