import { metrics as globalMetrics, type MeterProvider } from '@opentelemetry/api'
import {
  ConsoleMetricExporter,
  type IMetricReader,
  type MetricProducer,
  PeriodicExportingMetricReader,
  MeterProvider as SdkMeterProvider,
} from '@opentelemetry/sdk-metrics'
import { checkOptions } from './config/check-options'
import type { MetricsOptions, PushOptions } from './config/options'
import { otlpSettings } from './config/otlp-settings'
import { pushSettings } from './config/push-settings'
import { optionsOfProcess } from './config/sources'
import { ExpositionReader, type RenderedPage } from './endpoint/exposition-reader'
import { type Handler, scrapeHandler } from './endpoint/handler'
import { type MeasuredDecorator, measuredBy } from './instrument/functions/measured'
import { instrumentHttp } from './instrument/http/http-server'
import { instrumentHttpClients } from './instrument/http-client/http-client'
import { traceHttp } from './instrument/http-tracing'
import { withheldHistograms } from './instrument/http-withheld'
import { Instrumenting } from './instrument/instrumenting'
import { instrumentRuntime } from './instrument/runtime/runtime'
import { systemClock } from './model/clock'
import { DefinitionError, errorText } from './model/errors'
import type { HttpOptions } from './model/http-options'
import { guarded, type Logger, loggerFrom, silentLogger, stderrLogger } from './model/log'
import type { Selection } from './model/selection'
import { DEFAULT_TRANSLATION, keepsUtf8, translatedLabel } from './model/translation'
import { JoinedReader } from './otel/joined-reader'
import { StoreMeterProvider } from './otel/meter-provider'
import { StoreProducer } from './otel/producer'
import { otlpReader } from './otel/push/otlp-reader'
import { flushAtEnd } from './otel/push/process-end'
import { serviceNameOf, serviceResource } from './otel/resource'
import { Pusher } from './push/pusher'
import { runJobWith } from './push/run-job'
import { Registry } from './store/registry'

/** Where the process keeps its service: one for all copies of this package that may be loaded. */
const PROCESS_SERVICE = Symbol.for('meterkit.service')
const slots = globalThis as { [PROCESS_SERVICE]?: MetricsService | undefined }

/** Series a metric may have where nobody says otherwise (Metrics SDK specification, "Cardinality limits"). */
const DEFAULT_CARDINALITY_LIMIT = 2_000
/** How long readers may take to flush and close, in milliseconds. */
const SHUTDOWN_TIMEOUT_MS = 5_000

/** What a service has that is disabled. */
const NOTHING = {
  exporters: [],
  resourceDetectors: [],
  http: false,
  runtime: false,
  selfMetrics: false,
} satisfies MetricsOptions

/** A service's metrics: its instruments, what is instrumented, and the ways out. */
export class MetricsService extends Instrumenting {
  /** An OpenTelemetry API `MeterProvider` over the same store. */
  readonly meterProvider: MeterProvider
  /** The store as sdk-metrics's readers take it, for a provider of your own. */
  readonly metricProducer: MetricProducer
  readonly #reader: ExpositionReader
  readonly #sdkProvider: SdkMeterProvider
  readonly #pusher: Pusher
  readonly #options: Pick<MetricsOptions, 'disabled' | 'push'>
  /** The label `job` of what is pushed, unless something else is said. */
  readonly #job: string
  readonly #listening: Promise<{ url: string }>
  readonly #instrumentations: { stop(): void }[] = []
  #shutdown: Promise<void> | undefined

