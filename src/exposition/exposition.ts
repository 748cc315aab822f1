import type { ScopeMetrics } from '@opentelemetry/sdk-metrics'
import type { Logger } from '../model/log'
import type { Registry } from '../store/registry'
import { Families } from './family'
import type { Format } from './format'
import { importedStreams } from './imported'
import { PageWriter } from './page'

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
}

/** The pages of a registry, and of what other producers collect beside it. */
export class Exposition {
  readonly #registry: Registry | undefined
  readonly #families: Families
  readonly #writer: PageWriter
  readonly #targetInfo: boolean

  constructor(registry: Registry | undefined, options: ExpositionOptions) {
    this.#registry = registry
    this.#families = new Families(options.log)
    this.#writer = new PageWriter(options.constantLabels)
    this.#targetInfo = options.targetInfo
  }

  /** The chunks of a page, each made when it is asked for. The registry must have been collected. */
  chunks(collected: Collected, format: Format): Generator<Buffer, void, void> {
    const own = this.#registry?.streams ?? []
    const families =
      collected.scopeMetrics.length === 0
        ? this.#families.of(own, this.#registry?.version ?? 0)
        : this.#families.make([...own, ...importedStreams(collected.scopeMetrics)])
    return this.#writer.write(families, format, this.#targetInfo ? collected.resource : undefined)
  }
}
