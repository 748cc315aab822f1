import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '@opentelemetry/resources'
import { type IMetricReader, type MetricProducer, MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics'
import { errorText } from '../../model/errors'
import type { Logger } from '../../model/log'
import { JoinedReader } from '../joined-reader'
import { PushReader } from './push-reader'

/** A way out that is wanted: a reader that pushes, by its name. */
export interface WayOut {
  readonly name: string
  /** What the reader is made of: where it is the same as before, the reader stays. */
  readonly settings: unknown
  /** Makes the reader; `before` is the one of this name that it takes the place of. Throws where it cannot be had. */
  make(before: IMetricReader | undefined): IMetricReader
}

interface Running extends WayOut {
  readonly reader: IMetricReader
  /** Hosts the reader alone, so that it can end alone. */
  readonly provider: SdkMeterProvider
}

/**
 * The readers of a service that push, which may change while it runs. What a reader of deltas was not told to have arrived is
 * handed on to the one that takes its place; one that goes for good sends its last numbers first.
 */
export class WaysOut {
  readonly #resource: Resource
  readonly #store: MetricProducer
  readonly #log: Logger
  #running: readonly Running[] = []

  constructor(resource: Resource, store: MetricProducer, log: Logger) {
    this.#resource = resource
    this.#store = store
    this.#log = log
  }

  get isEmpty(): boolean {
    return this.#running.length === 0
  }

  /**
   * Makes the readers that are wanted and are not there, and returns what has them take over. Throws where one cannot be
   * made; nothing has changed then.
   */
  prepare(wanted: readonly WayOut[]): () => Promise<void> {
    const made = wanted.map((way) => {
      const before = this.#running.find(({ name }) => name === way.name)
      if (before !== undefined && isDeepStrictEqual(before.settings, way.settings)) return before
      return { ...way, reader: way.make(before?.reader) }
    })
    return () => this.#take(made)
  }

  async #take(made: readonly (Running | (WayOut & { readonly reader: IMetricReader }))[]): Promise<void> {
    const gone = this.#running.filter((each) => !made.includes(each))
    this.#running = this.#running.filter((each) => made.includes(each))
    if (gone.length > 0) {
      await Promise.all(
        gone.map(async ({ name, reader, provider }) => {
          const isReplaced = made.some((each) => each.name === name)
          // What was on its way must have arrived, or not, before another reader tells of the same.
          if (isReplaced && reader instanceof PushReader) await reader.retire()
          else await this.#ended(provider)
        }),
      )
    }
    this.#running = made.map((way) => ('provider' in way ? way : { ...way, provider: this.#hosted(way.reader) }))
  }

  async flush(timeoutMs: number): Promise<void> {
    await Promise.all(this.#running.map(({ provider }) => provider.forceFlush({ timeoutMillis: timeoutMs })))
  }

  async shutdown(timeoutMs: number): Promise<void> {
    await Promise.all(this.#running.map(({ provider }) => provider.shutdown({ timeoutMillis: timeoutMs })))
  }

  #hosted(reader: IMetricReader): SdkMeterProvider {
    return new SdkMeterProvider({
      resource: this.#resource,
      readers: [new JoinedReader(reader, this.#store, this.#log)],
    })
  }

  async #ended(provider: SdkMeterProvider): Promise<void> {
    try {
      await provider.shutdown({ timeoutMillis: LAST_FLUSH_MS })
    } catch (error) {
      this.#log.warn(`a reader could not be flushed and closed: ${errorText(error)}`)
    }
  }
}

/** How long a reader that goes may take for its last numbers, in milliseconds. */
const LAST_FLUSH_MS = 5_000
