import { isAscii } from 'node:buffer'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import type { MetricProducer } from '@opentelemetry/sdk-metrics'
import { type Collected, Exposition } from '../exposition/exposition'
import { both, type FamilyFilter, namedIn, selectedBy } from '../exposition/family-filter'
import type { Format } from '../exposition/format'
import { negotiateText } from '../exposition/negotiate'
import type { SeriesFamily } from '../exposition/time-series'
import { errorText } from '../model/errors'
import { guarded, type Logger, stderrLogger } from '../model/log'
import { prometheusLabel } from '../model/names'
import { checkEndpoints, checkSelection, type Endpoints, type Selection } from '../model/selection'
import { DEFAULT_TRANSLATION, type TranslationStrategy } from '../model/translation'
import type { Registry } from '../store/registry'
import type { Stream } from '../store/stream'
import { doneInTurns, othersTurn } from '../store/turns'
import { checkReaderOptions } from './check-reader-options'
import { within } from './deadline'
import { inTurns } from './in-turns'
import type { PageRequest } from './page-request'
import { answerScrape } from './scrape'
import { NO_SCRAPE_EVENTS, type ScrapeEvents } from './scrape-events'
import { ScrapeMetrics } from './scrape-metrics'
import { MetricsServer } from './server'

/** Where pages are, on a server of the reader's own. */
export interface ServerAddress {
  /** The address to listen on. Default: `localhost`. */
  readonly host?: string | undefined
  /** The port to listen on; 0 takes a free one. Default: 9464. */
  readonly port?: number | undefined
  /** The path of the page. Default: `/metrics`. */
  readonly endpoint?: string | undefined
  /** Other paths, each with the metrics that it shows; the page's own path among them selects for it. Default: none. */
  readonly endpoints?: Endpoints | undefined
}

export interface ExpositionReaderOptions extends ServerAddress {
  /** Start no server: pages are served by {@link ExpositionReader.getMetricsRequestHandler} alone. Default: false. */
  readonly preventServerStart?: boolean | undefined
  /** Leave `target_info` out. Default: false. */
  readonly withoutTargetInfo?: boolean | undefined
  /** Labels of every series. Default: none. */
  readonly constantLabels?: ReadonlyMap<string, string> | undefined
  /** Attributes of the resource that are labels of every series, too. They are read once, for the first page. Default: none. */
  readonly resourceLabels?: readonly string[] | undefined
  /** Whether OpenMetrics pages tell when each counter and histogram began to count. Default: false. */
  readonly created?: boolean | undefined
  /** What becomes of OpenTelemetry's names. Default: `'UnderscoreEscapingWithSuffixes'`. */
  readonly translationStrategy?: TranslationStrategy | undefined
  /**
   * How long collecting may take before a scrape is answered with 503, and how long a scraper may take nothing of the
   * page before it is cut off, in milliseconds. A scraper that says by `X-Prometheus-Scrape-Timeout-Seconds` that it waits
   * less than that for the page has its 503 in that time. Default: 10,000.
   */
  readonly timeoutMs?: number | undefined
  /** Other sources of metrics. Default: none. */
  readonly metricProducers?: MetricProducer[] | undefined
  /** The store that is written beside what the hosting provider collects. Default: none. */
  readonly registry?: Registry | undefined
  /** Whether scrapes are measured in the `registry`. Default: false. */
  readonly selfMetrics?: boolean | undefined
  /** Where a failure to listen and conflicting metrics are told. Default: standard error. */
  readonly log?: Logger | undefined
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
  #server: MetricsServer
  readonly #exposition: Exposition
  readonly #registry: Registry | undefined
  readonly #timeoutMs: number
  readonly #log: Logger
  readonly #events: ScrapeEvents
  #others: Promise<Collected> | undefined
  #isShutDown = false
  #lastErrors = ''
  readonly #constantLabels: Map<string, string>
  #resourceLabels: readonly string[]

