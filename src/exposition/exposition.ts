import type { ScopeMetrics } from '@opentelemetry/sdk-metrics'
import type { Escaping } from '../model/escaping'
import type { Logger } from '../model/log'
import type { TranslationStrategy } from '../model/translation'
import type { Registry } from '../store/registry'
import { Families } from './family'
import type { Format } from './format'
import { importedStreams } from './imported'
import { Naming } from './naming'
import { PageWriter } from './page'
import { ProtobufPageWriter } from './protobuf-page'

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

/** The pages of a registry, and of what other producers collect beside it. */
export class Exposition {
  readonly #registry: Registry | undefined
  readonly #families: Families
  readonly #writer: PageWriter
  readonly #protobuf: ProtobufPageWriter
  readonly #targetInfo: boolean
  readonly #translationStrategy: TranslationStrategy
  /** One for each way to escape names that was asked for. */
  readonly #namings = new Map<Escaping, Naming>()

  constructor(registry: Registry | undefined, options: ExpositionOptions) {
    this.#registry = registry
    this.#families = new Families(options.log)
    this.#writer = new PageWriter(options)
    this.#protobuf = new ProtobufPageWriter(this.#writer, options.constantLabels)
    this.#targetInfo = options.targetInfo
    this.#translationStrategy = options.translationStrategy
  }

  /** The chunks of a page, each made when it is asked for. The registry must have been collected. */
  chunks(collected: Collected, format: Format): Generator<Buffer, void, void> {
    const own = this.#registry?.streams ?? []
    const naming = this.#namingOf(format)
    const families =
      collected.scopeMetrics.length === 0
        ? this.#families.of(own, this.#registry?.version ?? 0, naming)
        : this.#families.make([...own, ...importedStreams(collected.scopeMetrics)], naming)
    const resource = this.#targetInfo ? collected.resource : undefined
    if (format.id === 'protobuf') return this.#protobuf.write(families, naming, resource)
    return this.#writer.write(families, format, naming, resource)
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
