import type { ScopeMetrics } from '@opentelemetry/sdk-metrics'
import { Exposition } from '../../src/exposition/exposition'
import type { FamilyFilter } from '../../src/exposition/family-filter'
import type { Format } from '../../src/exposition/format'
import { OPENMETRICS, TEXT } from '../../src/exposition/format'
import type { SeriesFamily } from '../../src/exposition/time-series'
import { Instruments } from '../../src/facade/instruments'
import type { Logger } from '../../src/model/log'
import { DEFAULT_TRANSLATION, keepsUtf8, type TranslationStrategy } from '../../src/model/translation'
import { StoreMeterProvider } from '../../src/otel/meter-provider'
import { Registry, type RegistryOptions } from '../../src/store/registry'

export interface HouseOptions
  extends Partial<Pick<RegistryOptions, 'views' | 'cardinalityLimit' | 'exemplars' | 'selfMetrics'>> {
  readonly constantLabels?: Readonly<Record<string, string>>
  /** What becomes of OpenTelemetry's names. */
  readonly translationStrategy?: TranslationStrategy
  /** Whether OpenMetrics tells when series began to count. */
  readonly created?: boolean
  /** Attributes for `target_info`. Default: none, and no `target_info`. */
  readonly resource?: Readonly<Record<string, unknown>>
}

/** Both front doors and the pages of one store, without a server and without an SDK. */
export class ExpositionHouse {
  /** The facade. */
  readonly metrics: Instruments
  /** The OpenTelemetry API. */
  readonly provider: StoreMeterProvider
  /** What was logged, line by line. */
  readonly logged: string[] = []
  /** Metrics that others collected. */
  readonly imported: ScopeMetrics[] = []
  /** The milliseconds that the clock shows. */
  nowMs = 1_700_000_000_000
  readonly #registry: Registry
  readonly #exposition: Exposition
  readonly #resource: Readonly<Record<string, unknown>>

  constructor({
    constantLabels = {},
    resource,
    views = [],
    cardinalityLimit = 2_000,
    exemplars,
    selfMetrics,
    translationStrategy = DEFAULT_TRANSLATION,
    created = false,
  }: HouseOptions = {}) {
    const say = (message: string) => void this.logged.push(message)
    const log: Logger = { info: say, warn: say, error: say }
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs }
    this.#registry = new Registry({ clock, log, views, cardinalityLimit, exemplars, selfMetrics })
    const utf8 = keepsUtf8(translationStrategy)
    this.metrics = new Instruments(this.#registry, log, Object.keys(constantLabels), utf8)
    this.provider = new StoreMeterProvider(this.#registry, log)
    this.#resource = resource ?? {}
    this.#exposition = new Exposition(this.#registry, {
      log,
      constantLabels: new Map(Object.entries(constantLabels)),
      targetInfo: resource !== undefined,
      translationStrategy,
      created,
    })
  }

  /** The meter of a library. */
  meter(name = 'library') {
    return this.provider.getMeter(name)
  }

  /** The chunks of a page, each a copy, made when it is asked for. */
  *chunks(format: Format, filter?: FamilyFilter): Generator<Buffer, void, void> {
    const collected = { resource: this.#resource, scopeMetrics: this.imported }
    for (const chunk of this.#exposition.chunks(collected, format, filter)) yield Buffer.from(chunk)
  }

  /** The bytes of a page, for which is collected what it shows. */
  async page(format: Format, filter?: FamilyFilter): Promise<Buffer> {
    await this.#registry.collect(1_000, this.#exposition.streams(format, filter))
    return Buffer.concat([...this.chunks(format, filter)])
  }

  /** Counts the bytes that are kept between pages, in steps. */
  cacheBytes(): Generator<void, number, void> {
    return this.#exposition.cacheBytes()
  }

  /** What is stored of a text page, or with native histograms. */
  async timeSeries(native = false): Promise<SeriesFamily[]> {
    await this.#registry.collect(1_000)
    return [...this.#exposition.timeSeries({ resource: this.#resource, scopeMetrics: this.imported }, native)]
  }

  async text(): Promise<string> {
    return (await this.page(TEXT)).toString('utf8')
  }

  async openMetrics(): Promise<string> {
    return (await this.page(OPENMETRICS)).toString('utf8')
  }
}

/** Lines as they stand on a page. */
export function lines(...texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}

/** The samples of a page, without heads. */
export function samples(page: string): string[] {
  return page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}