  constructor(options: ExpositionReaderOptions = {}, callback: (error?: Error) => void = () => {}) {
    const { timeoutMs = 10_000, translationStrategy = DEFAULT_TRANSLATION } = options
    checkReaderOptions(timeoutMs, translationStrategy, options.constantLabels)
    super({
      preventServerStart: true,
      ...(options.metricProducers && { metricProducers: options.metricProducers }),
    })
    this.#registry = options.registry
    this.#timeoutMs = timeoutMs
    this.#log = guarded(options.log ?? stderrLogger)
    this.#constantLabels = new Map(options.constantLabels)
    this.#resourceLabels = options.resourceLabels ?? []
    this.#exposition = new Exposition(options.registry, {
      log: this.#log,
      constantLabels: this.#constantLabels,
      targetInfo: options.withoutTargetInfo !== true,
      translationStrategy,
      created: options.created === true,
    })
    this.#events =
      options.selfMetrics === true && options.registry !== undefined
        ? new ScrapeMetrics(options.registry, () => doneInTurns(this.#exposition.cacheBytes()))
        : NO_SCRAPE_EVENTS
    this.#server = this.#serverAt(options)
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

  /** As {@link listen}, at another address and with other pages than before: for a reader that does not listen. */
  listenAt(address: ServerAddress): Promise<{ url: string }> {
    this.#server = this.#serverAt(address)
    return this.listen()
  }

  override stopServer(): Promise<void> {
    return this.#server.stop()
  }

  /** Answers a scrape of all metrics, whatever its path. */
  override getMetricsRequestHandler(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request, response, undefined)
  }

  /** A handler as {@link getMetricsRequestHandler}, of a page with those metrics. Throws where the selection cannot be. */
  requestHandler(selection: Selection): RequestListener {
    checkSelection('Cannot make "handler":', 'the selection', selection)
    const filter = isEverything(selection) ? undefined : selectedBy(selection)
    return (request, response) => this.#answer(request, response, filter)
  }

  /** The page as text, in the format that `accept` (an `Accept` header) asks for. Rejects where collecting fails. */
  async render(accept?: string): Promise<RenderedPage> {
    const format = negotiateText(accept)
    let body = ''
    // Nothing else need keep the process alive until a callback that hangs has had its time.
    const stay = setTimeout(() => undefined, this.#timeoutMs)
    try {
      for await (const chunk of inTurns(await this.#chunks(format, undefined, this.#timeoutMs))) {
        // A chunk ends with a line, so no character is cut in two.
        body += isAscii(chunk) ? chunk.toString('latin1') : chunk.toString('utf8')
      }
    } finally {
      clearTimeout(stay)
    }
    return { contentType: format.contentType, body }
  }

  /** What a text page has, series by series, or with native histograms. Rejects where collecting fails. */
  async timeSeries(native: boolean): Promise<Iterable<SeriesFamily>> {
    const collected = await within(this.#timeoutMs, () => this.#collect(undefined, this.#timeoutMs))
    while (this.#registry?.carried !== undefined) await this.#registry.carried
    return this.#exposition.timeSeries(collected, native)
  }

  override async onShutdown(): Promise<void> {
    await this.#server.stop()
    this.#isShutDown = true
  }

  #serverAt({ host = 'localhost', port = 9464, endpoint = '/metrics', endpoints = {} }: ServerAddress): MetricsServer {
    const path = endpoint.startsWith('/') ? endpoint : `/${endpoint}`
    checkEndpoints('Cannot make "ExpositionReader":', 'endpoints', endpoints)
    const selections = new Map<string, Selection>([[path, {}], ...Object.entries(endpoints)])
    const pages = new Map([...selections].map(([at, selection]) => [at, this.requestHandler(selection)]))
    return new MetricsServer({ host, port, path, pages })
  }

  #answer(request: IncomingMessage, response: ServerResponse, selected: FamilyFilter | undefined): void {
    const source = async ({ format, names, timeoutMs = this.#timeoutMs }: PageRequest) => {
      const filter = both(selected, names && namedIn(names))
      // Nor has taking the request one in collecting: what runs for the first time takes milliseconds.
      await othersTurn()
      return this.#chunks(format, filter, Math.min(timeoutMs, this.#timeoutMs))
    }
    void answerScrape(request, response, source, { stalledMs: this.#timeoutMs, log: this.#log, events: this.#events })
  }

  async #chunks(format: Format, filter: FamilyFilter | undefined, timeoutMs: number): Promise<Iterable<Buffer>> {
    const streams = this.#exposition.streams(format, filter)
    const collected = await within(timeoutMs, () => this.#collect(streams, timeoutMs))
    // What collecting took has no part in the first turn of writing.
    await othersTurn()
    // Views may have changed since.
    while (this.#registry?.carried !== undefined) await this.#registry.carried
    return this.#exposition.chunks(collected, format, filter)
  }

  /** Of the first page: what was found of the resource by then stays, as a series whose labels change is another one. */
  #takeResourceLabels(resource: Collected['resource']): void {
    for (const name of this.#resourceLabels) {
      const value = resource[name]
      if (value === undefined) continue
      this.#constantLabels.set(constantLabelOf(name), typeof value === 'string' ? value : JSON.stringify(value))
    }
    this.#resourceLabels = []
  }

  /**
   * Scrapes that come while one is collected share what it collects: each waits until its own deadline, and who waits
   * the longest decides how long callbacks have.
   */
  async #collect(streams: ReadonlySet<Stream> | undefined, timeoutMs: number): Promise<Collected> {
    if (this.#isShutDown) {
      throw new Error(
        'Cannot collect "metrics": the reader must be running, got one that was shut down. Collect before shutdown().',
      )
    }
    this.#others ??= within(this.#timeoutMs, () => this.#collectOthers()).finally(() => {
      this.#others = undefined
    })
    const [others] = await Promise.all([
      this.#others,
      // A callback that hangs fails alone, with time left for the page of the others.
      this.#registry?.collect(timeoutMs / 2, streams),
    ])
    this.#takeResourceLabels(others.resource)
    return others
  }

  /** What the hosting provider and other producers have. */
  async #collectOthers(): Promise<Collected> {
    const { resourceMetrics, errors } = await this.collect({ timeoutMillis: this.#timeoutMs })
    const text = errors.map(errorText).join('; ')
    // What fails at every scrape is said once.
    if (text !== '' && text !== this.#lastErrors) this.#log.warn(`a metric could not be collected: ${text}`)
    this.#lastErrors = text
    const { resource, scopeMetrics } = resourceMetrics
    if (resource.asyncAttributesPending) await resource.waitForAsyncAttributes?.()
    return { resource: resource.attributes, scopeMetrics }
  }
}

/** What an attribute is called on every series: some names the format writes itself, or Prometheus keeps for itself. */
function constantLabelOf(name: string): string {
  if (name === 'le') return 'exported_le'
  return name.startsWith('__') ? prometheusLabel(name) : name
}

function isEverything({ include, exclude }: Selection): boolean {
  return include === undefined && exclude === undefined
}
