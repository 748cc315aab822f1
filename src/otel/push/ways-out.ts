import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '@opentelemetry/resources'
import { type IMetricReader, type MetricProducer, MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics'
import { errorText } from '../../model/errors'
import type { Logger } from '../../model/log'
import { JoinedReader } from '../joined-reader'
import { inTime } from './in-time'
import { LAST_FLUSH_MS } from './last-flush'
import { PushReader } from './push-reader'

/** A way out that is wanted: a reader that pushes. */
export interface WayOut {
  /** One that no other way out of these has. */
  readonly name: string
  /** Whom it sends to, where there may be several of its kind in any order. */
  readonly receiver?: string | undefined
  /** What the reader is made of: where it is the same as before, the reader stays. */
  readonly settings: unknown
  /**
   * Makes the reader. It is called as the one `before` was that it takes the place of, or, with none, by a name that none
   * of its kind has. Throws where it cannot be had.
   */
  make(name: string, before: IMetricReader | undefined): IMetricReader
}

interface Made extends WayOut {
  readonly reader: IMetricReader
}

interface Running extends Made {
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
  /** Settles when those that were prepared last have taken over. */
  #change: Promise<void> = Promise.resolve()
  #isClosed = false

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
    const pairs = paired(wanted, this.#running)
    const taken = new Set([...pairs.values()].map(({ name }) => name))
    const free = wanted.filter(({ name, receiver }) => receiver !== undefined && !taken.has(name))
    const made = wanted.map((way) => {
      const before = pairs.get(way)
      if (before !== undefined && isDeepStrictEqual(before.settings, way.settings)) return before
      const { name } = before ?? (way.receiver === undefined ? way : (free.shift() ?? way))
      return { ...way, name, reader: way.make(name, before?.reader) }
    })
    return () => {
      this.#change = this.#take(made, new Set(pairs.values()))
      return this.#change
    }
  }

  async #take(made: readonly (Running | Made)[], replaced: ReadonlySet<Running>): Promise<void> {
    const gone = this.#running.filter((each) => !made.includes(each))
    this.#running = this.#running.filter((each) => made.includes(each))
    if (gone.length > 0) {
      await Promise.all(
        gone.map((each) => {
          const { reader, provider } = each
          // What was on its way must have arrived, or not, before another reader tells of the same.
          if (replaced.has(each) && reader instanceof PushReader) return this.#ended(reader.retire())
          return this.#ended(provider.shutdown({ timeoutMillis: LAST_FLUSH_MS }))
        }),
      )
      if (this.#isClosed) return
    }
    this.#running = made.map((way) => ('provider' in way ? way : { ...way, provider: this.#hosted(way.reader) }))
  }

  async flush(timeoutMs: number): Promise<void> {
    await this.#each(timeoutMs, (provider, timeoutMillis) => provider.forceFlush({ timeoutMillis }))
  }

  /** Flushes and closes all for good: none takes over from here on. */
  async shutdown(timeoutMs: number): Promise<void> {
    await this.#each(timeoutMs, (provider, timeoutMillis) => provider.shutdown({ timeoutMillis }))
    this.#isClosed = true
  }

  /** Has something done with each reader that there is, and with those that are about to take over. */
  async #each(
    timeoutMs: number,
    work: (provider: SdkMeterProvider, timeoutMs: number) => Promise<void>,
  ): Promise<void> {
    const start = performance.now()
    const before = this.#running
    const first = before.map(({ provider }) => work(provider, timeoutMs))
    try {
      await inTime(this.#change, timeoutMs)
    } catch (error) {
      this.#log.warn(`readers that are to take over from others are left out: ${errorText(error)}`)
    }
    const leftMs = Math.max(0, timeoutMs - (performance.now() - start))
    const others = this.#running.filter((each) => !before.includes(each))
    await Promise.all([...first, ...others.map(({ provider }) => work(provider, leftMs))])
  }

  #hosted(reader: IMetricReader): SdkMeterProvider {
    return new SdkMeterProvider({
      resource: this.#resource,
      readers: [new JoinedReader(reader, this.#store, this.#log)],
    })
  }

  async #ended(ending: Promise<void>): Promise<void> {
    try {
      await ending
    } catch (error) {
      this.#log.warn(`a reader could not be flushed and closed: ${errorText(error)}`)
    }
  }
}

/**
 * The running ones whose places the wanted ones have: those for the same receiver, rather the same in all; and where then
 * one is left of either side, it is for a receiver that has moved.
 */
function paired(wanted: readonly WayOut[], running: readonly Running[]): Map<WayOut, Running> {
  const pairs = new Map<WayOut, Running>()
  const left = new Set(running)
  const pair = (ways: readonly WayOut[], fits: (way: WayOut, each: Running) => boolean) => {
    for (const way of ways) {
      const found = pairs.has(way) ? undefined : [...left].find((each) => fits(way, each))
      if (found === undefined) continue
      pairs.set(way, found)
      left.delete(found)
    }
  }
  const isSame = (way: WayOut, each: Running) =>
    way.receiver === each.receiver && (way.receiver !== undefined || way.name === each.name)
  pair(wanted, (way, each) => isSame(way, each) && isDeepStrictEqual(way.settings, each.settings))
  pair(wanted, isSame)
  const comes = wanted.filter((way) => way.receiver !== undefined && !pairs.has(way))
  const goes = [...left].filter(({ receiver }) => receiver !== undefined)
  if (comes.length === 1 && goes.length === 1) pair(comes, (_way, each) => each === goes[0])
  return pairs
}
