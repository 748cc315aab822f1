import type { BusInstruments } from './bus-instruments'
import type { MessagingSeries } from './messaging-series'
import { OTHER, TopicBindings } from './topic-bindings'
import { TopicSeries } from './topic-series'

/** How many topics one bus may have; events of further topics count as the topic `(other)`. */
export const TOPIC_LIMIT = 200

/** The topics of one bus name. Buses that share a name share these series, which leave with the last of them. */
export class BusSeries {
  readonly #instruments: BusInstruments
  readonly #bus: string
  readonly #names = new Set<string>()
  /** By label; all that is kept of a bus that has stopped. */
  readonly #topics = new Map<string, TopicBindings>()
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

  /** What one bus records of a topic. `messaging` is released with the last of the buses. */
  topic(label: string, messaging: MessagingSeries | undefined): TopicSeries {
    let bindings = this.#topics.get(label)
    if (bindings === undefined) {
      bindings = new TopicBindings(this.#instruments, this.#bus, label)
      this.#topics.set(label, bindings)
    }
    if (messaging !== undefined) bindings.hold(messaging)
    return new TopicSeries(bindings, messaging)
  }

  acquire(): void {
    this.#users++
  }

  /** Returns whether that was the last user: then the series are gone, and this object is not to be used again. */
  release(): boolean {
    this.#users--
    if (this.#users > 0) return false
    for (const bindings of this.#topics.values()) bindings.remove()
    return true
  }
}
