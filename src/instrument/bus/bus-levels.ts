import type { BatchResult } from '../../facade/observable'
import { errorText } from '../../model/errors'
import type { Logger } from '../../model/log'
import type { BusWatch, TopicLevel } from './bus-adapter'
import type { BusInstruments } from './bus-instruments'
import type { BusSeries } from './bus-series'
import type { TopicNames } from './topic-names'

/** How long a broker may take to answer before a collection goes on without it. */
const DEADLINE_MS = 1_000

interface Sum {
  depth: number | undefined
  lag: number | undefined
}

/** What waits at the broker for the topics of one bus, asked at collection. */
export class BusLevels {
  readonly #watch: BusWatch
  readonly #names: TopicNames
  readonly #series: BusSeries
  readonly #bus: string
  readonly #log: Logger
  /** The question under way: a broker that is slow gets no second one. */
  #asked: Promise<void> | undefined
  #last: readonly TopicLevel[] = []
  #warned = false
  #stopped = false

  constructor(watch: BusWatch, bus: string, names: TopicNames, series: BusSeries, log: Logger) {
    this.#watch = watch
    this.#bus = bus
    this.#names = names
    this.#series = series
    this.#log = log
  }

  stop(): void {
    this.#stopped = true
  }

  /** Asks, and resolves with the answer, or with none where it does not come in time. Never rejects. */
  async read(): Promise<readonly TopicLevel[]> {
    this.#asked ??= this.#ask()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, DEADLINE_MS)
      timer.unref()
    })
    await Promise.race([this.#asked, late])
    clearTimeout(timer)
    const answer = this.#last
    this.#last = []
    return this.#stopped ? [] : answer
  }

  async #ask(): Promise<void> {
    try {
      this.#last = (await this.#watch.levels?.()) ?? []
    } catch (error) {
      if (!this.#warned) this.#log.warn(`What waits for bus "${this.#bus}" could not be read: ${errorText(error)}`)
      this.#warned = true
    } finally {
      this.#asked = undefined
    }
  }

  /** Adds an answer up by topic. */
  sum(levels: readonly TopicLevel[], sums: Map<string, Sum>): void {
    for (const { topic, depth, lag } of levels) {
      const name = this.#names.nameOf(topic)
      if (name === undefined) continue
      const label = this.#series.labelOf(name)
      const sum = sums.get(label) ?? { depth: undefined, lag: undefined }
      if (depth !== undefined) sum.depth = (sum.depth ?? 0) + depth
      if (lag !== undefined) sum.lag = (sum.lag ?? 0) + lag
      sums.set(label, sum)
    }
  }
}

/** Observes what waits for the topics of all buses: those of one name add up. */
export async function observeLevels(
  buses: Iterable<{ readonly name: string; readonly levels: BusLevels }>,
  instruments: BusInstruments,
  result: BatchResult,
): Promise<void> {
  const asked = [...buses]
  const answers = await Promise.all(asked.map(({ levels }) => levels.read()))
  const byName = new Map<string, Map<string, Sum>>()
  asked.forEach(({ name, levels }, index) => {
    const sums = byName.get(name) ?? new Map<string, Sum>()
    byName.set(name, sums)
    levels.sum(answers[index] ?? [], sums)
  })
  for (const [bus, sums] of byName) {
    for (const [topic, { depth, lag }] of sums) {
      if (depth !== undefined) result.observe(instruments.queueDepth, depth, { bus, topic })
      if (lag !== undefined) result.observe(instruments.consumerLag, lag, { bus, topic })
    }
  }
}
