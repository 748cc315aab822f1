import type { Format } from '../exposition/format'
import type { Registry } from '../store/registry'
import { selfDefinition } from '../store/self-definition'
import type { Cell } from '../store/stream'
import type { RecordingSink } from '../store/succession'
import { cacheBytes, scrapeDuration, scrapeErrors, scrapeSize } from './scrape.metrics'
import { SCRAPE_FAILURES, type ScrapeEvents, type ScrapeFailure } from './scrape-events'

/** Counts and measures scrapes in a registry. */
export class ScrapeMetrics implements ScrapeEvents {
  #duration: RecordingSink
  #size: RecordingSink
  readonly #errors: ReadonlyMap<ScrapeFailure, Cell>

  /** `readCacheBytes` tells what the exposition keeps. */
  constructor(registry: Registry, readCacheBytes: () => Promise<number>) {
    this.#duration = registry.register(selfDefinition('histogram', scrapeDuration))
    this.#size = registry.register(selfDefinition('histogram', scrapeSize))
    this.#duration.follow((next) => {
      this.#duration = next
    })
    this.#size.follow((next) => {
      this.#size = next
    })
    const errors = registry.register(selfDefinition('counter', scrapeErrors))
    // All of them from the beginning: the first failure is a rise, too.
    this.#errors = new Map(SCRAPE_FAILURES.map((reason) => [reason, errors.bind({ reason })]))
    const cache = registry.registerObserved(selfDefinition('observableGauge', cacheBytes))
    registry.observe([cache], async (observe) => observe(cache, await readCacheBytes(), undefined))
  }

  sent(format: Format['id'], seconds: number, sizeBytes: number): void {
    this.#duration.record(seconds, { format })
    this.#size.record(sizeBytes, { format })
  }

  failed(reason: ScrapeFailure): void {
    this.#errors.get(reason)?.add()
  }
}