  constructor(given: MetricsOptions) {
    checkOptions(given)
    const options = given.disabled === true ? { ...given, ...NOTHING } : given
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
    const { exporters = ['prometheus'], prometheus = {} } = options
    const { host, port, path, endpoints, timeoutMs, created = false } = prometheus
    const { translationStrategy = DEFAULT_TRANSLATION } = prometheus
    const { resourceLabels = [] } = options
    // Before the instruments, so that none of them takes the name of what it measures.
    const reader = new ExpositionReader({
      registry,
      selfMetrics: options.selfMetrics !== false,
      log,
      constantLabels,
      preventServerStart: true,
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(path !== undefined && { endpoint: path }),
      ...(endpoints !== undefined && { endpoints }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      created,
      translationStrategy,
      resourceLabels,
    })
    const { semconv } = options
    const utf8 = keepsUtf8(translationStrategy)
    const ofResource = resourceLabels.map((name) => translatedLabel(name, translationStrategy))
    const fixedLabels = [...constantLabels.keys(), ...ofResource]
    super(semconv === undefined ? {} : { semconv }, registry, log, fixedLabels, utf8)
    this.#reader = reader
    this.#pusher = new Pusher(reader, registry, options.selfMetrics !== false)
    this.#options = options

    const serves = exporters.includes('prometheus') && prometheus.server !== false
    this.metricProducer = new StoreProducer(registry, constantLabels)
    this.meterProvider = new StoreMeterProvider(registry, log, withheldHistograms(options))
    const pushing = pushReaders(options, registry, log)
    const resource = serviceResource(options)
    this.#job = serviceNameOf(resource)
    this.#sdkProvider = new SdkMeterProvider({
      resource,
      readers: [this.#reader, ...pushing.map((reader) => new JoinedReader(reader, this.metricProducer, log))],
    })

    try {
      if (options.runtime !== false) this.#instrumentations.push(instrumentRuntime(this))
      if (options.http !== false) this.#measureHttp(options.http, semconv)
    } catch (error) {
      // Options of http that cannot be: what has been started so far must not outlive the service that is not made.
      void this.shutdown()
      throw error
    }
    if (pushing.length > 0) this.#instrumentations.push({ stop: flushAtEnd(() => this.flush()) })
    this.#listening = serves ? this.#listen() : Promise.resolve({ url: '' })
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
    await this.#sdkProvider.forceFlush({ timeoutMillis: SHUTDOWN_TIMEOUT_MS })
  }

  /**
   * Pushes all metrics once, to a Pushgateway or by remote write: what is said here goes before the option `push`. Tries
   * again while the receiver cannot take it, and rejects where it has not by `timeoutMs`, or refused. Throws for options
   * that cannot be.
   */
  async push(target: PushOptions = {}): Promise<void> {
    checkOptions({ push: target })
    if (this.#options.disabled === true) return
    await this.#pusher.push({ job: this.#job, ...pushSettings(target, this.#options.push) })
  }

  /** Flushes the readers, closes the endpoint and ends instrumentation, once. Recording afterwards is harmless. Never rejects. */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#close()
    return this.#shutdown
  }

