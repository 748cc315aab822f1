import type { BusInstruments } from './bus-instruments'
import type { MessagingSeries } from './messaging-series'
import { OTHER, TopicSeries } from './topic-series'

/** How many topics one bus may have; events of further topics count as the topic `(other)`. */
export const TOPIC_LIMIT = 200

/** The topics of one bus name. Buses that share a name share these series, which leave with the last of them. */
export class BusSeries {
  readonly #instruments: BusInstruments
  readonly #bus: string
  readonly #names = new Set<string>()
  readonly #topics = new Set<TopicSeries>()
  #users = 0

  constructor(instruments: BusInstruments, bus: string) {
    this.#instruments = instruments
    this.#bus = bus
  }

  /** A topic's label: its name, or `(other)` where there are enough. */
  labelOf(topic: string): string {
    if (this.#names.has(topic)) return topic
    if (this.#names.size >= TOPIC_LIMIT) return OTHER
    this.#names.add(topic)
    return topic
  }

  /** New handles on the series of a topic, for one bus. */
  topic(label: string, messaging: MessagingSeries | undefined): TopicSeries {
    const series = new TopicSeries(this.#instruments, this.#bus, label, messaging)
    this.#topics.add(series)
    return series
  }

  acquire(): void {
    this.#users++
  }

  /** Returns whether that was the last user: then the series are gone, and this object is not to be used again. */
  release(): boolean {
    this.#users--
    if (this.#users > 0) return false
    for (const series of this.#topics) series.remove()
    return true
  }
}
