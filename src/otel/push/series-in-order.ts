import type { Attributes, HrTime } from '@opentelemetry/api'
import type { DataPoint } from '@opentelemetry/sdk-metrics'

/** A series, and the point that it had when it last arrived. */
export interface Series {
  /** As the last pass had them, so that they are held once: the point that arrived has the same. */
  attributes: Attributes
  arrived: DataPoint<unknown> | undefined
  /** When the last pass was that did not know of it. */
  readonly unknownTime: HrTime | undefined
  /** Its place in the last pass that had it. */
  at: number
}

/**
 * The series of a stream, which come again and again, mostly in the order of the last time: the one that came next then is
 * looked at first, which takes a few comparisons. Only where that is another one, keys are put together of all attributes;
 * they are not kept, as they take more memory than all else.
 */
export class SeriesInOrder {
  /** Since when some of its points may be what other series were told by, in milliseconds since the epoch. */
  inheritedMs: number | undefined
  /** When the last pass was. */
  passedTime: HrTime | undefined
  /** In the order of the last pass. */
  #before: readonly Series[] = []
  #now: Series[] = []
  /** How many of these this pass has not had yet. */
  #left = 0
  /** Where in the last pass the next one is likely. */
  #likely = 0
  /** Those of the last pass by their keys, where this one has asked for them. */
  #byKey: Map<string, Series> | undefined

  /** The series with these attributes, which no other point of this pass has. */
  next(attributes: Attributes): Series {
    const likely = this.#before[this.#likely]
    const isIt = likely !== undefined && areEqual(likely.attributes, attributes)
    const known = isIt ? likely : this.#find(attributes)
    if (known !== undefined) this.#left--
    const series = known ?? { attributes, arrived: undefined, unknownTime: this.passedTime, at: this.#likely - 1 }
    this.#likely = series.at + 1
    series.at = this.#now.length
    series.attributes = attributes
    this.#now.push(series)
    return series
  }

  /** The points that arrived, in the order of the last pass. */
  arrived(): DataPoint<unknown>[] {
    return this.#before.flatMap(({ arrived }) => arrived ?? [])
  }

  /**
   * Ends a pass over all series that there are. Those that it did not have are forgotten where, with them, there would be
   * more than `most`.
   */
  end(most = 0): void {
    const now = this.#now
    if (this.#left > 0 && now.length + this.#left <= most) {
      for (const series of this.#before) {
        if (now[series.at] === series) continue
        series.at = now.length
        now.push(series)
      }
    }
    this.#before = now
    this.#left = now.length
    this.#now = []
    this.#likely = 0
    this.#byKey = undefined
  }

  #find(attributes: Attributes): Series | undefined {
    // New series mostly stand behind all others.
    if (this.#left === 0) return undefined
    this.#byKey ??= new Map(this.#before.map((series) => [keyOf(series.attributes), series]))
    return this.#byKey.get(keyOf(attributes))
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
export function keyOf(attributes: Attributes): string {
  let key = ''
  for (const name of Object.keys(attributes).sort()) {
    const value = attributes[name]
    const text = typeof value === 'string' ? `"${value}` : String(JSON.stringify(value))
    // With their lengths, so that no text can pass for two.
    key += `${name.length},${text.length}:${name}${text}`
  }
  return key
}
