import type { Attributes } from '@opentelemetry/api'
import type { DataPoint } from '@opentelemetry/sdk-metrics'

/** A series, and the point that it had when it last arrived. */
export interface Series {
  readonly attributes: Attributes
  arrived: DataPoint<unknown> | undefined
  /** Its place in the last pass that had it. */
  at: number
}

/**
 * The series of a stream, which come again and again, mostly in the order of the last time: the one that came next then is
 * looked at first, which takes a few comparisons, where a key must be put together of all attributes.
 */
export class SeriesInOrder {
  readonly #byKey = new Map<string, Series>()
  /** In the order of the last pass. */
  #before: readonly Series[] = []
  #now: Series[] = []
  /** Where in the last pass the next one is likely. */
  #likely = 0

  /** The series with these attributes, which no other point of this pass has. */
  next(attributes: Attributes): Series {
    const likely = this.#before[this.#likely]
    const isIt = likely !== undefined && areEqual(likely.attributes, attributes)
    const series = isIt ? likely : this.#byKeyOf(attributes)
    this.#likely = series.at + 1
    series.at = this.#now.length
    this.#now.push(series)
    return series
  }

  /** Ends a pass over all series that there are: others are forgotten. */
  end(): void {
    if (this.#byKey.size > this.#now.length) {
      for (const [key, series] of this.#byKey) if (this.#now[series.at] !== series) this.#byKey.delete(key)
    }
    this.#before = this.#now
    this.#now = []
    this.#likely = 0
  }

  #byKeyOf(attributes: Attributes): Series {
    const key = keyOf(attributes)
    let series = this.#byKey.get(key)
    if (series === undefined) {
      series = { attributes, arrived: undefined, at: this.#likely - 1 }
      this.#byKey.set(key, series)
    }
    return series
  }
}

/** Whether attributes are equal; arrays must be the same one. */
function areEqual(a: Attributes, b: Attributes): boolean {
  let more = 0
  for (const name in a) {
    if (a[name] !== b[name]) return false
    more++
  }
  for (const _name in b) more--
  return more === 0
}

/** The same for equal attributes, in whatever order they were given. */
function keyOf(attributes: Attributes): string {
  let key = ''
  for (const name of Object.keys(attributes).sort()) {
    const value = attributes[name]
    const text = typeof value === 'string' ? `"${value}` : String(JSON.stringify(value))
    // With their lengths, so that no text can pass for two.
    key += `${name.length},${text.length}:${name}${text}`
  }
  return key
}
