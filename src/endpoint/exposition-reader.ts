import { isAscii } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import type { MetricProducer } from '@opentelemetry/sdk-metrics'
import { type Collected, Exposition } from '../exposition/exposition'
import type { Format } from '../exposition/format'
import { negotiateText } from '../exposition/negotiate'
import { errorText } from '../model/errors'
import { guarded, type Logger, stderrLogger } from '../model/log'
import { DEFAULT_TRANSLATION, type TranslationStrategy } from '../model/translation'
import type { Registry } from '../store/registry'
import { within } from './deadline'
import { inTurns } from './in-turns'
import { answerScrape } from './scrape'
import { MetricsServer } from './server'

export interface ExpositionReaderOptions {
  /** The address to listen on. Default: `localhost`. */
  readonly host?: string
  /** The port to listen on; 0 takes a free one. Default: 9464. */
  readonly port?: number
  /** The path of the page. Default: `/metrics`. */
  readonly endpoint?: string
  /** Start no server: pages are served by {@link ExpositionReader.getMetricsRequestHandler} alone. Default: false. */
  readonly preventServerStart?: boolean
  /** Leave `target_info` out. Default: false. */
  readonly withoutTargetInfo?: boolean
  /** Labels of every series. Default: none. */
  readonly constantLabels?: ReadonlyMap<string, string>
  /** Whether OpenMetrics pages tell when each counter and histogram began to count. Default: false. */
  readonly created?: boolean
  /** What becomes of OpenTelemetry's names. Default: `'UnderscoreEscapingWithSuffixes'`. */
  readonly translationStrategy?: TranslationStrategy
  /**
   * How long collecting may take before a scrape is answered with 503, and how long a scraper may take nothing of the
   * page before it is cut off, in milliseconds. Default: 10,000.
   */
  readonly timeoutMs?: number
  /** Other sources of metrics. Default: none. */
  readonly metricProducers?: MetricProducer[]
  /** The store that is written beside what the hosting provider collects. Default: none. */
  readonly registry?: Registry
  /** Where a failure to listen and conflicting metrics are told. Default: standard error. */
  readonly log?: Logger
}

/** A page as {@link ExpositionReader.render} gives it. */
export interface RenderedPage {
  readonly contentType: string
  readonly body: string
}

/**
 * A Prometheus exporter for any OpenTelemetry `MeterProvider`: the interface of `PrometheusExporter`, with pages that
 * are negotiated, compressed, written in turns with the application, and 503 where collecting failed.
 */
export class ExpositionReader extends PrometheusExporter {
  readonly #server: MetricsServer
  readonly #exposition: Exposition
  readonly #registry: Registry | undefined
  readonly #timeoutMs: number
  readonly #log: Logger
  #collection: Promise<Collected> | undefined
  #lastErrors = ''

  constructor(options: ExpositionReaderOptions = {}, callback: (error?: Error) => void = () => {}) {
    super({
      preventServerStart: true,
      ...(options.metricProducers && { metricProducers: options.metricProducers }),
    })
    const { host = 'localhost', port = 9464, endpoint = '/metrics', timeoutMs = 10_000 } = options
    this.#registry = options.registry
    this.#timeoutMs = timeoutMs
    this.#log = guarded(options.log ?? stderrLogger)
    this.#exposition = new Exposition(options.registry, {
      log: this.#log,
      constantLabels: options.constantLabels ?? new Map(),
      targetInfo: options.withoutTargetInfo !== true,
      translationStrategy: options.translationStrategy ?? DEFAULT_TRANSLATION,
      created: options.created === true,
    })
    const path = endpoint.startsWith('/') ? endpoint : `/${endpoint}`
    this.#server = new MetricsServer({ host, port, path }, (request, response) =>
      this.getMetricsRequestHandler(request, response),
    )
    if (options.preventServerStart === true) queueMicrotask(callback)
    else
      this.startServer().then(
        () => callback(),
        (error: Error) => callback(error),
      )
  }

  /** Listens. Rejects where the address cannot be had; that is logged too, so nobody needs to wait for it. */
  override async startServer(): Promise<void> {
    await this.listen()
  }

  /** As {@link startServer}, and tells the address of the page. */
  listen(): Promise<{ url: string }> {
    const listening = this.#server.start()
    listening.catch((error: Error) => this.#log.error(error.message))
    return listening
  }

  override stopServer(): Promise<void> {
    return this.#server.stop()
  }

  /** Answers a scrape, whatever its path. */
  override getMetricsRequestHandler(request: IncomingMessage, response: ServerResponse): void {
    void answerScrape(request, response, (format) => this.#chunks(format), {
      stalledMs: this.#timeoutMs,
      log: this.#log,
    })
  }

  /** The page as text, in the format that `accept` (an `Accept` header) asks for. Rejects where collecting fails. */
  async render(accept?: string): Promise<RenderedPage> {
    const format = negotiateText(accept)
    let body = ''
    // Nothing else need keep the process alive until a callback that hangs has had its time.
    const stay = setTimeout(() => undefined, this.#timeoutMs)
    try {
      for await (const chunk of inTurns(await this.#chunks(format))) {
        // A chunk ends with a line, so no character is cut in two.
        body += isAscii(chunk) ? chunk.toString('latin1') : chunk.toString('utf8')
      }
    } finally {
      clearTimeout(stay)
    }
    return { contentType: format.contentType, body }
  }

  override onShutdown(): Promise<void> {
    return this.#server.stop()
  }

  /** Scrapes that come while one is collected share what it collects. */
  async #chunks(format: Format): Promise<Iterable<Buffer>> {
    this.#collection ??= within(this.#timeoutMs, this.#collect()).finally(() => {
      this.#collection = undefined
    })
    return this.#exposition.chunks(await this.#collection, format)
  }

  async #collect(): Promise<Collected> {
    const [{ resourceMetrics, errors }] = await Promise.all([
      this.collect({ timeoutMillis: this.#timeoutMs }),
      // A callback that hangs fails alone, with time left for the page of the others.
      this.#registry?.collect(this.#timeoutMs / 2),
    ])
    const text = errors.map(errorText).join('; ')
    // What fails at every scrape is said once.
    if (text !== '' && text !== this.#lastErrors) this.#log.warn(`a metric could not be collected: ${text}`)
    this.#lastErrors = text
    const { resource, scopeMetrics } = resourceMetrics
    if (resource.asyncAttributesPending) await resource.waitForAsyncAttributes?.()
    return { resource: resource.attributes, scopeMetrics }
  }
}
