import type { Definition } from '../model/definition'
import { collectionDuration, series, TOP_METRICS } from './collection.metrics'
import { selfDefinition } from './self-definition'
import type { Cell, Stream } from './stream'
import type { RecordingSink } from './succession'

/** Measures collections, and counts series where they end. */
export class CollectionMetrics {
  readonly #duration: Cell
  #series: RecordingSink
  /** The streams of each metric, by its name, in the order of the names. */
  #byName: readonly (readonly [name: string, streams: readonly Stream[]])[] = []
  #version = -1
  /** The metrics that have a series now. */
  #shown: readonly string[] = []

  /** `register` makes the streams of an instrument. */
  constructor(register: (definition: Definition) => RecordingSink) {
    this.#duration = register(selfDefinition('histogram', collectionDuration)).bind(undefined)
    this.#series = register(selfDefinition('gauge', series))
    this.#series.follow((next) => {
      this.#series = next
    })
  }

  /** Tells of a collection that has dropped what expired. `version` rises when there are other streams. */
  collected(seconds: number, streams: readonly Stream[], version: number): void {
    this.#duration.set(seconds)
    if (version !== this.#version) {
      this.#byName = byName(streams)
      this.#version = version
    }
    const top = this.#top()
    for (const metric of this.#shown) {
      if (!top.some(({ name }) => name === metric)) this.#series.remove({ metric })
    }
    for (const { name, count } of top) this.#series.record(count, { metric: name })
    this.#shown = top.map(({ name }) => name)
  }

  /** The metrics with the most series, the most first; of those that have as many as others, the first by name. */
  #top(): { readonly name: string; readonly count: number }[] {
    const top: { name: string; count: number }[] = []
    for (const [name, streams] of this.#byName) {
      let count = 0
      for (const { table } of streams) count += table.seriesCount
      if (count === 0) continue
      const last = top.at(-1)
      if (top.length === TOP_METRICS && last !== undefined && last.count >= count) continue
      if (top.length === TOP_METRICS) top.pop()
      const place = top.findIndex((other) => other.count < count)
      top.splice(place < 0 ? top.length : place, 0, { name, count })
    }
    return top
  }
}

function byName(streams: readonly Stream[]): [name: string, streams: Stream[]][] {
  const names = new Map<string, Stream[]>()
  for (const stream of streams) {
    const { name, source } = stream.identity
    // It would count itself.
    if (source.name === series.name) continue
    const same = names.get(name)
    if (same === undefined) names.set(name, [stream])
    else same.push(stream)
  }
  return [...names].sort(([a], [b]) => (a < b ? -1 : 1))
}