  #measureHttp(options: HttpOptions = {}, semconv = false): void {
    if (options.engine === 'opentelemetry') this.#instrumentations.push(traceHttp(this))
    const meter = semconv ? this.meterProvider.getMeter('meterkit') : undefined
    this.#instrumentations.push(instrumentHttp(this, options, meter))
    if (options.client !== false) this.#instrumentations.push(instrumentHttpClients(this, options.client))
  }

  async #listen(): Promise<{ url: string }> {
    const listening = await this.#reader.listen()
    this.log.info(`metrics are at ${listening.url} (prometheus.host and prometheus.port change where)`)
    return listening
  }

  async #close(): Promise<void> {
    // Whoever starts a service from here on gets a new one.
    if (slots[PROCESS_SERVICE] === this) slots[PROCESS_SERVICE] = undefined
    if (globalMetrics.getMeterProvider() === this.meterProvider) globalMetrics.disable()
    try {
      await this.#sdkProvider.shutdown({ timeoutMillis: SHUTDOWN_TIMEOUT_MS })
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

/**
 * Starts the metrics of the process, and registers them as OpenTelemetry's global `MeterProvider`. Call it once, at
 * start-up; calling it again returns the same service. Throws where an option cannot be.
 */
export function initMetrics(options?: MetricsOptions): MetricsService {
  const running = slots[PROCESS_SERVICE]
  if (running !== undefined) {
    if (options !== undefined) running.log.warn('initMetrics was called again: its options are not used.')
    return running
  }
  return startMetrics(optionsOfProcess(options ?? {}, process.env).options)
}

/** Starts the metrics of the process with options that are complete: nothing is read from the environment or from a file. */
export function startMetrics(options: MetricsOptions): MetricsService {
  const service = new MetricsService(options)
  slots[PROCESS_SERVICE] = service
  if (options.disabled === true) return service
  if (!globalMetrics.setGlobalMeterProvider(service.meterProvider)) {
    service.log.warn(
      "another global MeterProvider is registered: libraries' own metrics go there. Call initMetrics before it is.",
    )
  }
  return service
}

/**
 * Runs a batch job or a function that lives shortly, and pushes its metrics once when it ends, also where it throws: what it
 * gives or throws is what `fn` did. `fn` has the service of the process, which is started with `options` where none runs,
 * without an endpoint unless `exporters` says otherwise, and shut down again at the end. The run is measured as a job
 * (`job_duration_seconds`, …) that is called as `push.job`, or the service. A push that fails is told of in the log.
 */
export async function runJob<T>(
  fn: (metrics: MetricsService) => T | Promise<T>,
  options: MetricsOptions = {},
): Promise<T> {
  const { exporters = [], ...given } = optionsOfProcess(options, process.env).options
  const running = slots[PROCESS_SERVICE]
  const service = running ?? startMetrics({ ...given, exporters })
  const name = given.push?.job ?? given.serviceName ?? 'job'
  // Who sends metrics by OTLP need not have a Pushgateway, too.
  const pushes = given.push !== undefined || !exporters.includes('otlp')
  return runJobWith({ service, started: running === undefined, name }, fn, async () => {
    if (pushes) await service.push(given.push)
  })
}

/** Makes a service of its own, apart from the process's and not global: for tests and libraries. Throws where an option cannot be. */
export function createMetrics(options: MetricsOptions = {}): MetricsService {
  return new MetricsService(options)
}

/** The service that {@link initMetrics} started. Throws where there is none. */
export function getMetrics(): MetricsService {
  const running = slots[PROCESS_SERVICE]
  if (running === undefined) {
    throw new DefinitionError(
      'Cannot get "metrics": the service must be started, got none. Call initMetrics() at start-up, before the modules that use it.',
    )
  }
  return running
}

/**
 * Decorates a method so that its calls are measured by the service that {@link initMetrics} started, once there is one:
 * `@measured()` or `@measured('orders.place')`. Default name: class and method, `Orders.place`. For standard decorators and
 * for TypeScript's `experimentalDecorators`.
 */
export function measured(name?: string): MeasuredDecorator {
  return measuredBy(() => slots[PROCESS_SERVICE], name)
}

/** Whether a receiver is to have exponential histograms wherever nothing else was chosen. */
function asksForExponential({ exporters = [], otlp = [] }: MetricsOptions): boolean {
  const wanted = [otlp].flat().some(({ histograms }) => histograms === 'base2_exponential_bucket_histogram')
  return wanted && exporters.includes('otlp')
}

function loggerOf({ logger = stderrLogger, logLevel = 'info' }: MetricsOptions): Logger {
  return logger === false ? silentLogger : loggerFrom(logLevel, logger)
}

/** The readers that send metrics somewhere. */
function pushReaders(
  { exporters = [], otlp, selfMetrics }: MetricsOptions,
  registry: Registry,
  log: Logger,
): IMetricReader[] {
  const measured = selfMetrics === false ? undefined : registry
  return exporters.flatMap((exporter) => {
    switch (exporter) {
      case 'prometheus':
        return []
      case 'console':
        return [new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() })]
      case 'otlp':
        return otlpSettings(otlp).map((settings, index) =>
          otlpReader(settings, { name: index === 0 ? 'otlp' : `otlp-${index + 1}`, log, registry: measured }),
        )
      default:
        return [exporter]
    }
  })
}
