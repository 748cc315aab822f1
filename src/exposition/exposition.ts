import type { ScopeMetrics } from '@opentelemetry/sdk-metrics'
import type { Escaping } from '../model/escaping'
import type { Logger } from '../model/log'
import type { TranslationStrategy } from '../model/translation'
import type { LabelValues } from '../store/label-values'
import type { Registry } from '../store/registry'
import type { Stream } from '../store/stream'
import { Families, type Family } from './family'
import { type FamilyFilter, TARGET_INFO_NAMES } from './family-filter'
import { FilteredFamilies } from './filtered-families'
import { type Format, TEXT } from './format'
import { importedStreams } from './imported'
import { Naming } from './naming'
import { PageWriter } from './page'
import { ProtobufPageWriter } from './protobuf-page'
import { type SeriesFamily, timeSeries } from './time-series'

/** What a page is written from, besides the registry. */
export interface Collected {
  readonly resource: Readonly<Record<string, unknown>>
  /** Metrics that others collected. */
  readonly scopeMetrics: readonly ScopeMetrics[]
}

export interface ExpositionOptions {
  readonly log: Logger
  readonly constantLabels: ReadonlyMap<string, string>
  readonly targetInfo: boolean
  readonly translationStrategy: TranslationStrategy
  /** Whether OpenMetrics tells when series began to count. */
  readonly created: boolean
}

/** Groups whose bytes are counted in one step. */
const STEP = 128

/** The pages of a registry, and of what other producers collect beside it. */
export class Exposition {
  readonly #registry: Registry | undefined
  readonly #families: Families
  readonly #filtered: FilteredFamilies
  readonly #writer: PageWriter
  readonly #protobuf: ProtobufPageWriter
  readonly #constantLabels: ReadonlyMap<string, string>
  readonly #targetInfo: boolean
  readonly #translationStrategy: TranslationStrategy
  /** One for each way to escape names that was asked for. */
  readonly #namings = new Map<Escaping, Naming>()

  constructor(registry: Registry | undefined, options: ExpositionOptions) {
    this.#registry = registry
    this.#families = new Families(options.log)
    this.#filtered = new FilteredFamilies(new Naming(options.translationStrategy, 'allow-utf-8'))
    this.#writer = new PageWriter(options)
    this.#protobuf = new ProtobufPageWriter(this.#writer, options.constantLabels)
    this.#constantLabels = options.constantLabels
    this.#targetInfo = options.targetInfo
    this.#translationStrategy = options.translationStrategy
  }

  /** The registry's streams that a page with this filter shows, so that no others need to be collected; `undefined` for all. */
  streams(format: Format, filter: FamilyFilter | undefined): ReadonlySet<Stream> | undefined {
    if (filter === undefined) return undefined
    const families = this.#filtered.of(this.#own(this.#namingOf(format)), filter)
    return new Set(families.flatMap((family) => family.streams))
  }

  /**
   * The chunks of a page, each made when it is asked for, with the families that `filter` lets through. The registry must
   * have been collected.
   */
  chunks(collected: Collected, format: Format, filter?: FamilyFilter): Generator<Buffer, void, void> {
    const naming = this.#namingOf(format)
    const all = this.#all(collected, naming)
    const families = filter === undefined ? all : this.#filtered.of(all, filter)
    const hasTarget = this.#targetInfo && (filter === undefined || filter(TARGET_INFO_NAMES))
    const resource = hasTarget ? collected.resource : undefined
    if (format.id === 'protobuf') return this.#protobuf.write(families, naming, resource)
    return this.#writer.write(families, format, naming, resource)
  }

  /** What a text page would have, series by series, or with native histograms. The registry must have been collected. */
  timeSeries(collected: Collected, native: boolean): Generator<SeriesFamily, void, void> {
    const naming = this.#namingOf(TEXT)
    const resource = this.#targetInfo ? collected.resource : undefined
    return timeSeries(this.#all(collected, naming), naming, this.#constantLabels, resource, native)
  }

  /** Bytes kept between pages, in steps: there may be many groups. */
  *cacheBytes(): Generator<void, number, void> {
    const counted = new Set<LabelValues>()
    let sizeBytes = this.#protobuf.spareBytes
    let looked = 0
    for (const { table } of this.#streams) {
      for (const group of table.groups) {
        if (++looked % STEP === 0) yield
        sizeBytes += this.#writer.groupBytes(group) + this.#protobuf.groupBytes(group)
        for (const values of group.values) {
          if (counted.has(values)) continue
          counted.add(values)
          sizeBytes += this.#writer.valueBytes(values) + this.#protobuf.valueBytes(values)
        }
      }
    }
    return sizeBytes
  }

  get #streams(): readonly Stream[] {
    return this.#registry?.streams ?? []
  }

  #all({ scopeMetrics }: Collected, naming: Naming): readonly Family[] {
    if (scopeMetrics.length === 0) return this.#own(naming)
    return this.#families.make([...this.#streams, ...importedStreams(scopeMetrics)], naming)
  }

  #own(naming: Naming): readonly Family[] {
    return this.#families.of(this.#streams, this.#registry?.version ?? 0, naming)
  }

  #namingOf({ escaping }: Format): Naming {
    let naming = this.#namings.get(escaping)
    if (naming === undefined) {
      naming = new Naming(this.#translationStrategy, escaping)
      this.#namings.set(escaping, naming)
    }
    return naming
  }
}
